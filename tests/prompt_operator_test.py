"""The operator `prompt` from outside, against an endpoint that is told how to fail."""
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from samara_cli import SAMARA, CliTest
from scripted_endpoint import Endpoint

KEY = "sk-test-0123456789-secret"
ITERATIONS, BATCH = 4, 12


class PromptTest(CliTest):
    def setUp(self):
        super().setUp()
        self.endpoint = Endpoint()
        self.addCleanup(self.endpoint.stop)
        self.environment = {**os.environ, "NO_PROXY": "*", "TEST_KEY": KEY}

    def flags(self, *more):
        """Those of a small run; `more` replaces or adds some."""
        flags = {"--operator": "prompt", "--iterations": ITERATIONS, "--batch": BATCH, "--workers": 2,
                 "--prompt-endpoint": self.endpoint.url, "--prompt-models": "scripted", "--prompt-arms": "diff=2,cross=1",
                 "--prompt-max-pause-seconds": 0.2, "--prompt-stall-seconds": 2}
        more = list(map(str, more))
        while more:
            name = more.pop(0)
            flags[name] = more.pop(0) if more and not more[0].startswith("--") else None
        return [str(part) for flag in flags.items() for part in flag if part is not None]

    def run_prompt(self, run, *more, code=0):
        return self.samara("evolve", "sodarace", "--run", self.path(run), "--quiet", *self.flags(*more), code=code,
                           env=self.environment)

    def start(self, *args):
        """A process, with its messages in a file."""
        log = open(self.path("messages"), "w+")
        process = subprocess.Popen([SAMARA, *map(str, args)], stdout=subprocess.DEVNULL, stderr=log, cwd=self.folder,
                                   env=self.environment)
        self.addCleanup(log.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def messages(self):
        return pathlib.Path(self.path("messages")).read_text()

    def wait_until(self, condition, what, process=None):
        deadline = time.monotonic() + 60
        while not condition():
            if process is not None and process.poll() is not None:
                self.fail(f"ended instead of: {what}; {self.messages()}")
            if time.monotonic() > deadline:
                self.fail(f"waited in vain: {what}; {self.messages()}")
            time.sleep(0.02)

    def query(self, run, database, sql):
        path = os.path.join(self.path(run), database)
        if not os.path.exists(path):
            return None
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchone()[0]
        except sqlite3.OperationalError:
            return None
        finally:
            connection.close()

    def last_iteration(self, run):
        return self.query(run, "run.db", "SELECT max(iteration) FROM iterations")

    def replies(self, run):
        return self.query(run, "replies.db", "SELECT count(*) FROM replies") or 0


class Outages(PromptTest):
    def check_outage(self, mode, expected, *more):
        """A run that meets the outage in its middle waits, says so, and ends as if there had been none."""
        self.run_prompt("clean", *more)
        self.endpoint.limit = 2 * BATCH + 3  # so that no iteration beyond the second can be whole
        process = self.start("evolve", "sodarace", "--run", self.path("run"), "--quiet", *self.flags(*more))
        self.wait_until(lambda: self.endpoint.limit == 0, "the first answers", process)
        if mode == "refuse":
            self.endpoint.limit = None
            self.endpoint.mode = "busy"
            self.endpoint.stop()
        else:
            self.endpoint.mode = mode
            self.endpoint.limit = None
        self.wait_until(lambda: re.search("paused: .*(" + expected + ")", self.messages()), "the pause is told", process)
        time.sleep(1)
        self.assertLessEqual(self.last_iteration("run"), 2, "the outage consumed an iteration")
        self.endpoint.mode = "ok"
        if mode == "refuse":
            self.endpoint.start()
        self.assertEqual(process.wait(60), 0, self.messages())
        self.assertIn("going on: ", self.messages())
        self.assertEqual(self.digest("run"), self.digest("clean"))

    def test_refused_connections(self):
        self.check_outage("refuse", "cannot connect to 127.0.0.1")

    def test_stalls(self):
        self.check_outage("stall", "stalled|cut the connection")

    def test_cut_answers(self):
        self.check_outage("cut", "cut the connection before its answer was complete")

    def test_cut_streams(self):
        self.check_outage("cut", "the stream was cut off", "--prompt-stream")

    def test_storms_of_429(self):
        self.check_outage("storm", "answered 429: Too many requests")

    def test_503(self):
        self.check_outage("busy", "answered 503: <html>try later</html>")

    def test_invalid_json(self):
        self.check_outage("bad_json", "not valid JSON")

    def test_invalid_utf8(self):
        self.check_outage("bad_utf8", "not valid UTF-8")

    def test_what_is_not_http(self):
        self.check_outage("garbage", "not HTTP")

    def test_a_model_that_goes_away(self):
        self.check_outage("wrong_model", "The model `scripted` does not exist")

    def test_an_interrupt_ends_the_wait_at_once(self):
        self.endpoint.mode = "storm"
        process = self.start("evolve", "sodarace", "--run", self.path("run"), "--quiet",
                             *self.flags("--prompt-max-pause-seconds", "50"))
        self.wait_until(lambda: "paused: " in self.messages(), "the pause", process)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 130)
        self.assertLess(time.monotonic() - began, 3)
        self.endpoint.mode = "ok"
        self.samara("resume", self.path("run"), "--quiet", env=self.environment)
        self.run_prompt("clean")
        self.assertEqual(self.digest("run"), self.digest("clean"))


