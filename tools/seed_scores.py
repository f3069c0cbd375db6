#!/usr/bin/env python3
"""Scores the seeds of other systems' bundled examples, unmodified, as Samara's tasks, and prints a table.

usage: tools/seed_scores.py [--samara PROGRAM] [--only WORD] CHECKOUT...

CHECKOUT is a folder with OpenEvolve's or ShinkaEvolve's repository; nothing of it is kept. Only examples that run offline
with Debian's packages are tried. What they need besides python3-numpy: python3-scipy python3-matplotlib gfortran golang.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

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


def examples_of(checkout):
    """[(name, their score, arguments of `samara new task`)]"""
    folder = checkout / "examples"
    found = []
    for name, theirs in SHINKA if (folder / "sine_approx_headless").is_dir() else OPENEVOLVE:
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
    return found


def score(samara, arguments):
    """(score or outcome, seconds)"""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="samara-seed-"))
    try:
        made = subprocess.run([samara, "new", "task", folder / "task", *arguments], capture_output=True, text=True)
        if made.returncode != 0:
            return made.stderr.strip().splitlines()[-1][:80], 0.0
        begun = time.monotonic()
        done = subprocess.run([samara, "eval", folder / "task", "--json"], capture_output=True, text=True)
        seconds = time.monotonic() - begun
        if done.returncode != 0:
            return done.stderr.strip().splitlines()[0][:120], seconds
        result = json.loads(done.stdout)
        if result["outcome"] != "scored":
            return f"{result['outcome']}: {result['message'][:100]}", seconds
        return f"{result['fitness']:.5g}", seconds
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--samara", default=str(root / "build/release/bin/samara"))
    parser.add_argument("--only", default="", help="examples whose name holds this")
    parser.add_argument("checkouts", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    if not os.access(options.samara, os.X_OK):
        sys.exit(f"{options.samara} is not built; name the program with --samara")
    print("| example | their seed score | ours | seconds |\n|---|---|---|---|")
    for checkout in options.checkouts:
        for name, theirs, arguments in examples_of(checkout):
            if options.only not in name:
                continue
            if arguments is None:
                print(f"| {name} | {theirs} | not in this checkout | |", flush=True)
                continue
            ours, seconds = score(options.samara, arguments)
            print(f"| {name} | {theirs} | {ours} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
