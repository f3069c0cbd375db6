"""samara lm, from outside: sampling repeats itself, its flags do what they say, and broken models get clear errors."""
import json
import os
import pathlib
import shutil
import unittest

from samara_cli import CliTest

MODEL = pathlib.Path(__file__).resolve().parent.parent / "models" / "diff"
PROMPT = "<|file|><|line 1|>def area(a, b):"


class LanguageModel(CliTest):
    def sample(self, *flags, model=MODEL, prompt=PROMPT):
        return self.json("lm", "sample", model, "--prompt", prompt, "--max-tokens", "12", *flags)

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


if __name__ == "__main__":
    unittest.main()