class FirstCall(PromptTest):
    def test_a_wrong_model_ends_the_run_with_the_reason_and_it_resumes(self):
        self.endpoint.mode = "wrong_model"
        done = self.run_prompt("run", code=2)
        self.assertIn("The model `scripted` does not exist", done.stderr)
        self.assertIn("prompt.models", done.stderr)
        self.assertEqual(self.last_iteration("run"), 0)
        self.endpoint.mode = "ok"
        self.samara("resume", self.path("run"), "--quiet", env=self.environment)
        self.run_prompt("clean")
        self.assertEqual(self.digest("run"), self.digest("clean"))

    def test_a_missing_key_is_told_by_its_variable(self):
        done = self.run_prompt("run", "--prompt-key-variable", "NOT_SET", code=2)
        self.assertIn("NOT_SET", done.stderr)
        self.assertEqual(self.endpoint.bodies, [])

    def test_no_model_and_no_such_template_are_errors(self):
        done = self.samara("evolve", "sodarace", "--run", self.path("run"), "--operator", "prompt", code=2)
        self.assertIn("--prompt-models", done.stderr)
        done = self.run_prompt("run", "--prompt-arms", "poem=1", code=4)
        self.assertIn("poem", done.stderr)


@unittest.skipUnless(shutil.which("openssl"), "needs openssl to make a certificate")
class PrivateAuthority(PromptTest):
    def setUp(self):
        super().setUp()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", self.path("key.pem"), "-out", self.path("ca.pem")], check=True, capture_output=True)
        self.endpoint.stop()
        self.endpoint = Endpoint(certificate=(self.path("ca.pem"), self.path("key.pem")))

    def test_its_certificates_are_trusted_when_they_are_named(self):
        self.run_prompt("run", "--prompt-ca-file", "ca.pem", "--iterations", 1)
        self.assertEqual(self.last_iteration("run"), 1)

    def test_they_are_not_trusted_otherwise_and_a_resume_may_name_them(self):
        process = self.start("evolve", "sodarace", "--run", self.path("run"), "--quiet", *self.flags("--iterations", 1))
        self.wait_until(lambda: "paused: no secure connection" in self.messages(), "the pause", process)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 130)
        self.assertEqual(self.endpoint.bodies, [])
        self.samara("resume", self.path("run"), "--prompt-ca-file", "ca.pem", "--quiet", env=self.environment)
        self.assertEqual(self.last_iteration("run"), 1)

    def test_a_file_that_is_not_there_is_an_error(self):
        self.assertIn("prompt.ca_file", self.run_prompt("run", "--prompt-ca-file", "none.pem", code=4).stderr)


