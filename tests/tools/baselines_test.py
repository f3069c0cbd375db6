"""Facts about tools/baselines.py, with a stand-in for samara whose scores depend on the baseline and the run seed."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

BASELINES = pathlib.Path(__file__).resolve().parents[2] / "tools/baselines.py"
STAND_IN = """#!/usr/bin/python3 -IS
import json, os, sys
flag = lambda name: sys.argv[sys.argv.index(name) + 1]
scores = json.loads(os.environ["SCORES"])
score = scores[flag("--baseline")] + 0.01 * int(flag("--rng-seed"))
print(json.dumps({"evaluations": int(flag("--batch")) * int(flag("--iterations")), "max_fitness": score,
                  "coverage": 0.5, "qd_score": score}))
"""


class BaselinesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.program = pathlib.Path(folder.name) / "samara"
        self.program.write_text(STAND_IN)
        self.program.chmod(0o755)

    def run_tool(self, *args, none=1.0, iid=1.0, sequential=1.0):
        scores = f'{{"none": {none}, "iid": {iid}, "sequential": {sequential}}}'
        return subprocess.run([sys.executable, "-B", BASELINES, "--program", self.program, *args, "--", "sodarace"],
                              capture_output=True, text=True, env={"SCORES": scores, "PATH": "/usr/bin:/bin"})

    def test_evolution_that_beats_both_is_worth_it(self):
        out = self.run_tool("--candidates", "1024", none=5.0, iid=2.0, sequential=3.0).stdout
        self.assertIn("Is evolution worth it here? Yes.", out)
        self.assertIn("QD score: evolution is better (against sequential: +2, 95 % interval 2 to 2)", out)
        self.assertIn("coverage: evolution shows no difference", out)
        self.assertIn("| evolution | 5.02 +- ", out)

    def test_evolution_that_loses_says_no(self):
        self.assertIn("worth it here? No.", self.run_tool(none=1.0, iid=2.0).stdout)

    def test_no_difference_is_not_shown(self):
        self.assertIn("worth it here? Not shown.", self.run_tool().stdout)

    def test_candidates_are_whole_batches(self):
        done = self.run_tool("--candidates", "1000")
        self.assertEqual(done.returncode, 2)
        self.assertIn("multiple of 512", done.stderr)


if __name__ == "__main__":
    unittest.main()
