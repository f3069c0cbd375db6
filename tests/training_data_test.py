"""Exported training data: every line parses, and every edit turns its program into the child that it names."""
import hashlib
import json
import re
import unittest

from samara_cli import CliTest

RUN = ["--iterations", "12", "--batch", "64", "--rng-seed", "4"]


def program_id(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def program_of(prompt):
    """The fenced program in a prompt."""
    found = re.search(r"\n(```+)\n(.*)\1\n\Z", prompt, re.DOTALL)
    return found.group(2)


def apply_unified(before, diff):
    """A strict applier: every line number, context line and removed line must be right."""
    lines, result, at = before.splitlines(keepends=True), [], 0
    for line in diff.splitlines(keepends=True):
        if line.startswith("@@"):
            start, count = re.match(r"@@ -(\d+)(?:,(\d+))? \+", line).groups()
            start = int(start) - (0 if count == "0" else 1)
            result += lines[at:start]
            at = start
        elif line.startswith("\\"):
            result[-1] = result[-1].rstrip("\n")
        elif line[0] in " -":
            assert lines[at].rstrip("\n") == line[1:].rstrip("\n"), (lines[at], line)
            result += [line[1:]] if line[0] == " " else []
            at += 1
        else:
            assert line[0] == "+", line
            result.append(line[1:])
    return "".join(result + lines[at:])


def apply_blocks(before, text):
    """A strict applier: what is searched for must be there once."""
    after = "\n" + before  # so that a search begins where a line does
    blocks = re.findall(r"<<<<<<< SEARCH\n(.*?)=======\n(.*?)>>>>>>> REPLACE\n", text, re.DOTALL)
    assert blocks
    for search, replace in blocks:
        assert ("\n" + before).count("\n" + search) == 1, search
        after = after.replace("\n" + search, "\n" + replace)
    return after[1:]


class TrainingData(CliTest):
    def lines(self, *flags):
        return [json.loads(line) for line in self.samara("export", *flags).stdout.splitlines()]

    def log(self):
        return [json.loads(line) for line in self.samara("export", self.path("run")).stdout.splitlines()]

    def test_every_accepted_edit_is_there_and_applies(self):
        self.evolve("run", *RUN)
        accepted = [row for row in self.log() if row["outcome"] == "accepted" and row["parent"] and not row["donor"]]
        whole = lambda _, block: program_of("\n" + block)
        for edits, apply in (("unified", apply_unified), ("search-replace", apply_blocks), ("rewrite", whole)):
            lines = self.lines(self.path("run"), "--format", "sft", "--edits", edits)
            self.assertEqual([(row["iteration"], row["slot"]) for row in lines],
                             [(row["iteration"], row["slot"]) for row in accepted])
            for row in lines:
                user, assistant = row["messages"]
                self.assertEqual((user["role"], assistant["role"]), ("user", "assistant"))
                parent = program_of(user["content"])
                self.assertEqual(program_id(parent), row["parent"])
                self.assertEqual(program_id(apply(parent, assistant["content"])), row["program"])
                self.assertTrue(row["operator"].startswith("gp."))
                self.assertEqual(row["run"], self.digest("run"))

    def test_every_pair_has_a_better_and_a_worse_edit_of_one_program(self):
        self.evolve("run", *RUN)
        for pairs in ("siblings", "niche"):
            lines = self.lines(self.path("run"), "--format", "dpo", "--pairs", pairs, "--min-improvement", "0.5")
            self.assertGreater(len(lines), 5)
            used = []
            for row in lines:
                parent = program_of(row["prompt"][0]["content"])
                self.assertEqual(program_id(parent), row["parent"])
                for side in ("chosen", "rejected"):
                    child = apply_unified(parent, row[side][0]["content"])
                    self.assertEqual(program_id(child), row[f"{side}_program"])
                    used.append(row[f"{side}_program"])
                self.assertGreaterEqual(row["chosen_fitness"] - row["rejected_fitness"], 0.5)
            self.assertEqual(len(used), len(set(used)), "a child is in one pair at most")

    def test_failures_can_be_the_worse_side(self):
        self.evolve("run", *RUN)
        lines = self.lines(self.path("run"), "--format", "dpo", "--outcomes", "runtime_error,invalid_phenotype")
        self.assertGreater(len(lines), 0)
        for row in lines:
            self.assertIn(row["rejected_outcome"], ("runtime_error", "invalid_phenotype"))
            self.assertIsNone(row["rejected_fitness"])

    def test_filters_and_several_runs(self):
        self.evolve("run", *RUN)
        self.evolve("other", *RUN[:-1], "5")
        run, other = self.path("run"), self.path("other")
        both = self.lines("--format", "sft", "--from", run, other)
        self.assertEqual(both, self.lines("--format", "sft", run) + self.lines("--format", "sft", other))
        better = self.lines("--format", "sft", "--min-improvement", "0.25", "--from", run, other)
        self.assertEqual(better, [row for row in both if row["fitness"] - row["parent_fitness"] >= 0.25])
        self.assertTrue(0 < len(better) < len(both))
        asked = self.lines("--format", "sft", "--instruction", "Make it faster.", run)
        self.assertTrue(all(row["messages"][0]["content"].startswith("Make it faster.\n\n") for row in asked))

    def test_mistakes_are_refused(self):
        self.evolve("run", *RUN)
        run = self.path("run")
        self.assertIn("sft and dpo take several", self.samara("export", run, run, code=2).stderr)
        self.assertIn("duplicate", self.samara("export", "--format", "dpo", "--outcomes", "duplicate", run, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