class Outcomes(PromptTest):
    def test_prose_is_answered_and_is_an_outcome_then(self):
        self.endpoint.mode = "prose"
        self.run_prompt("run", "--iterations", "1", "--batch", "1")  # 8 replies; 16 in a row are another matter
        stats = self.json("stats", self.path("run"))
        self.assertEqual(stats["outcomes"]["no_diff"], 1)
        self.assertEqual(len(self.endpoint.bodies), 4 + 4)
        self.assertEqual(len({json.loads(body)["seed"] for body in self.endpoint.bodies}), 8)
        second = [json.loads(body) for body in self.endpoint.bodies if len(json.loads(body)["messages"]) > 2]
        self.assertEqual(len(second), 4)
        for body in second:
            self.assertEqual([m["role"] for m in body["messages"]][-2:], ["assistant", "user"])
            self.assertIn("neither a diff nor a program", body["messages"][-1]["content"])

    def test_what_is_forbidden_or_unchanged_is_answered_once(self):
        self.samara("new", "task", self.path("task"))
        for mode, reason in (("outside", "outside of what may change"), ("same", "changes nothing")):
            self.endpoint.mode, self.endpoint.bodies = mode, []
            self.samara("evolve", self.path("task"), "--run", self.path(mode), "--quiet",
                        *self.flags("--iterations", "1", "--batch", "3"), env=self.environment)
            outcomes = self.json("stats", self.path(mode))["outcomes"]
            self.assertEqual(outcomes["forbidden"] + outcomes["unchanged"], 0, outcomes)
            self.assertEqual(len(self.endpoint.bodies), 2 * 3)
            self.assertIn(reason, json.loads(self.endpoint.bodies[-1])["messages"][-1]["content"])

    def test_a_prompt_that_is_too_long_costs_its_candidate_alone(self):
        self.endpoint.mode = "at_times_too_long"
        self.run_prompt("run", "--iterations", "1")
        refused = {json.loads(body)["seed"] for body in self.endpoint.bodies if json.loads(body)["seed"] % 3 == 0}
        no_diff = self.json("stats", self.path("run"))["outcomes"]["no_diff"]
        self.assertGreaterEqual(no_diff, len(refused))
        self.assertGreater(len(refused), 0)
        self.assertLess(no_diff, BATCH)

    def test_a_run_whose_every_prompt_is_too_long_ends_and_says_so(self):
        self.endpoint.mode = "too_long"
        self.assertIn("length of the prompts", self.run_prompt("run", "--iterations", "1", code=2).stderr)

    def test_prompts_show_what_is_known(self):
        self.run_prompt("run", "--iterations", "12", "--batch", "24")
        texts = "\n".join(m["content"] for body in self.endpoint.bodies for m in json.loads(body)["messages"])
        self.assertIn("walker_creator", texts)
        self.assertIn("Its fitness is ", texts)
        self.assertIn("An edit that led to it: Changed a number.", texts)
        self.assertIn("Another program of the search", texts)
        self.assertIn("This is the second program", texts)
        self.assertNotIn("{{", texts)

    def test_the_direction_of_a_metric_is_told(self):
        self.samara("new", "task", self.path("task"))
        self.samara("evolve", self.path("task"), "--run", self.path("run"), "--quiet",
                    *self.flags("--iterations", "1", "--batch", "3", "--prompt-arms", "diff=1"), env=self.environment)
        texts = "\n".join(m["content"] for body in self.endpoint.bodies for m in json.loads(body)["messages"])
        self.assertRegex(texts, r"\nerror: [-+.e0-9]+ \(smaller is better\)\n")

    def test_own_prompts_are_used_and_kept(self):
        self.samara("new", "prompts", self.path("mine"))
        own = pathlib.Path(self.path("mine"), "haiku.txt")
        own.write_text("Be brief.\n```{{language}}\n{{program}}\n```\n")
        self.run_prompt("run", "--prompt-templates", self.path("mine"), "--prompt-arms", "haiku=1")
        own.unlink()
        self.assertTrue(json.loads(self.endpoint.bodies[0])["messages"][0]["content"].startswith("Be brief.\n```python\n"))
        self.samara("resume", self.path("run"), "--iterations", "5", "--quiet", env=self.environment)
        own.write_text("{{progam}}")
        done = self.run_prompt("typo", "--prompt-templates", self.path("mine"), "--prompt-arms", "haiku=1", code=2)
        self.assertIn("did you mean 'program'", done.stderr)


