"""Ways to search, from outside: islands, the novelty filter, baselines and early stopping."""
import json
import unittest

from samara_cli import CliTest

SMALL = ["--iterations", "8", "--batch", "64", "--rng-seed", "5"]


class Search(CliTest):
    def test_islands_have_figures_of_their_own(self):
        self.evolve("run", *SMALL, "--islands", "4", "--migration-interval", "3")
        stats = self.json("stats", self.path("run"))
        self.assertEqual(len(stats["islands"]), 4)
        for island in stats["islands"]:
            self.assertLessEqual(island["num_elites"], stats["num_elites"])
            self.assertLessEqual(island["max_fitness"], stats["max_fitness"])
        self.assertIn("island 4", self.samara("stats", self.path("run")).stdout)
        self.samara("verify", self.path("run"))

    def test_all_of_it_resumes_to_the_same_run(self):
        for name, flags in {"islands": ["--islands", "3", "--novelty", "0.98", "--migration-interval", "2"],
                            "iid": ["--baseline", "iid"], "sequential": ["--baseline", "sequential"]}.items():
            self.evolve(name, *SMALL, *flags, "--workers", "1")
            self.evolve(name + "2", "--iterations", "3", *SMALL[2:], *flags)
            self.samara("resume", self.path(name + "2"), "--iterations", "8", "--quiet")
            self.assertEqual(self.digest(name), self.digest(name + "2"), name)

    def test_what_is_not_novel_is_not_executed(self):
        self.evolve("run", *SMALL, "--novelty", "0.8")
        stats = self.json("stats", self.path("run"))
        self.assertGreater(stats["outcomes"]["not_novel"], 0)
        self.samara("verify", self.path("run"))
        last = self.samara("stats", self.path("run"), "--history").stdout.splitlines()[-1].split(",")
        refused = sum(stats["outcomes"][name] for name in ("not_novel", "duplicate", "unchanged", "no_diff"))
        self.assertEqual(int(last[-1]), stats["evaluations"] - refused)

    def test_patience_ends_a_run_and_resume_carries_it_on(self):
        done = self.samara("evolve", "sodarace", "--operator", "gp", "--run", self.path("run"), *SMALL, "--patience", "2",
                           "--patience-gain", "1000")
        self.assertIn("stopped early: no improvement in 2 iterations", done.stderr)
        self.assertIn("stopped early", done.stdout)
        stats = self.json("stats", self.path("run"))
        self.assertLess(stats["iterations"], 8)
        self.assertIn("has not improved", stats["stopped_early"])
        again = self.samara("resume", self.path("run"))
        self.assertIn("stopped early", again.stderr)
        self.assertEqual(self.json("stats", self.path("run"))["iterations"], stats["iterations"])
        self.samara("resume", self.path("run"), "--patience", "0", "--quiet")
        self.assertEqual(self.json("stats", self.path("run"))["iterations"], 8)
        self.assertIsNone(self.json("stats", self.path("run"))["stopped_early"])
        self.evolve("whole", *SMALL)
        self.assertEqual(self.digest("whole"), self.digest("run"))

    def test_a_target_ends_a_run(self):
        self.evolve("run", *SMALL, "--target-fitness", "0.1")
        stats = self.json("stats", self.path("run"))
        self.assertGreaterEqual(stats["max_fitness"], 0.1)
        self.assertIn("target 0.1", stats["stopped_early"])

    def test_mistakes_are_refused(self):
        for expected, *flags in (("islands is 100, but must be from 1 to 64", "--islands", "100"),
                                 ("no population", "--baseline", "iid", "--islands", "2"),
                                 ("did you mean 'sequential'", "--baseline", "sequentiell"),
                                 ("novelty is 1.5", "--novelty", "1.5")):
            done = self.evolve("x", *SMALL, *flags, code=2)
            self.assertIn(expected, done.stderr)


if __name__ == "__main__":
    unittest.main()
