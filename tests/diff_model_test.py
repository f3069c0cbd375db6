"""The language model as mutation operator, from outside: the same run on any number of workers and after kills, with
fine-tuning in the middle; fine-tuning on finished runs; mistakes get clear errors."""
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from samara_cli import SAMARA, CliTest

MODELS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "models")
SMALL = ["--operator", "diff", "--iterations", "6", "--batch", "64", "--rng-seed", "5"]
# Two trainings, of a few steps each.
LEARNING = [*SMALL, "--finetune-every", "2", "--finetune-tokens", "4000"]


class DiffModel(CliTest):
    def models(self, run):
        return sorted(os.listdir(self.path(f"{run}/models")))

    def test_the_number_of_workers_changes_nothing(self):
        digests = set()
        for workers in (1, 3):
            self.evolve(f"w{workers}", *SMALL, "--workers", str(workers))
            digests.add(self.digest(f"w{workers}"))
        self.assertEqual(len(digests), 1)

    def test_most_proposals_apply_and_some_are_accepted(self):
        self.evolve("run", *SMALL)
        stats = self.json("stats", self.path("run"))
        self.assertGreater(stats["valid_share"], 0.7)
        self.assertGreater(stats["accepted_share"], 0.0)
        self.assertEqual(sorted(stats["arms"]), ["diff.change", "diff.parameters", "diff.small"])

    def test_runs_of_different_models_do_not_count_as_two_of_a_kind(self):
        small = ["--operator", "diff", "--iterations", "1", "--batch", "32"]
        self.evolve("bundled", *small, "--rng-seed", "1")
        self.evolve("again", *small, "--rng-seed", "2")
        self.evolve("tuned", *small, "--rng-seed", "3", "--model", os.path.join(MODELS, "diff-sodarace"))
        bundled, again, tuned = map(self.path, ("bundled", "again", "tuned"))
        self.samara("compare", "both:", bundled, again, "tuned:", tuned)
        os.rename(again, self.path("moved"))
        again = self.path("moved")
        self.samara("compare", "both:", bundled, again)
        refused = self.samara("compare", "all:", bundled, again, tuned, code=2)
        self.assertIn("write with different models", refused.stderr)

    def test_a_run_that_learns_is_the_same_on_any_number_of_workers_and_after_kills(self):
        started = time.monotonic()
        self.evolve("whole", *LEARNING, "--workers", "1")
        duration = time.monotonic() - started
        self.assertEqual(self.models("whole"), ["0", "1", "2"])

        seed = random.randrange(10**6)
        rng = random.Random(seed)
        run = self.path("killed")
        command = [SAMARA, "evolve", "sodarace", "--run", run, "--quiet", "--workers", "2", *LEARNING]
        for _ in range(12):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            try:
                process.wait(timeout=rng.uniform(0.1, 0.7) * duration)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
            errors = process.stderr.read()
            process.stderr.close()
            self.assertIn(process.returncode, (0, -signal.SIGKILL), f"it ended by itself: {errors}")
            if os.path.exists(os.path.join(run, "run.db")):
                command = [SAMARA, "resume", run, "--quiet", "--workers", "2"]
            if process.returncode == 0:
                break
        self.samara("resume", run, "--quiet")
        self.assertEqual(self.digest("killed"), self.digest("whole"), f"kill times from seed {seed}")

    def test_a_run_that_accepted_nothing_goes_on_with_the_model_it_has(self):
        # In front of iteration 2 the log is sure to hold the seed alone.
        self.evolve("run", "--operator", "diff", "--iterations", "2", "--batch", "8", "--finetune-every", "1",
                    "--finetune-tokens", "2000")
        digest = lambda model: self.json("lm", "inspect", model)["digest"]
        self.assertEqual(self.models("run"), ["0", "1"])
        self.assertEqual(digest(self.path("run/models/1")), digest(self.path("run/models/0")))

    def test_finetuning_on_a_run_makes_a_model_that_runs(self):
        self.evolve("run", *SMALL)
        self.samara("finetune", "--from", self.path("run"), "--tokens", "4000", "--out", self.path("tuned"), "--quiet")
        digest = lambda model: self.json("lm", "inspect", model)["digest"]
        self.assertNotEqual(digest(self.path("tuned")), digest(self.path("run/models/0")))
        self.evolve("again", *SMALL, "--model", self.path("tuned"))
        self.assertEqual(digest(self.path("again/models/0")), digest(self.path("tuned")), "a run keeps its model")
        # The run needs nothing from outside any more.
        shutil.rmtree(self.path("tuned"))
        self.samara("resume", self.path("again"), "--iterations", "8", "--quiet")
        self.samara("evolve", "--spec", self.path("again/run.toml"), "--iterations", "8", "--run", self.path("repeated"),
                    "--quiet")
        self.assertEqual(self.digest("again"), self.digest("repeated"))

    def test_genetic_runs_can_seed_the_model(self):
        self.evolve("gp", "--operator", "gp", "--iterations", "4", "--batch", "64")
        done = self.samara("finetune", "--from", self.path("gp"), "--tokens", "4000", "--out", self.path("tuned"))
        self.assertIn("operator gp", done.stderr)
        self.assertTrue(os.path.exists(self.path("tuned/model.safetensors")))

    def test_operators_can_be_mixed(self):
        self.evolve("mixed", "--operator", "gp+diff", "--iterations", "4", "--batch", "64")
        arms = self.json("stats", self.path("mixed"))["arms"]
        self.assertIn("gp.constant", arms)
        self.assertIn("diff.small", arms)

    def test_messages_can_be_of_ones_own(self):
        self.evolve("own", *SMALL, "--messages", "speed=Make {function} faster.")
        log = self.samara("export", self.path("own")).stdout
        notes = {json.loads(line).get("note") for line in log.splitlines()}
        self.assertIn("Make make_walker faster.", notes)

    def test_mistakes_say_what_to_do(self):
        missing = self.evolve("a", *SMALL, "--model", self.path("nowhere"), code=4).stderr
        self.assertIn("nowhere", missing)
        self.assertFalse(os.path.exists(self.path("a")), "nothing is left of a run that could not begin")
        os.makedirs(self.path("broken"))
        shutil.copytree(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "models", "diff"),
                        self.path("broken"), dirs_exist_ok=True)
        with open(self.path("broken/model.safetensors"), "r+b") as file:
            file.truncate(1000)
        self.assertIn("model.safetensors", self.evolve("b", *SMALL, "--model", self.path("broken"), code=3).stderr)
        self.assertIn("gp+diff", self.evolve("c", "--operator", "gp", "--finetune-every", "2", code=2).stderr)
        self.assertIn("did you mean", self.evolve("d", "--operator", "dif", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
