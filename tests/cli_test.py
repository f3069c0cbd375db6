"""The command line as a user meets it: results, help, and what mistakes are answered with."""
import json
import os
import re
import signal
import subprocess
import unittest

from samara_cli import SAMARA, CliTest

QUICK = ["--iterations", "3", "--batch", "64"]


class Results(CliTest):
    def test_stats_have_the_fields_names(self):
        self.evolve("run", *QUICK)
        stats = self.json("stats", self.path("run"))
        for key in ("evaluations", "coverage", "qd_score", "norm_qd_score", "max_fitness", "mean_fitness", "outcomes"):
            self.assertIn(key, stats)
        self.assertEqual(stats["evaluations"], 3 * 64)
        self.assertEqual(sum(stats["outcomes"].values()), 3 * 64)
        history = self.samara("stats", self.path("run"), "--history").stdout.splitlines()
        self.assertEqual(len(history), 1 + 1 + 3)  # names, seeds, iterations

    def test_eval_prints_score_behavior_and_niche(self):
        self.evolve("run", *QUICK)
        source = self.samara("show", self.path("run"), "--source").stdout
        with open(self.path("robot.py"), "w") as file:
            file.write(source)
        result = self.json("eval", "sodarace", self.path("robot.py"))
        self.assertEqual(result["outcome"], "scored")
        best = self.json("stats", self.path("run"))["max_fitness"]
        self.assertEqual(result["fitness"], best, "a program evaluated again scores the same bits")

    def test_eval_names_the_failure(self):
        cases = {"def make_walker(:\n": "syntax_error", "def make_walker():\n    return spam\n": "runtime_error",
                 "import os\n": "forbidden", "def make_walker():\n    while True: pass\n": "time_limit",
                 "def make_walker():\n    return {}\n": "invalid_phenotype"}
        for source, outcome in cases.items():
            done = self.samara("eval", "sodarace", "-", "--json", input=source)
            result = json.loads(done.stdout)
            self.assertEqual(result["outcome"], outcome, source)
            self.assertTrue(result["message"])

    def test_show_lineage_starts_at_the_seed(self):
        self.evolve("run", *QUICK)
        self.assertIn("seed square", self.samara("show", self.path("run"), "--lineage").stdout)
        lineage = self.json("show", self.path("run"), "--lineage")
        self.assertEqual(lineage.get("lineage", [lineage])[-1]["iteration"], 0)

    def test_export_has_a_row_per_proposal(self):
        self.evolve("run", *QUICK)
        rows = [json.loads(line) for line in self.samara("export", self.path("run")).stdout.splitlines()]
        self.assertEqual(len(rows), 1 + 3 * 64)
        self.samara("export", self.path("run"), "--what", "archive", "--format", "csv", "--out", self.path("elites.csv"))
        with open(self.path("elites.csv")) as file:
            lines = file.read().splitlines()
        self.assertEqual(len(lines) - 1, self.json("stats", self.path("run"))["num_elites"])

    def test_a_spec_file_and_flags_say_the_same(self):
        with open(self.path("spec.toml"), "w") as file:
            file.write('seed = "radial"\niterations = 2\nbatch = 64\nrng_seed = 3\n[sodarace]\nsimulator = "box2d"\n')
        self.evolve("spec", "--operator", "gp", "--spec", self.path("spec.toml"))
        self.evolve("flags", "--seed", "radial", "--iterations", "2", "--batch", "64", "--rng-seed", "3", "--simulator", "box2d")
        self.assertEqual(self.digest("spec"), self.digest("flags"))
        with open(os.path.join(self.path("spec"), "run.toml")) as a, open(os.path.join(self.path("flags"), "run.toml")) as b:
            self.assertEqual(a.read(), b.read())

    def test_pictures_are_of_the_kind_their_names_say(self):
        self.evolve("run", *QUICK)
        run = self.path("run")
        kinds = {"map.png": (b"\x89PNG", "map", run), "map.svg": (b"<?xml", "map", run),
                 "curves.png": (b"\x89PNG", "map", run, "--curves"), "sheet.svg": (b"<?xml", "render", run, "--sheet", "3", "--diverse"),
                 "strobe.png": (b"\x89PNG", "render", run), "walk.svg": (b"<?xml", "render", run, "--seconds", "1"),
                 "walk.gif": (b"GIF8", "render", run, "--seconds", "1"), "still.png": (b"\x89PNG", "render", run, "--as", "still")}
        for name, (magic, *command) in kinds.items():
            result = self.json(*command, "--out", self.path(name))
            self.assertEqual(result["file"], self.path(name))
            with open(self.path(name), "rb") as file:
                start = file.read(200)
            self.assertTrue(start.startswith(magic) or (magic == b"<?xml" and b"<svg" in start), (name, start[:20]))

    def test_a_program_from_a_file_is_rendered(self):
        with open(self.path("robot.py"), "w") as file:
            file.write("def make_walker():\n    wc = walker_creator()\n    wc.add_muscle(wc.add_joint(0, 0), wc.add_joint(3, 0))\n"
                       "    return wc.get_walker()\n")
        self.samara("render", self.path("robot.py"), "--out", self.path("robot.png"))
        self.assertTrue(os.path.exists(self.path("robot.png")))

    def test_a_closed_pipe_is_no_drama(self):
        self.evolve("run", *QUICK)
        command = f"{SAMARA} export {self.path('run')} --sources | head -1; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        self.assertIn(done.stdout.splitlines()[-1], ("0", str(128 + signal.SIGPIPE)))

    def test_progress_shows_the_shares_that_stats_show(self):
        run = self.path("run")
        lines = self.samara("evolve", "sodarace", "--operator", "gp", "--run", run, *QUICK).stderr.splitlines()
        stats = self.json("stats", run)
        shares = ", ".join(f"{name} {100 * stats[name + '_share']:.1f}%" for name in ("valid", "changed", "accepted", "runnable"))
        *_, iteration, archive, proposals, outcomes = lines
        self.assertTrue(iteration.startswith("iteration 3/3  192 candidates"), iteration)
        self.assertIn(f"best {stats['max_fitness']:.2f}", archive)
        self.assertEqual(proposals, f"  {shares} of those executed")
        self.assertIn("accepted", outcomes)
        self.assertEqual(sum(bool(re.fullmatch(r"first proposal accepted after \d+\.\d s", line)) for line in lines), 1, lines)
        self.assertIn(proposals.strip(), self.samara("stats", run).stdout)
        resumed = self.samara("resume", run, "--iterations", "4").stderr
        self.assertNotIn("first proposal", resumed)
        for line in lines[1:] + resumed.splitlines():  # after the run's folder
            self.assertLessEqual(len(line), 100, line)

    def test_ctrl_c_keeps_what_was_committed(self):
        run = self.path("run")
        process = subprocess.Popen([SAMARA, "evolve", "sodarace", "--run", run, "--iterations", "1000", "--batch", "64"],
                                   stderr=subprocess.PIPE, text=True)
        for line in process.stderr:  # progress: it evolves
            if "iteration" in line and "/1,000" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(), 130)
        self.assertIn("samara resume " + run, rest)
        iterations = self.json("stats", run)["iterations"]
        self.samara("resume", run, "--iterations", iterations + 1, "--quiet")
        self.assertEqual(self.json("stats", run)["iterations"], iterations + 1)

    def test_runs_are_compared_where_all_of_them_have_come_to(self):
        for rng_seed, iterations in ((1, 2), (2, 3)):
            self.evolve(f"gp-{rng_seed}", "--batch", "64", "--rng-seed", str(rng_seed), "--iterations", str(iterations))
        runs = [self.path("gp-1"), self.path("gp-2")]
        one, two = (self.json("stats", run) for run in runs)
        self.assertLess(one["evaluations"], two["evaluations"])
        alone = self.json("compare", *runs, "--out", self.path("compare.png"))
        self.assertEqual(alone["evaluations"], one["evaluations"])
        self.assertEqual([group["name"] for group in alone["groups"]], runs)
        self.assertAlmostEqual(alone["groups"][0]["qd_score"]["mean"], one["qd_score"])
        self.assertAlmostEqual(alone["groups"][0]["runnable_share"]["mean"], one["runnable_share"])
        together = self.json("compare", "both:", *runs)
        scores = [group["qd_score"]["mean"] for group in alone["groups"]]
        low, high = together["groups"][0]["qd_score"]["interval"]
        self.assertAlmostEqual(together["groups"][0]["qd_score"]["mean"], sum(scores) / 2)
        self.assertAlmostEqual(high - low, 12.706 * abs(scores[0] - scores[1]))  # Student's t with one degree of freedom
        with open(self.path("compare.png"), "rb") as file:
            self.assertTrue(file.read(4).startswith(b"\x89PNG"))
        early = self.json("compare", *runs, "--at", "32")  # within an iteration
        self.assertGreater(early["groups"][0]["valid_share"]["mean"], 0.8)
        self.assertIn("±", self.samara("compare", "both:", runs[0], "both:", runs[1]).stdout)

    def test_a_long_message_of_a_program_is_still_text(self):
        done = self.samara("eval", "sodarace", "-", "--json", input="def make_walker():\n    raise ValueError('é' * 1000)\n")
        self.assertEqual(json.loads(done.stdout)["outcome"], "runtime_error")


