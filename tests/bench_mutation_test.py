"""samara bench mutation: what it prints and writes, and what it says of tasks that are none."""
import json
import os
import signal
import subprocess
import unittest

from samara_cli import SAMARA, CliTest

TASK = {
    "task.toml": 'function = "double"\nmessage = "Repaired."\n',
    "correct.py": "def double(x):\n    return x + x\n",
    "buggy_1.py": "def double(x):\n    return x - x\n",
    "cases.json": '[{"args": [3], "expected": 6}, {"args": [0.5], "expected": 1.0}]',
}


class BenchMutation(CliTest):
    def write_task(self, name, **changed):
        folder = self.path(os.path.join("tasks", name))
        os.makedirs(folder)
        for file, text in {**TASK, **changed}.items():
            if text is not None:
                with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
                    out.write(text)
        return folder

    def bench(self, *args, **kwargs):
        return self.samara("bench", "mutation", "--quiet", *args, **kwargs)

    def results(self, *args):
        self.bench(*args, "--json", "out.json")
        with open(self.path("out.json"), encoding="utf-8") as file:
            return json.load(file)

    def test_ones_own_task_is_measured(self):
        self.write_task("first")
        self.write_task("second")
        done = self.bench("--task-dir", "tasks", "--operator", "gp-node,gp", "--trials", "300", "--plot", "plot.svg", "--json", "out.json")
        self.assertIn("tasks/second", done.stdout)
        with open(self.path("out.json"), encoding="utf-8") as file:
            found = json.load(file)
        self.assertEqual([task["message"] for task in found["tasks"]], ["Repaired."] * 2)
        for cell in found["cells"]:
            self.assertEqual(cell["trials"], 300)
            self.assertLessEqual(cell["solved"], cell["runnable"])
            self.assertLessEqual(cell["runnable"], cell["valid"])
            if cell["operator"] == "gp-node":  # - becomes one of six other operators
                self.assertGreater(cell["solved"], 20)
        self.assertEqual(len(found["groups"]), 2)
        with open(self.path("plot.svg"), encoding="utf-8") as file:
            self.assertIn("success (%)", file.read())

    def test_results_are_the_same_on_any_number_of_workers(self):
        flags = ["--tasks", "quadratic,heldout/rotate", "--trials", "200", "--seed", "9"]
        found = [self.results(*flags, "--workers", str(workers)) for workers in (1, 3)]
        for one in found:
            del one["timing"]
        self.assertEqual(*found)
        other = self.results(*flags[:-1], "10")
        self.assertNotEqual(other["cells"], found[0]["cells"])

    def test_errors_name_what_is_wrong(self):
        rows = [
            ({"task.toml": None}, "has no task.toml"),
            ({"task.toml": 'functoin = "double"\n'}, "'functoin'"),
            ({"task.toml": 'message = "x"\n'}, "'function'"),
            ({"buggy_1.py": None}, "has no buggy_1.py"),
            ({"buggy_3.py": "x"}, "has no buggy_2.py"),
            ({"cases.json": "[{}]"}, "'args'"),
            ({"cases.json": "{"}, "cases.json is no JSON"),
            ({"cases.json": '[{"args": [1], "expected": 3}]'}, "case 1"),
            ({"correct.py": "def double(x:\n"}, "correct.py"),
            ({"buggy_1.py": TASK["correct.py"]}, "buggy_1.py passes every case"),
        ]
        for number, (changed, said) in enumerate(rows):
            folder = self.write_task(f"task{number}", **changed)
            self.assertIn(said, self.bench("--task-dir", folder, "--trials", "1", code=3).stderr, changed)
        self.assertIn("gp-node", self.bench("--operator", "gpnode", code=2).stderr)
        self.assertIn("heldout", self.bench("--tasks", "parity,nothing", code=2).stderr)
        self.assertIn("nowhere", self.bench("--task-dir", "nowhere", code=4).stderr)

    def test_an_interrupt_prints_what_is_there(self):
        command = [SAMARA, "bench", "mutation", "--tasks", "parity", "--operator", "gp-node", "--trials", "1000000", "--json", "out.json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)
        self.assertIn("left", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, error)
        self.assertIn("success%", out)
        with open(self.path("out.json"), encoding="utf-8") as file:
            found = json.load(file)
        self.assertFalse(found["complete"])
        self.assertLess(found["cells"][0]["trials"], found["cells"][0]["trials_planned"])


if __name__ == "__main__":
    unittest.main()
