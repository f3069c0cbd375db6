"""Tasks of the user's own from outside: made, scored, evolved, killed and resumed."""
import json
import os
import pathlib
import random
import resource
import signal
import sqlite3
import subprocess
import time
import unittest

from samara_cli import SAMARA, CliTest
from scripted_endpoint import Endpoint

SMALL = ["--iterations", "6", "--batch", "8", "--rng-seed", "3", "--quiet"]


def read_or_nothing(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


class Tasks(CliTest):
    def setUp(self):
        super().setUp()
        self.task = pathlib.Path(self.path("sine"))
        self.samara("new", "task", self.task)

    def run_task(self, run, *flags, code=0):
        return self.samara("evolve", self.task, "--run", self.path(run), *SMALL, *flags, code=code)

    def test_the_number_of_workers_changes_nothing(self):
        digests = set()
        for workers in (1, 3):
            self.run_task(f"w{workers}", "--workers", workers)
            digests.add(self.digest(f"w{workers}"))
        self.assertEqual(len(digests), 1)

    def test_killed_and_resumed_is_the_same_run(self):
        self.run_task("whole")
        seed = random.randrange(10**6)
        rng = random.Random(seed)
        run = self.path("killed")
        command = [SAMARA, "evolve", str(self.task), "--run", run, *SMALL]
        for _ in range(6):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=rng.uniform(0.3, 4))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
            if os.path.exists(os.path.join(run, "run.db")):
                command = [SAMARA, "resume", run, "--quiet"]
            if process.returncode == 0:
                break
        self.samara(*command[1:])
        self.assertEqual(self.digest("killed"), self.digest("whole"), f"kill times from seed {seed}")

    def test_a_run_is_whole_without_its_task(self):
        self.run_task("run")
        for path in self.task.iterdir():
            path.unlink()
        self.samara("resume", self.path("run"), "--iterations", "8", "--quiet")
        stats = self.json("stats", self.path("run"))
        self.assertEqual(stats["iterations"], 8)
        self.assertGreater(stats["outcomes"]["accepted"], 0)
        shown = self.json("show", self.path("run"))
        self.assertIn("error", shown["details"]["metrics"])
        self.samara("map", self.path("run"), "--out", self.path("map.svg"))
        best = pathlib.Path(self.path("run")) / "best"
        info = json.loads((best / "best_program_info.json").read_text())
        self.assertEqual(info["id"], shown["program"])
        self.assertEqual((best / "best_program.py").read_text(), shown["source"])
        self.assertEqual(info["metrics"]["combined_score"], info["fitness"])

    def test_a_changed_task_is_not_carried_on(self):
        self.run_task("run")
        copy = pathlib.Path(self.path("run")) / "task" / "evaluator.py"
        text = copy.read_text()
        copy.chmod(0o644)
        copy.write_text(text + "# another one\n")
        for command in (["resume", self.path("run"), "--iterations", "8", "--quiet"], ["verify", self.path("run")]):
            done = subprocess.run([SAMARA, *command], capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(f"{copy} has changed since the run began", done.stderr)
        copy.write_text(text)
        self.samara("resume", self.path("run"), "--iterations", "8", "--quiet")
        self.samara("verify", self.path("run"))

    def test_a_run_without_digests_of_its_task_is_carried_on(self):
        self.run_task("run")
        with sqlite3.connect(os.path.join(self.path("run"), "run.db")) as database:
            self.assertEqual(database.execute("DELETE FROM meta WHERE key = 'task_files'").rowcount, 1)
        database.close()
        copy = pathlib.Path(self.path("run")) / "task" / "evaluator.py"
        copy.chmod(0o644)
        copy.write_text(copy.read_text() + "# another one\n")
        self.samara("resume", self.path("run"), "--iterations", "8", "--quiet")

    def test_a_seed_that_a_threshold_stops_says_so(self):
        (self.task / "task.toml").write_text(
            "fitness = 's1'\n[[evaluator.stages]]\nfunction = 'one'\nthreshold = 0.5\n"
            "[[evaluator.stages]]\nfunction = 'two'\n[[behavior]]\nname = 'bx'\n")
        (self.task / "evaluator.py").write_text("def one(path): return {'s1': 0.2}\ndef two(path): return {'bx': 1}\n")
        done = subprocess.run([SAMARA, "evolve", str(self.task), "--run", self.path("run"), *SMALL],
                              capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("stopped after stage 1: s1 0.2 is below 0.5", done.stderr)
        self.assertIn("improve it, or ask less of it", done.stderr)

    def test_a_declared_metric_that_nobody_gives_is_told(self):
        file = self.task / "task.toml"
        file.write_text('[metrics]\nerror = "min"\nspead = "max"\n')
        done = self.samara("evolve", self.task, "--run", self.path("run"), *SMALL)
        self.assertRegex(done.stderr, r"warning: \[metrics\] of task.toml names spead, .* it gave .*error")
        file.write_text(file.read_text().replace('spead = "max"\n', ""))
        done = self.samara("evolve", self.task, "--run", self.path("right"), *SMALL)
        self.assertNotIn("warning", done.stderr)

    def test_only_the_block_changes(self):
        self.run_task("run")
        fixed = (self.task / "program.py").read_text().split("# EVOLVE-BLOCK-END")[1]
        log = self.samara("export", self.path("run"), "--sources").stdout.splitlines()
        sources = [entry["source"] for entry in map(json.loads, log) if entry.get("source")]
        self.assertGreater(len(set(sources)), 5)
        for source in sources:
            self.assertEqual(source.split("# EVOLVE-BLOCK-END")[1], fixed)

    def test_a_range_that_grows_keeps_every_elite_in_its_niche(self):
        (self.task / "task.toml").write_text('[[behavior]]\nname = "error"\nbins = 5\n[[behavior]]\nname = "program_size"\n')
        self.run_task("run")
        self.samara("resume", self.path("run"), "--iterations", "9", "--quiet")
        self.samara("evolve", self.task, "--run", self.path("whole"), "--iterations", "9", *SMALL[2:])
        self.assertEqual(self.samara("export", self.path("run")).stdout, self.samara("export", self.path("whole")).stdout)
        self.samara("verify", self.path("run"))

    def test_a_killed_process_takes_its_evaluation_along(self):
        (self.task / "task.toml").write_text("[limits]\nwall_seconds = 100\n")
        seconds = f"{random.uniform(50, 60):.6f}"
        (self.task / "evaluator.py").write_text(
            f"import subprocess\ndef evaluate(path):\n    subprocess.run(['sleep', '{seconds}'])\n    return {{'a': 1}}\n")

        def asleep():
            return [p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline") if seconds.encode() in read_or_nothing(p)]

        def wait_for(condition):
            end = time.monotonic() + 30
            while not condition() and time.monotonic() < end:
                time.sleep(0.05)
            return condition()

        process = subprocess.Popen([SAMARA, "eval", str(self.task), str(self.task / "program.py")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertTrue(wait_for(asleep))
        process.kill()
        process.wait()
        self.assertTrue(wait_for(lambda: not asleep()))

    def test_limits_of_the_system_below_those_of_the_task_are_no_failure(self):
        def lower():
            resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

        done = self.samara("eval", self.task, self.task / "program.py", "--json", preexec_fn=lower)
        self.assertEqual(json.loads(done.stdout)["outcome"], "scored")

    def test_what_cannot_be_right_is_said_and_leaves_nothing(self):
        rows = [("langage = 'c'", "did you mean 'language'"), ("program = 'none.py'", "none.py"),
                ("[evaluator]\npython = 'none.py'", "none.py"), ("[evaluator]\nfunction = 'f'", "'f'"),
                ("[[behavior]]\nname = 'nothing'", "'nothing'")]
        (self.task / "rem.py").write_text("REM EVOLVE-BLOCK-START\n")
        rows.append(("program = 'rem.py'", 'line 1: "REM EVOLVE-BLOCK-START"'))
        for text, words in rows:
            (self.task / "task.toml").write_text(text)
            done = subprocess.run([SAMARA, "evolve", str(self.task), "--run", self.path("run"), *SMALL],
                                  capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0, text)
            self.assertIn(words, done.stderr)
            self.assertFalse(os.path.exists(self.path("run")), text)

    def test_python_operators_refuse_other_languages_and_name_one_that_does_not(self):
        self.samara("new", "task", self.path("sort"), "--language", "c")
        done = self.samara("evolve", self.path("sort"), "--operator", "gp", "--run", self.path("run"), *SMALL, code=2)
        self.assertIn("--operator text", done.stderr)
        self.assertFalse(os.path.exists(self.path("run")))

    def test_another_systems_task_runs_as_it_is(self):
        folder = pathlib.Path(self.path("theirs"))
        folder.mkdir()
        (folder / "initial_program.py").write_text("# EVOLVE-BLOCK-START\ndef f():\n    return 3\n# EVOLVE-BLOCK-END\n")
        (folder / "evaluator.py").write_text(
            "from openevolve.evaluation_result import EvaluationResult\n"
            "def evaluate(path):\n"
            "    space = {}\n"
            "    exec(open(path).read(), space)\n"
            "    return EvaluationResult(metrics={'combined_score': float(space['f']())}, artifacts={})\n")
        (folder / "config.yaml").write_text("max_iterations: 32\nllm:\n  primary_model: x\ndatabase:\n  num_islands: 2\n")
        done = self.samara("evolve", "--openevolve", folder / "initial_program.py", folder / "evaluator.py", "-c",
                           folder / "config.yaml", "--run", self.path("run"))
        self.assertIn("database.num_islands", done.stderr)
        stats = self.json("stats", self.path("run"))
        self.assertEqual(stats["iterations"], 2)
        self.assertGreaterEqual(stats["max_fitness"], 3)
        self.samara("resume", self.path("run"), "--iterations", "3", "--quiet")
        # max_iterations counts candidates, whatever the batch is.
        self.samara("evolve", "--openevolve", folder / "initial_program.py", folder / "evaluator.py", "-c",
                    folder / "config.yaml", "--run", self.path("batches"), "--batch", "8", "--quiet")
        self.assertEqual(self.json("stats", self.path("batches"))["evaluations"], 32)

    def test_another_systems_config_sets_up_the_prompt_operator(self):
        endpoint = Endpoint()
        self.addCleanup(endpoint.stop)
        folder = pathlib.Path(self.path("theirs"))
        folder.mkdir()
        (folder / "initial_program.py").write_text("# EVOLVE-BLOCK-START\ndef f():\n    return 3 + 4 * 5\n# EVOLVE-BLOCK-END\n")
        (folder / "evaluator.py").write_text("def evaluate(path):\n    space = {}\n    exec(open(path).read(), space)\n"
                                             "    return {'combined_score': float(space['f']())}\n")
        config = folder / "config.yaml"
        config.write_text("max_iterations: 12\nllm:\n  api_base: " + endpoint.url + "\n  api_key: ${THEIR_KEY}\n"
                          "  temperature: 0.25\n  top_p: 0.5\n  max_tokens: 99\n  timeout: 20\n  retries: 4\n  models:\n"
                          "    - {name: big, weight: 0.5}\n    - {name: small, weight: 0.5}\n")
        command = ["evolve", "--openevolve", folder / "initial_program.py", folder / "evaluator.py", "-c", config]
        environment = {**os.environ, "NO_PROXY": "*", "THEIR_KEY": "their-secret-key"}
        run = ["--operator", "prompt", "--batch", "6", "--prompt-arms", "diff=1"]
        done = self.samara(*command, "--run", self.path("run"), *run, env=environment)
        self.assertIn("without a counterpart in Samara: llm.retries", done.stderr)
        self.assertEqual(self.json("stats", self.path("run"))["iterations"], 2, "12 candidates in batches of 6")
        self.assertEqual(endpoint.keys, {"Bearer their-secret-key"})
        bodies = [json.loads(body) for body in endpoint.bodies]
        self.assertEqual({body["model"] for body in bodies}, {"big", "small"})
        self.assertEqual({(body["temperature"], body["top_p"], body["max_tokens"]) for body in bodies}, {(0.25, 0.5, 99)})
        for path in pathlib.Path(self.path("run")).rglob("*"):
            self.assertFalse(path.is_file() and b"their-secret-key" in path.read_bytes(), path)
        spec = (pathlib.Path(self.path("run")) / "run.toml").read_text()
        self.assertIn("total_seconds = 20.0", spec)

        # What is given on the line wins, and a key in the file is neither sent nor kept.
        config.write_text(config.read_text().replace("${THEIR_KEY}", "their-secret-key"))
        endpoint.keys.clear()
        endpoint.bodies.clear()
        done = self.samara(*command, "--run", self.path("run2"), *run, "--prompt-models", "mine", "--prompt-temperature", "1",
                           env=environment)
        self.assertIn("an api_key stands in the file", done.stderr)
        self.assertEqual(endpoint.keys, {None})
        self.assertEqual({(json.loads(body)["model"], json.loads(body)["temperature"]) for body in endpoint.bodies},
                         {("mine", 1)})
        for path in pathlib.Path(self.path("run2")).rglob("*"):
            self.assertFalse(path.is_file() and b"their-secret-key" in path.read_bytes(), path)

        done = self.samara(*command, "--run", self.path("run3"), "--iterations", "1")
        self.assertIn("for --operator prompt: llm.api_base, llm.api_key,", done.stderr)


if __name__ == "__main__":
    unittest.main()
