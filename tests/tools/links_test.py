"""Facts about the documents: what a page links to and what a source file sends its reader to is there."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
MENTION = re.compile(r"\b(?:docs|bench|examples|fuzz)/[\w./-]*\w\.\w+")
SKIPPED = {"build", "runs", ".git"}


def files(*suffixes):
    for path in sorted(ROOT.rglob("*")):
        if path.suffix in suffixes and not SKIPPED & set(path.relative_to(ROOT).parts):
            yield path


class LinksTest(unittest.TestCase):
    def test_links_between_pages_lead_somewhere(self):
        broken = [f"{page.relative_to(ROOT)} links to {target}"
                  for page in files(".md")
                  for target in LINK.findall(page.read_text(encoding="utf-8"))
                  if "://" not in target and not (page.parent / target).exists()]
        self.assertFalse(broken, "\n" + "\n".join(broken))

    def test_pages_that_sources_name_exist(self):
        broken = [f"{source.relative_to(ROOT)} names {target}"
                  for source in files(".h", ".cc", ".py", ".sh", ".cmake")
                  for target in MENTION.findall(source.read_text(encoding="utf-8"))
                  if not (ROOT / target).exists()]
        self.assertFalse(broken, "\n" + "\n".join(broken))


if __name__ == "__main__":
    unittest.main()
