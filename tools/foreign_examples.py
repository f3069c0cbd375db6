#!/usr/bin/env python3
"""Evolves other systems' bundled examples, unmodified, as Samara's tasks, and prints a table.

usage: tools/foreign_examples.py [--samara PROGRAM] [--only WORD] [--candidates 50] [--seconds 300] CHECKOUT...

CHECKOUT is a folder with OpenEvolve's or ShinkaEvolve's repository; nothing of it is changed. Each example is given to
`samara evolve` with --openevolve or --shinka and the operator `prompt`, which asks an endpoint that this program starts: it
answers with edits and whole programs in which a detail is different, with prose, and with edits that cannot be used.
Only examples that run offline with Debian's packages are tried. What they need besides python3-numpy: python3-scipy
python3-bs4 gfortran golang. Every example must end within --seconds, else its line says how far it came.
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from scripted_endpoint import Endpoint, completion  # noqa: E402

ALPHA = "alphaevolve_math_problems"
OPENEVOLVE = [
    ("function_minimization", "1.04 to 1.42"), ("claude_code_quickstart", "1.04 to 1.42"), ("circle_packing", ".36424"),
    ("circle_packing_with_artifacts", ".36424"), ("background_blur", ".97 to 1.00"), ("signal_processing", "13.73"),
    ("web_scraper_optillm", ".6864"), (f"{ALPHA}/heilbronn_convex/13", ".0104"), (f"{ALPHA}/heilbronn_convex/14", ".0112"),
    (f"{ALPHA}/hexagon_packing/11", ".4913"), (f"{ALPHA}/hexagon_packing/12", ".4927"),
    (f"{ALPHA}/kissing_number", ".0034"), (f"{ALPHA}/minimizing_max_min_dist/2", ".0198"),
    (f"{ALPHA}/minimizing_max_min_dist/3", ".0180"), (f"{ALPHA}/circle_packing_rect", "0"),
    (f"{ALPHA}/heilbronn_triangle", "0"), ("k_module_problem", "0"),
]
SHINKA = [
    ("circle_packing", ".9598"), ("game_2048", ".002"), ("fortran_heat_diffusion", "99.997"),
    ("go_collatz_steps", "99.7 to 99.8"), ("sine_approx_headless", ".1045"),
]
FORMS = ("edit", "whole", "prose", "not there", "broken", "outside")
SHARES = (60, 15, 8, 7, 7, 3)
NUMBER = re.compile(r"(?<![\w.])\d+(\.\d+)?(?![\w.])")
WORD = re.compile(r"(?<!\w)'\w+'")
COMMENT = re.compile(r"\s*(#|//|!|\"\"\"|def )")
REMARKS = {"go": "//", "fortran": "!"}  # those programs have one right answer: hardly any other small change keeps it
SWAPS = [("np.zeros(", "np.random.random("), (" + ", " - "), (" * ", " + "), (" < ", " <= "), ("max(", "min("), ("cos(", "sin(")]


def changed(line, text, rng):
    """The line with one thing in it changed; None where there is nothing to change."""
    ways = [("number", at) for at in NUMBER.finditer(line)] + [("word", at) for at in WORD.finditer(line)]
    ways += [("swap", (old, new)) for old, new in SWAPS if old in line]
    ways += [("factor", at) for at in re.finditer(r"^\s*return (\w+)$", line)]
    if not ways:
        return None
    way, at = rng.choice(ways)
    if way == "swap":
        return line.replace(*at, 1)
    if way == "factor":
        return f"{line} * {rng.uniform(0.6, 1.4):.3f}"
    if way == "word":
        new = rng.choice(WORD.findall(text))
    elif at[1]:
        new = f"{float(at[0]) * rng.uniform(0.7, 1.4):.4g}"
    else:
        new = str(int(at[0]) + rng.choice((-1, 1, 2) if int(at[0]) > 0 else (1, 2)))
    return line[:at.start()] + new + line[at.end():]


def changes_of(text, rng):
    """{a line that the text has once: what to put there}: of one line or two."""
    lines = text.split("\n")
    places = [line for line in lines if lines.count(line) == 1 and not COMMENT.match(line) and changed(line, text, rng)]
    return {line: changed(line, text, rng) for line in rng.sample(places, min(len(places), rng.choice((1, 1, 2))))}


def reply(prompt, seed):
    """What a model might say to the prompt; a function of both."""
    rng = random.Random(seed)
    fence, program = re.search(r"^(```+\w*)\n(.*?)\n```+$", prompt, re.S | re.M).groups()
    block = re.search(r"EVOLVE-BLOCK-START[^\n]*\n(.*?)\n[^\n]*EVOLVE-BLOCK-END", program, re.S)
    changes = changes_of(block[1] if block else program, rng)
    remark = REMARKS.get(fence.strip("`"))
    if remark and rng.random() < 0.3:
        changes = {line: f"{line}  {remark} {rng.randrange(100)}" for line in changes}
    form = rng.choices(FORMS, SHARES)[0]
    if form == "prose" or not changes:
        return "The program looks fine to me; one could think about a different algorithm."
    if form == "not there":
        changes = {line + "  there is no such line": new for line, new in changes.items()}
    elif form == "broken":
        changes = {line: new + " (((" for line, new in changes.items()}
    elif form == "outside":
        line = program.split("\n")[0]
        changes = {line: line + " and more"}
    if form == "whole" or "<<<<<<< SEARCH" not in prompt and form in ("edit", "broken"):
        lines = [changes.get(line, line) for line in program.split("\n")]
        return f"Changed a detail.\n\n{fence}\n" + "\n".join(lines) + "\n```"
    return "Changed a detail.\n" + "".join(f"\n<<<<<<< SEARCH\n{line}\n=======\n{new}\n>>>>>>> REPLACE\n"
                                         for line, new in changes.items())


class Model(Endpoint):
    def do_ok(self, http, body, raw):
        self.note_answer(raw)
        prompt = next(message["content"] for message in body["messages"] if message["role"] == "user")
        self.send(http, 200, completion(reply(prompt, body["seed"]), body["model"]))


def examples_of(checkout):
    """[(name, their score, arguments of `samara evolve`)] and the names of the other examples"""
    folder = checkout / "examples"
    found = []
    listed = SHINKA if (folder / "sine_approx_headless").is_dir() else OPENEVOLVE
    for name, theirs in listed:
        example = folder / name
        if (example / "evaluate.py").exists():
            found.append((name, theirs, ["--shinka", str(example)]))
        elif (example / "evaluator.py").exists():
            initial = next(iter(sorted(example.glob("initial_program.*"))), example / "initial_program.py")
            arguments = ["--openevolve", str(initial), str(example / "evaluator.py")]
            config = next(iter(sorted(example.glob("config*.yaml"))), None)
            found.append((name, theirs, arguments + (["-c", str(config)] if config else [])))
        else:
            found.append((name, theirs, None))
    folders = [path for path in folder.iterdir() if path.name != ALPHA] + list((folder / ALPHA).glob("*"))
    names = (str(path.relative_to(folder)) for path in folders if path.is_dir())
    return found, sorted(name for name in names if not any(f"{known}/".startswith(name + "/") for known, _ in listed))


def evolve(samara, endpoint, arguments, candidates, limit):
    """The table's cells of one example."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="samara-foreign-"))
    run = folder / "run"
    batch = 10
    command = [samara, "evolve", *arguments, "--run", run, "--operator", "prompt", "--prompt-endpoint", endpoint.url,
               "--prompt-models", "scripted", "--batch", str(batch), "--iterations", str(-(-candidates // batch)), "--quiet",
               "--minutes", f"{limit / 60:.2f}"]
    try:
        begun = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit + 60,
                                  env={**os.environ, "NO_PROXY": "*"})
        except subprocess.TimeoutExpired:
            done = None  # what it stored counts
        seconds = time.monotonic() - begun
        if done and done.returncode != 0:
            message = [line for line in done.stderr.splitlines() if not line.startswith("warning")] or ["?"]
            return ["", f"exit code {done.returncode}: {message[0][:160]}"]
        log = [json.loads(line) for line in subprocess.run([samara, "export", run], capture_output=True, text=True,
                                                           check=True).stdout.splitlines()]
        subprocess.run([samara, "verify", run], capture_output=True, check=True)
        if not log:
            return ["", "not even the seed was scored in time"]
        seed, best = log[0]["fitness"], max(entry["fitness"] for entry in log if entry["fitness"] is not None)
        log = [entry for entry in log if entry["iteration"] > 0]
        outcomes = {}
        for entry in log:
            outcomes[entry["outcome"]] = outcomes.get(entry["outcome"], 0) + 1
        accepted, rejected = outcomes.pop("accepted", 0), outcomes.pop("rejected", 0)
        rest = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items(), key=lambda item: -item[1]))
        return [f"{seed:.5g}", len(log), accepted + rejected, accepted, rest, f"{best:.5g}", f"{seconds:.0f}"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samara", default=str(ROOT / "build/release/bin/samara"))
    parser.add_argument("--only", default="", help="examples whose name holds this")
    parser.add_argument("--candidates", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300.0, help="for one example")
    parser.add_argument("checkouts", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    if not os.access(options.samara, os.X_OK):
        sys.exit(f"{options.samara} is not built; name the program with --samara")
    endpoint = Model()
    print("| example | seed, theirs | ours | candidates | scored | accepted | the others | best | seconds |\n"
          "|---|---|---|---|---|---|---|---|---|")
    others = []
    for checkout in options.checkouts:
        found, rest = examples_of(checkout)
        others += rest
        for name, theirs, arguments in found:
            if options.only not in name:
                continue
            cells = ["", "not in this checkout"] if arguments is None else evolve(
                options.samara, endpoint, arguments, options.candidates, options.seconds)
            print("| " + " | ".join(map(str, [name, theirs, *cells])) + " |", flush=True)
    endpoint.stop()
    print("\nNot tried: " + ", ".join(others))


if __name__ == "__main__":
    main()
