"""samara lm, from outside: sampling repeats itself, its flags do what they say, broken models get clear errors, and
where a model comes from is written down: in its folder and in the runs that it writes."""
import contextlib
import csv
import json
import math
import os
import pathlib
import shutil
import sqlite3
import unittest

from samara_cli import CliTest

MODEL = pathlib.Path(__file__).resolve().parent.parent / "models" / "diff"
PROMPT = "<|file|><|line 1|>def area(a, b):"


class LanguageModel(CliTest):
    def sample(self, *flags, model=MODEL, prompt=PROMPT, max_tokens=12):
        return self.json("lm", "sample", model, "--prompt", prompt, "--max-tokens", max_tokens, *flags)

    def broken(self, name, change):
        """A copy of the bundled model in which `change` has spoilt something."""
        folder = pathlib.Path(self.path(name))
        shutil.copytree(MODEL, folder)
        change(folder)
        return folder

    def refused(self, model, code, *words):
        for command in (["sample", model, "--prompt", PROMPT], ["inspect", model]):
            error = self.samara("lm", *command, code=code).stderr
            for word in words:
                self.assertIn(word, error)

    def test_the_same_seed_gives_the_same_completions(self):
        first = self.sample("-n", "5", "--seed", "3")
        self.assertEqual(first, self.sample("-n", "5", "--seed", "3"))
        self.assertNotEqual(first, self.sample("-n", "5", "--seed", "4"))
        self.assertGreater(len({completion["text"] for completion in first}), 1, "each completion has its own stream")
        # A completion does not depend on how many there are.
        self.assertEqual(first[:2], self.sample("-n", "2", "--seed", "3"))

    def test_temperature_0_and_top_k_1_take_the_most_probable_tokens(self):
        greedy = self.sample("--temperature", "0")[0]
        self.assertEqual(greedy["tokens"], self.sample("--top-k", "1", "--seed", "9")[0]["tokens"])
        self.assertEqual(greedy["tokens"], self.sample("--top-p", "0.000001", "--seed", "8")[0]["tokens"])

    def test_a_completion_says_why_it_ended(self):
        for completion in self.sample("-n", "8"):
            self.assertIn(completion["finish"], ("stop", "length"))
            self.assertLessEqual(len(completion["tokens"]), 12)
            self.assertLess(completion["log_probability"], 0)
            if completion["finish"] == "length":
                self.assertEqual(len(completion["tokens"]), 12)

    def test_the_prompt_may_come_from_standard_input(self):
        typed = self.samara("lm", "sample", MODEL, "--prompt", "-", "--max-tokens", "12", "--json", input=PROMPT)
        self.assertEqual(json.loads(typed.stdout), self.sample())
        self.assertIn("tokens/s", typed.stderr)

    def test_a_stop_text_ends_completions_in_front_of_it(self):
        def sample(*flags):
            return self.sample("-n", "6", "--seed", "3", *flags, max_tokens=60)

        whole = sample()
        text = whole[0]["text"]
        middle = len(text) // 2
        stop = text[middle:middle + 3]
        self.assertEqual(len(stop), 3, "the completion is long enough for this test")
        stopped = sample("--stop", stop)
        for before, after in zip(whole, stopped):
            # The same draws, cut short: the text to the first occurrence, the tokens to the one that completed it.
            self.assertEqual(after["text"], before["text"].split(stop)[0])
            self.assertEqual(after["tokens"], before["tokens"][:len(after["tokens"])])
            if stop in before["text"]:
                self.assertEqual(after["finish"], "stop")
            else:
                self.assertEqual(after, before)
        self.assertLess(len(stopped[0]["tokens"]), len(whole[0]["tokens"]))
        two = sample("--stop", "no such text", "--stop", stop)
        self.assertEqual(two, stopped)
        self.assertIn("--stop is empty", self.samara("lm", "sample", MODEL, "--prompt", PROMPT, "--stop", "", code=2).stderr)

    def test_a_prompt_that_does_not_fit_is_refused(self):
        error = self.samara("lm", "sample", MODEL, "--prompt", "-", input="a b " * 4000, code=2).stderr
        self.assertIn("context 1024", error)
        self.assertIn("shorten the prompt", error)

    def test_broken_models_are_refused_by_file(self):
        missing = self.path("nowhere")
        self.refused(missing, 4, "nowhere", "config.json")
        self.refused(self.broken("cut", lambda folder: os.truncate(folder / "model.safetensors", 1000)), 3,
                     "model.safetensors")
        self.refused(self.broken("text", lambda folder: (folder / "config.json").write_text("{")), 3, "config.json")
        self.refused(self.broken("words", lambda folder: (folder / "tokenizer.json").unlink()), 4, "tokenizer.json")

        def one_layer_more(folder):
            config = json.loads((folder / "config.json").read_text())
            config["num_hidden_layers"] += 1
            (folder / "config.json").write_text(json.dumps(config))

        self.refused(self.broken("layers", one_layer_more), 3, "model.layers.6.")

    def test_inspect_counts_what_it_lists(self):
        model = self.json("lm", "inspect", MODEL)
        count = 0
        for shape in model["tensors"].values():
            product = 1
            for size in shape:
                product *= size
            count += product
        self.assertEqual(count, model["parameters"])
        self.assertIn("<|file|>", model["tokenizer"]["specials"])

    def train(self, code=0, **flags):
        """A tiny model on a few commits; some seconds."""
        commits = pathlib.Path(self.path("commits.jsonl"))
        programs = [f"def f{i}(x):\n    return x + {i}" + i % 9 * "\n    # more" for i in range(200)]
        commits.write_text("".join(json.dumps({"before": program, "message": "Fixed bugs.",
                                               "after": program.replace("+", "-")}) + "\n" for program in programs))
        flags = {"shape": "16,1,2,1,16", "tokens": 60000, "batch_tokens": 1024, "micro_batch_tokens": 512,
                 "precision": "fp32", "threads": 1, **flags}
        return self.samara("lm", "train", commits, "--tokenizer", MODEL / "tokenizer.json", "--out", self.path("trained"),
                           *(f"--{name.replace('_', '-')}={value}" for name, value in flags.items()), code=code)

    def test_rates_of_a_training_follow_the_flags(self):
        schedule = {"decay": "cosine", "warmup": 0.25, "decay_from": 0.5, "final_share": 0.1, "learning_rate": 0.01}
        done = self.train(**schedule)
        self.assertRegex(done.stderr, r"training 10\d\.\d%.* [0-9.]+% padding")
        with open(self.path("trained/curve.csv")) as file:
            rows = list(csv.DictReader(file))
        self.assertGreater(len(rows), 4)
        for row in rows:
            progress = int(row["tokens"]) / 60000
            way = min(1, (progress - 0.5) / 0.5)
            share = (progress / 0.25 if progress < 0.25 else 1 if progress <= 0.5 else
                     0.1 + 0.9 * (1 + math.cos(math.pi * way)) / 2)
            self.assertAlmostEqual(float(row["learning_rate"]), 0.01 * share, delta=1e-7, msg=str(row))
        # The same command finds the finished training; another schedule is another training.
        self.assertEqual(self.train(**schedule).stdout, done.stdout)
        other = self.train(**{**schedule, "decay": "linear"}, code=4)
        self.assertIn('(other: decay ("cosine" there, "linear" here))', other.stderr)

    def test_trainings_that_make_no_sense_are_refused_before_they_begin(self):
        self.assertIn("warmup is 2; give a share", self.train(warmup=2, code=2).stderr)
        self.assertIn("clip_norm is -1;", self.train(clip_norm=-1, code=2).stderr)
        self.assertIn("micro_batch_tokens is 4096; a step has no more than batch_tokens, 1024",
                      self.train(micro_batch_tokens=4096, code=2).stderr)
        self.assertIn("width 100 is no multiple of 3 heads; take a multiple of 6, such as 102",
                      self.train(shape="100,1,3,1,16", code=2).stderr)
        self.assertFalse(os.path.exists(self.path("trained.training")))

    def test_a_tuned_model_says_what_it_was_made_of(self):
        self.evolve("gp", "--iterations", "4", "--batch", "64")
        self.evolve("short", "--iterations", "2", "--batch", "64")
        tune = ["finetune", "--from", self.path("gp"), self.path("gp"), "--tokens", "4000", "--seed", "7", "--quiet"]
        self.samara(*tune, "--until", "2", "--out", self.path("tuned"))
        tuned = self.json("lm", "inspect", self.path("tuned"))
        made_of = tuned["provenance"]
        self.assertEqual(made_of["model"], tuned["digest"])
        self.assertEqual(made_of["start"], self.json("lm", "inspect", MODEL)["digest"])
        self.assertEqual(made_of["runs"][0], made_of["runs"][1])
        run = made_of["runs"][0]
        self.assertEqual((run["operator"], run["until"]), ("gp", 2))
        self.assertEqual(run["digest"], self.digest("short"), "the digest of the run that ends there")
        self.assertEqual(list(run["commits"]), ["gp"])
        self.assertEqual((made_of["weight"], made_of["tokens"], made_of["seed"]), ("equal", 4000, 7))
        self.assertNotIn(self.folder, json.dumps(made_of))
        self.samara(*tune, "--until", "2", "--out", self.path("again"))
        text = lambda model: pathlib.Path(self.path(model), "provenance.json").read_text()
        self.assertEqual(text("again"), text("tuned"))
        shown = self.samara("lm", "inspect", self.path("tuned")).stdout
        self.assertIn(f"run {run['digest'][:12]} until iteration 2, operator gp", shown)

        # A run keeps it with its copy; it goes with its model only; and a broken one spoils nothing.
        self.evolve("run", "--operator", "diff", "--model", self.path("tuned"), "--iterations", "1", "--batch", "8")
        self.assertEqual(text("run/models/0"), text("tuned"))
        shutil.copy(self.path("tuned/provenance.json"), self.broken("other", lambda folder: None))
        self.assertIn("not this", self.samara("lm", "inspect", self.path("other")).stdout)
        self.assertIsNone(self.json("lm", "inspect", MODEL)["provenance"])
        pathlib.Path(self.path("other/provenance.json")).write_text("{}")
        self.assertIn('"model" is missing', self.samara("lm", "inspect", self.path("other")).stdout)
        self.assertIn("provenance.json", self.json("lm", "inspect", self.path("other"))["provenance_error"])
        self.sample(model=self.path("other"))

    def test_a_run_is_held_to_the_models_that_wrote_it(self):
        self.evolve("run", "--operator", "diff", "--iterations", "4", "--batch", "32", "--rng-seed", "5",
                    "--finetune-every", "2", "--finetune-tokens", "2000")
        whole = self.digest("run")
        models = pathlib.Path(self.path("run/models"))
        digests = [self.json("lm", "inspect", models / str(n))["digest"] for n in (0, 1)]

        def stats():
            with contextlib.closing(sqlite3.connect(self.path("run/run.db"))) as database:
                rows = database.execute("SELECT stats FROM iterations ORDER BY iteration").fetchall()
            return [json.loads(row[0]) for row in rows]

        self.assertNotIn("model_digest", stats()[0], "seeds are nobody's proposal")
        self.assertEqual([row["model_digest"] for row in stats()[1:]], [digests[0]] * 2 + [digests[1]] * 2)
        made_of = self.json("lm", "inspect", models / "1")["provenance"]
        self.assertEqual((made_of["model"], made_of["start"]), (digests[1], digests[0]))
        self.assertEqual(made_of["runs"][0]["until"], 1, "with a lag of 1")

        # Another model in its place is refused, by name and digests, and may be looked at.
        (models / "1").rename(self.path("kept"))
        shutil.copytree(MODEL, models / "1")
        other = self.json("lm", "inspect", MODEL)["digest"]
        for command in (["verify"], ["resume", "--iterations", "6", "--quiet"]):
            error = self.samara(command[0], self.path("run"), *command[1:], code=3).stderr
            for word in (str(models / "1"), other, digests[1], "put that model back"):
                self.assertIn(word, error)
        self.samara("stats", self.path("run"))

        # A missing one is made anew, the same one.
        shutil.rmtree(models / "1")
        self.assertEqual(self.digest("run"), whole)
        self.samara("resume", self.path("run"), "--iterations", "5", "--quiet")
        self.assertEqual(self.json("lm", "inspect", models / "1")["digest"], digests[1], "the next one starts from it")

        # As versions that named no digests left it.
        with contextlib.closing(sqlite3.connect(self.path("run/run.db"))) as database, database:
            database.execute("UPDATE iterations SET stats = json_remove(stats, '$.model_digest')")
        shutil.copytree(MODEL, models / "1", dirs_exist_ok=True)
        self.digest("run")
        self.samara("resume", self.path("run"), "--iterations", "6", "--quiet")


if __name__ == "__main__":
    unittest.main()
