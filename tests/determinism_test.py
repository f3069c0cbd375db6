"""The same seed gives the same run: on any number of workers, and however often it was killed."""
import os
import random
import signal
import subprocess
import time
import unittest

from samara_cli import SAMARA, CliTest

SMALL = ["--operator", "gp", "--iterations", "12", "--batch", "96", "--rng-seed", "5"]


class Determinism(CliTest):
    def test_the_number_of_workers_changes_nothing(self):
        digests = set()
        for workers in (1, 2, 7):
            self.evolve(f"w{workers}", *SMALL, "--workers", str(workers))
            digests.add(self.digest(f"w{workers}"))
        self.assertEqual(len(digests), 1)

    def test_another_seed_is_another_run(self):
        self.evolve("a", *SMALL)
        self.evolve("b", *SMALL[:-1], "6")
        self.assertNotEqual(self.digest("a"), self.digest("b"))

    def check_kills(self, *flags):
        started = time.monotonic()
        self.evolve("whole", *SMALL, *flags)
        duration = time.monotonic() - started

        seed = random.randrange(10**6)
        rng = random.Random(seed)
        run = self.path("killed")
        command = [SAMARA, "evolve", "sodarace", "--run", run, "--quiet", *SMALL, *flags]
        kills = 0
        for _ in range(60):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=rng.uniform(0.02, 0.6) * duration)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
            if os.path.exists(os.path.join(run, "run.db")):
                command = [SAMARA, "resume", run, "--quiet"]
            self.assertIn(process.returncode, (0, -signal.SIGKILL), "it ended by itself")
            if process.returncode == 0:
                break
        self.samara("resume", run, "--quiet")
        self.assertGreater(kills, 0)
        self.assertEqual(self.digest("killed"), self.digest("whole"), f"kill times from seed {seed}")

    def test_killed_at_random_moments_and_resumed_is_the_same_run(self):
        self.check_kills()

    def test_so_is_one_with_islands_novelty_and_patience(self):
        self.check_kills("--islands", "3", "--migration-interval", "2", "--novelty", "0.95", "--patience", "6",
                         "--patience-gain", "1000")
        stats = self.json("stats", self.path("killed"))
        self.assertGreater(stats["outcomes"]["not_novel"], 0)
        self.assertIn("has not improved", stats["stopped_early"])
        self.assertLess(stats["iterations"], 12)

    def test_extending_a_finished_run_equals_a_longer_one(self):
        self.evolve("long", "--iterations", "8", "--batch", "64")
        self.evolve("short", "--iterations", "5", "--batch", "64")
        self.samara("resume", self.path("short"), "--iterations", "8", "--quiet")
        log = lambda run: self.samara("export", self.path(run), "--sources").stdout
        self.assertEqual(log("long"), log("short"))

    def test_the_signature_does_not_depend_on_workers(self):
        one = self.samara("bench", "signature", "--workers", "1").stdout
        self.assertEqual(one, self.samara("bench", "signature", "--workers", "3").stdout)
        self.assertRegex(one, r"^signature [0-9a-f]{64}\n$")


if __name__ == "__main__":
    unittest.main()