class Useless(PromptTest):
    """Endpoints that answer, but with nothing that can be used."""

    def check_start(self, mode, expected):
        self.endpoint.mode = mode
        done = self.run_prompt("run", code=2)
        self.assertIn("16 replies in a row had no code in them", done.stderr)
        self.assertRegex(done.stderr, expected)
        self.assertEqual(self.last_iteration("run"), 0, "an iteration was consumed")
        self.endpoint.mode = "ok"
        self.samara("resume", self.path("run"), "--quiet", env=self.environment)
        self.assertEqual(self.last_iteration("run"), ITERATIONS)
        self.samara("evolve", "--replay", self.path("run"), "--run", self.path("again"), "--quiet")
        self.assertEqual(self.digest("again"), self.digest("run"))

    def test_prose_from_the_start(self):
        self.check_start("prose", "of model 'scripted', begins: 'I am sorry, but I cannot say")

    def test_no_content_from_the_start(self):
        self.check_start("no_content", "of model 'scripted' and cut off at the limit of tokens, is empty.*max_tokens")

    def test_prose_later_is_an_outage(self):
        self.endpoint.limit = 2 * BATCH + 3
        process = self.start("evolve", "sodarace", "--run", self.path("run"), "--quiet", *self.flags())
        self.wait_until(lambda: self.endpoint.limit == 0, "the first answers", process)
        self.endpoint.mode = "prose"
        self.endpoint.limit = None
        self.wait_until(lambda: re.search("paused: .*begins: 'I am sorry", self.messages()), "the pause is told", process)
        time.sleep(1)
        self.assertLessEqual(self.last_iteration("run"), 3, "the outage consumed iterations")
        self.endpoint.mode = "ok"
        self.assertEqual(process.wait(60), 0, self.messages())
        self.assertIn("going on: ", self.messages())
        self.samara("evolve", "--replay", self.path("run"), "--run", self.path("again"), "--quiet")
        self.assertEqual(self.digest("again"), self.digest("run"))

    def test_another_model_is_told_once(self):
        self.endpoint.mode = "other_model"
        done = self.run_prompt("run")
        self.assertEqual(done.stderr.count("was asked for the model 'scripted' and answers as 'cheaper-model'"), 1)


class Recording(PromptTest):
    def test_killed_in_a_batch_and_resumed_asks_nothing_twice(self):
        self.run_prompt("clean")
        self.endpoint.answered, self.endpoint.bodies = [], []
        for limit in (5, BATCH + 4, 9):
            self.endpoint.limit = limit
            known = self.replies("run")
            command = ["resume", self.path("run"), "--quiet"] if self.replies("run") else [
                "evolve", "sodarace", "--run", self.path("run"), "--quiet", *self.flags("--prompt-stall-seconds", "60")]
            process = self.start(*command)
            self.wait_until(lambda: self.replies("run") == known + limit, f"{known} + {limit} answers are recorded", process)
            process.kill()
            process.wait()
            time.sleep(1.5)  # requests that were on their way come to nothing before the next process asks
        self.endpoint.limit = None
        self.samara("resume", self.path("run"), "--quiet", env=self.environment)
        self.assertEqual(len(self.endpoint.answered), len(set(self.endpoint.answered)), "something was asked twice")
        self.assertEqual(len(self.endpoint.answered), self.replies("run"))
        self.assertEqual(self.digest("run"), self.digest("clean"))

    def test_a_replay_without_an_endpoint_is_the_same_run(self):
        self.run_prompt("run")
        self.endpoint.stop()
        self.samara("evolve", "--replay", self.path("run"), "--run", self.path("again"), "--quiet")
        self.assertEqual(self.digest("again"), self.digest("run"))
        self.endpoint.start()

    def test_a_replay_without_a_reply_says_which_is_missing(self):
        self.run_prompt("run")
        connection = sqlite3.connect(os.path.join(self.path("run"), "replies.db"))
        connection.execute("DELETE FROM replies WHERE iteration = 2 AND slot = 3")
        connection.commit()
        connection.close()
        done = self.samara("evolve", "--replay", self.path("run"), "--run", self.path("again"), "--quiet", code=4)
        self.assertIn("iteration 2, slot 3, attempt 1", done.stderr)

    def test_the_number_of_workers_and_of_requests_in_flight_changes_nothing(self):
        digests = set()
        for workers, in_flight in ((1, 256), (3, 2), (2, 1)):
            run = f"w{workers}-{in_flight}"
            self.run_prompt(run, "--workers", workers, "--prompt-in-flight", in_flight)
            digests.add(self.digest(run))
        self.assertEqual(len(digests), 1)

    def test_mixed_with_gp(self):
        self.run_prompt("run", "--operator", "gp+prompt")
        self.samara("evolve", "--replay", self.path("run"), "--run", self.path("again"), "--quiet")
        self.assertEqual(self.digest("again"), self.digest("run"))

    def test_a_bandit_replays(self):
        more = ["--prompt-models", "a=1,b=1", "--prompt-choose", "bandit", "--prompt-price-in", "a=1,b=30",
                "--prompt-price-out", "a=1,b=30", "--iterations", "12"]
        self.run_prompt("run", *more)
        self.samara("evolve", "--replay", self.path("run"), "--run", self.path("again"), "--quiet")
        self.assertEqual(self.digest("again"), self.digest("run"))
        requests = {}
        for line in self.json("stats", self.path("run"))["ledger"]:
            requests[line["model"]] = requests.get(line["model"], 0) + line["requests"]
        self.assertGreater(requests["a"], 2 * requests["b"], "the dear model was asked as often")


