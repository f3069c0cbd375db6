"""What the command-line tests share: run the built program in a folder of their own."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

SAMARA = os.environ["SAMARA"]  # the built program; ctest sets it


class CliTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="samara-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def samara(self, *args, code=0, **kwargs):
        """Runs the program, checks its exit code and returns what it printed."""
        done = subprocess.run([SAMARA, *map(str, args)], capture_output=True, text=True, cwd=self.folder, timeout=240, **kwargs)
        self.assertEqual(done.returncode, code, f"samara {args}\n{done.stdout}\n{done.stderr}")
        return done

    def json(self, *args):
        return json.loads(self.samara(*args, "--json").stdout)

    def evolve(self, run, *flags, code=0):
        """By genetic programming where the flags name no operator: diff_model_test.py is about the language model."""
        if "--operator" not in flags and "--spec" not in flags:
            flags = ("--operator", "gp", *flags)
        return self.samara("evolve", "sodarace", "--run", self.path(run), "--quiet", *flags, code=code)

    def digest(self, run):
        return self.json("verify", self.path(run))["digest"]
