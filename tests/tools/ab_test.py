"""Facts about tools/ab.py, with a stand-in for samara whose QD score is its run seed times --factor."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

AB = pathlib.Path(__file__).resolve().parents[2] / "tools/ab.py"
STAND_IN = """#!/usr/bin/python3 -IS
import json, os, sys
args = sys.argv[1:]
flag = lambda name: args[args.index(name) + 1]
if args[0] == "evolve":
    os.mkdir(flag("--run"))
    open(flag("--run") + "/score", "w").write(str(float(flag("--rng-seed")) * float(flag("--factor"))))
else:
    print(json.dumps({"qd_score": float(open(args[1] + "/score").read())}))
"""


class AbTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.program = pathlib.Path(folder.name) / "samara"
        self.program.write_text(STAND_IN)
        self.program.chmod(0o755)

    def ab(self, *args):
        return subprocess.run([sys.executable, AB, "--program-a", self.program, "--program-b", self.program, *args,
                               "--", "sodarace"], capture_output=True, text=True)

    def test_a_difference_beyond_its_interval_is_named(self):
        # Differences 1, 2, 3: mean 2, standard deviation 1, interval 2 -+ 4.303 / sqrt(3).
        self.assertIn("B - A = 2, 95 % interval -0.484", self.ab("--a", "--factor 1", "--b", "--factor 2",
                                                                  "--pairs", "3").stdout)
        self.assertIn("(5 pairs): B is better", self.ab("--a", "--factor 1", "--b", "--factor 2",
                                                                "--pairs", "5").stdout)
        self.assertIn("(5 pairs): A is better", self.ab("--a", "--factor 2", "--b", "--factor 1",
                                                                "--pairs", "5").stdout)

    def test_equal_variants_show_no_difference(self):
        self.assertIn("no difference shown", self.ab("--a", "--factor 1", "--b", "--factor 1",
                                                       "--pairs", "2").stdout)

    def test_an_unknown_metric_is_an_error(self):
        done = self.ab("--a", "--factor 1", "--b", "--factor 1", "--metric", "beauty")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no number beauty", done.stderr)


if __name__ == "__main__":
    unittest.main()