class Spending(PromptTest):
    def test_a_budget_of_requests_is_never_passed_and_a_larger_one_carries_on(self):
        self.run_prompt("clean")
        self.endpoint.bodies = []
        done = self.run_prompt("run", "--prompt-budget-requests", BATCH + 7)
        self.assertIn("budget", done.stderr)
        self.assertEqual(len(self.endpoint.bodies), BATCH + 7)
        self.samara("resume", self.path("run"), "--prompt-budget-requests", "0", "--quiet", env=self.environment)
        self.assertEqual(self.digest("run"), self.digest("clean"))

    def test_a_budget_of_money_holds_with_many_in_flight(self):
        prices = ["--prompt-price-in", "scripted=1000", "--prompt-price-out", "scripted=1000"]
        done = self.run_prompt("run", *prices, "--prompt-budget-money", "10")
        self.assertIn("budget", done.stderr)
        cost = sum(line["cost"] for line in self.json("stats", self.path("run"))["ledger"])
        self.assertLessEqual(cost, 10)
        self.assertGreater(cost, 0)

    def test_the_ledger_counts_by_model_and_arm(self):
        self.run_prompt("run")
        report = self.json("stats", self.path("run"))
        ledger = report["ledger"]
        self.assertEqual({(line["model"], line["arm"]) for line in ledger},
                         {("scripted", "prompt.diff"), ("scripted", "prompt.cross")})
        self.assertEqual(sum(line["requests"] for line in ledger), len(self.endpoint.bodies))
        self.assertEqual(sum(line["prompt_tokens"] for line in ledger), 100 * len(self.endpoint.bodies))
        self.assertIn("asked", self.samara("stats", self.path("run")).stdout)


class Secrets(PromptTest):
    def check_no_key(self, run, *texts):
        for path in pathlib.Path(self.path(run)).rglob("*"):
            if path.is_file():
                self.assertNotIn(KEY.encode(), path.read_bytes(), path)
        for done in texts:
            self.assertNotIn(KEY, done.stdout + done.stderr)

    def test_the_key_is_sent_and_stands_nowhere(self):
        flags = ["--prompt-key-variable", "TEST_KEY"]
        self.endpoint.mode = "echo_key"
        done = self.run_prompt("run", *flags)
        self.assertEqual(self.endpoint.keys, {f"Bearer {KEY}"})
        sources = self.samara("export", self.path("run"), "--sources")
        self.assertIn("[key]", sources.stdout, "the endpoint's echo did not come through at all")
        self.check_no_key("run", done, sources, self.samara("stats", self.path("run")))

    def test_an_error_that_repeats_the_key_is_told_without_it(self):
        self.endpoint.mode = "wrong_key"
        done = self.run_prompt("run", "--prompt-key-variable", "TEST_KEY", code=2)
        self.assertIn("Incorrect API key: Bearer [key]", done.stderr)
        self.check_no_key("run", done)


class InFlight(PromptTest):
    def test_256_requests_are_in_flight_on_one_thread(self):
        self.endpoint.wait_for = 256
        process = self.start("evolve", "sodarace", "--run", self.path("run"), "--quiet",
                             *self.flags("--batch", "256", "--iterations", "1", "--workers", "1",
                                         "--prompt-stall-seconds", "60"))
        threads = lambda: len(os.listdir(f"/proc/{process.pid}/task"))
        self.wait_until(lambda: self.endpoint.open > 200 or process.poll() is not None, "many requests")
        self.assertLess(threads(), 12)
        self.assertEqual(process.wait(60), 0, self.messages())
        self.assertEqual(self.endpoint.most_open, 256)


if __name__ == "__main__":
    unittest.main()
