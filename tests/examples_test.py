"""Every example scores its seed and evolves something better within seconds, without a language model."""
import pathlib
import unittest

from samara_cli import CliTest

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/task.toml"))


class Examples(CliTest):
    def score(self, folder, program=None):
        return self.json("eval", folder, program or next(folder.glob("program.*")))

    def test_every_seed_is_scored(self):
        self.assertGreaterEqual(len(FOLDERS), 6)
        for folder in FOLDERS:
            with self.subTest(folder.name):
                self.assertIn("fitness", self.score(folder))

    def test_every_program_gets_better(self):
        for folder in FOLDERS:
            with self.subTest(folder.name):
                run = self.path(folder.name)
                self.samara("evolve", folder, "--run", run, "--iterations", "12", "--batch", "32", "--rng-seed", "1", "--quiet")
                self.assertGreater(self.json("stats", run)["max_fitness"], self.score(folder)["fitness"])

    def test_a_sort_with_fewer_comparisons_scores_higher(self):
        folder = EXAMPLES / "sorting_c"
        source = (folder / "program.c").read_text()
        begin, end = source.index("/* Shell sort"), source.index("/* EVOLVE-BLOCK-END")
        insertion = """void sort(int* items, size_t count) {
  for (size_t i = 1; i < count; ++i) {
    int item = items[i];
    size_t low = 0, high = i;
    while (low < high) {
      size_t middle = (low + high) / 2;
      if (less(item, items[middle])) high = middle; else low = middle + 1;
    }
    for (size_t j = i; j > low; --j) items[j] = items[j - 1];
    items[low] = item;
  }
}
"""
        better = pathlib.Path(self.path("better.c"))
        better.write_text(source[:begin] + insertion + source[end:])
        self.assertGreater(self.score(folder, better)["fitness"], 1.3 * self.score(folder)["fitness"])

    def test_a_sort_that_does_not_ask_is_none(self):
        folder = EXAMPLES / "sorting_c"
        cheat = pathlib.Path(self.path("cheat.c"))
        cheat.write_text((folder / "program.c").read_text().replace("less(item, items[j - gap])", "item < items[j - gap]"))
        self.assertEqual(self.score(folder, cheat)["outcome"], "runtime_error")


if __name__ == "__main__":
    unittest.main()