class Mistakes(CliTest):
    def refused(self, code, expected, *args, **kwargs):
        done = self.samara(*args, code=code, **kwargs)
        self.assertIn(expected, done.stderr)
        self.assertNotIn("bug in Samara", done.stderr)

    def test_runs_that_do_not_compare(self):
        small = ["--batch", "64", "--iterations", "1"]
        for name, flags in (("a", ["--rng-seed", "1"]), ("b", ["--rng-seed", "2", "--tournament", "3"]), ("c", ["--rng-seed", "3", "--bins", "6,6,6"])):
            self.evolve(name, *small, *flags)
        a, b, c = map(self.path, "abc")
        self.refused(2, "the same random seed", "compare", "both:", a, a)
        self.refused(2, "tournament = 3", "compare", "both:", a, b)
        self.refused(2, "another map", "compare", a, c)
        self.refused(2, "no runs follow 'b:'", "compare", "a:", a, "b:")
        self.refused(2, "resume", "compare", a, b, "--at", "65")

    def test_lists_leave_the_words_after_them_alone(self):
        self.samara("evolve", "--operator", "gp", "--bins", "6,6,6", "--weights", "gp.constant=2,gp.swap=1", "sodarace", "--run", self.path("x"), *QUICK)
        self.samara("show", "--niche", "2,2,0", self.path("x"))

    def test_every_command_has_help_with_examples(self):
        for command in ("demo", "evolve", "resume", "eval", "stats", "verify", "map", "compare", "render", "show", "export", "bench"):
            self.assertIn("Examples:", self.samara(command, "--help").stdout, command)

    def test_mistakes_name_the_next_step(self):
        self.refused(2, "did you mean 'gp-node'", "evolve", "sodarace", "--operator", "gp-nodes", "--run", self.path("x"))
        self.refused(2, "did you mean sodarace?", "evolve", "sodarice", "--run", self.path("x"))
        for target in ("my_tsk", "tasks/mine", "./mine", "task"):
            for command in ("evolve", "eval"):
                self.refused(4, f"there is no folder '{target}' and no domain of this name", command, target)
                self.refused(4, f"samara new task {target}", command, target)
        self.refused(4, "square", "evolve", "sodarace", "--seed", "sqare", "--run", self.path("x"))
        self.refused(2, "gp.constant", "evolve", "sodarace", "--operator", "gp", "--weights", "gp.const=1", "--run", self.path("x"))
        self.refused(2, "NAME=NUMBER", "evolve", "sodarace", "--operator", "gp", "--weights", "gp.constant", "--run", self.path("x"))
        self.refused(2, "qd_offset", "evolve", "sodarace", "--qd-offset", "nan", "--run", self.path("x"))
        self.refused(2, "archive.bins", "evolve", "sodarace", "--bins", "4,4", "--run", self.path("x"))
        self.assertFalse(os.path.exists(self.path("x")), "a refused run leaves nothing behind")
        self.refused(4, "nowhere", "stats", self.path("nowhere"))
        self.refused(4, "nowhere.py", "eval", "sodarace", self.path("nowhere.py"))

    def test_a_spec_with_a_typo_names_line_and_key(self):
        with open(self.path("spec.toml"), "w") as file:
            file.write("batch = 4\niteratons = 2\n")
        self.refused(2, "spec.toml:2: unknown key 'iteratons'; did you mean 'iterations'?", "evolve", "--spec", self.path("spec.toml"))

    def test_a_run_is_never_overwritten(self):
        self.evolve("run", *QUICK)
        before = self.digest("run")
        self.refused(4, "Resume that one", "evolve", "sodarace", "--run", self.path("run"), *QUICK)
        self.assertEqual(self.digest("run"), before)

    def test_a_seed_that_does_not_work_says_why(self):
        with open(self.path("bad.py"), "w") as file:
            file.write("def make_walker():\n    return spam\n")
        self.refused(3, "NameError", "evolve", "sodarace", "--seed", self.path("bad.py"), "--run", self.path("x"))
        self.assertFalse(os.path.exists(self.path("x")), "a run that never began leaves nothing behind")

    def test_a_damaged_database_is_an_error(self):
        self.evolve("run", *QUICK)
        with open(os.path.join(self.path("run"), "run.db"), "r+b") as file:
            file.seek(5000)
            file.write(os.urandom(20000))
        done = subprocess.run([SAMARA, "verify", self.path("run")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 3, done.stderr)

    def test_an_unwritable_place_is_an_error(self):
        self.refused(7, "/proc", "evolve", "sodarace", "--run", "/proc/samara-run", *QUICK)


if __name__ == "__main__":
    unittest.main()
