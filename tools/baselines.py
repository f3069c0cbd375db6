#!/usr/bin/python3
"""Is evolution worth it here? Runs evolution and two baselines at the same number of candidates and compares them.

    tools/baselines.py -- sodarace --seed square --operator gp
    tools/baselines.py --candidates 2048 --seeds 5 -- sodarace --seed my_robot.py --operator gp+diff

iid: every candidate is a child of the seed (so many independent tries of the operator). sequential: every candidate
is a child of the best so far, one after the other (hill climbing). What stands after -- goes to `samara evolve` of
all three. Prints one table with means over the run seeds and 95 % intervals (Student's t), and what they say.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from ab import PROGRAM, interval

BATCH = 512
METRICS = {"best fitness": "max_fitness", "coverage": "coverage", "QD score": "qd_score"}
BASELINES = ("iid", "sequential")


def flags_of(method, candidates):
    """Hill climbing learns from every candidate, so it goes one by one; the others go by batches."""
    if method == "sequential":
        return ["--baseline", "sequential", "--batch", "1", "--lag", "0", "--iterations", str(candidates)]
    return ["--baseline", "iid" if method == "iid" else "none", "--batch", str(BATCH),
            "--iterations", str(candidates // BATCH)]


def measure(program, method, candidates, common, rng_seed):
    """The figures of a new run, which is thrown away."""
    with tempfile.TemporaryDirectory(prefix="samara-baselines-") as folder:
        run = str(pathlib.Path(folder) / "run")
        command = [program, "evolve", *common, *flags_of(method, candidates), "--rng-seed", str(rng_seed), "--run", run,
                   "--json", "--quiet"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        figures = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"`samara evolve` ended with exit code {process.returncode} (rng seed {rng_seed}, {method})")
    result = json.loads(figures)
    assert result["evaluations"] == candidates
    return {**result, "cpu": usage.ru_utime + usage.ru_stime}


def with_interval(values):
    mean, half = interval(values)
    return f"{mean:.4g} +- {half:.2g}"


def verdict(results, metric):
    """(evolution wins, it loses, a sentence) against the better baseline."""
    rival = max(BASELINES, key=lambda name: statistics.mean(run[metric] for run in results[name]))
    differences = [ours[metric] - theirs[metric] for ours, theirs in zip(results["evolution"], results[rival])]
    mean, half = interval(differences)
    wins, loses = mean - half > 0, mean + half < 0
    words = "is better" if wins else "is worse" if loses else "shows no difference"
    return wins, loses, f"{words} (against {rival}: {mean:+.4g}, 95 % interval {mean - half:.4g} to {mean + half:.4g})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=10240, help=f"of each run, a multiple of {BATCH} (default: 10240)")
    parser.add_argument("--seeds", type=int, default=3, help="run seeds 1 to SEEDS (default: 3)")
    parser.add_argument("--program", default=PROGRAM, type=pathlib.Path, help="samara (default: %(default)s)")
    parser.add_argument("common", nargs="+", help="arguments of samara evolve, after --")
    args = parser.parse_args()
    if args.seeds < 2:
        parser.error("an interval needs at least two run seeds")
    if args.candidates <= 0 or args.candidates % BATCH != 0:
        parser.error(f"--candidates must be a multiple of {BATCH}")

    results = {}
    print(f"{args.candidates} candidates, run seeds 1 to {args.seeds}: mean +- half of the 95 % interval\n")
    print("| | " + " | ".join(METRICS) + " | CPU seconds |\n|---|" + "---:|" * (len(METRICS) + 1))
    for method in ("evolution", *BASELINES):
        results[method] = [measure(args.program, method, args.candidates, args.common, seed + 1)
                           for seed in range(args.seeds)]
        cells = [with_interval([run[key] for run in results[method]]) for key in (*METRICS.values(), "cpu")]
        print(f"| {method} | " + " | ".join(cells) + " |", flush=True)

    print()
    verdicts = {name: verdict(results, key) for name, key in METRICS.items()}
    wins = [name for name, (won, _, _) in verdicts.items() if won]
    losses = [name for name, (_, lost, _) in verdicts.items() if lost]
    answer = "yes" if wins and not losses else "no" if losses and not wins else "it depends" if wins else "not shown"
    print(f"Is evolution worth it here? {answer.capitalize()}.")
    for name, (_, _, sentence) in verdicts.items():
        print(f"* {name}: evolution {sentence}")


if __name__ == "__main__":
    main()
