#!/usr/bin/python3
"""Does a change to the search help? Runs two variants on the same run seeds and compares them pair by pair.

    tools/ab.py --a "--operator gp-node" --b "--operator gp" -- sodarace --seed square --iterations 50
    tools/ab.py --program-a ../before/build/release/bin/samara -- sodarace --seed radial --iterations 50

What stands after -- goes to `samara evolve` of both. Prints each pair and the mean difference B - A with its 95 %
interval (Student's t over the pairs): evidence when the interval leaves out 0. Runs one after another, each on all
cores; results do not depend on that.
"""

import argparse
import json
import math
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / "build/release/bin/samara"

# Two-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom (any table of the distribution).
T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
       2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045]


def interval(differences):
    """(mean, half width of its 95 % interval) of at least two differences."""
    pairs = len(differences)
    quantile = T95[min(pairs - 1, len(T95)) - 1]
    return statistics.mean(differences), quantile * statistics.stdev(differences) / math.sqrt(pairs)


def measure(program, flags, rng_seed, metric):
    """The metric of a new run, which is thrown away."""
    with tempfile.TemporaryDirectory(prefix="samara-ab-") as folder:
        run = str(pathlib.Path(folder) / "run")
        subprocess.run([program, "evolve", *flags, "--rng-seed", str(rng_seed), "--run", run, "--quiet"],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        stats = subprocess.run([program, "stats", run, "--json"], check=True, capture_output=True, text=True).stdout
    value = json.loads(stats).get(metric)
    if not isinstance(value, (int, float)):
        sys.exit(f"`samara stats --json` has no number {metric}; docs/cli.md lists its keys")
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--a", default="", metavar="FLAGS", help="flags of variant A alone")
    parser.add_argument("--b", default="", metavar="FLAGS", help="flags of variant B alone")
    parser.add_argument("--program-a", default=PROGRAM, type=pathlib.Path, help="samara for A (default: %(default)s)")
    parser.add_argument("--program-b", default=PROGRAM, type=pathlib.Path, help="samara for B (default: the same)")
    parser.add_argument("--pairs", type=int, default=10, help="run seeds 1 to PAIRS (default: 10, the least to claim)")
    parser.add_argument("--metric", default="qd_score", help="key of stats --json (default: qd_score)")
    parser.add_argument("common", nargs="+", help="arguments of samara evolve, after --")
    args = parser.parse_args()
    if args.pairs < 2:
        parser.error("an interval needs at least two pairs")

    differences = []
    print(f"{'run seed':>8} {'A':>14} {'B':>14} {'B - A':>14}   ({args.metric})")
    for rng_seed in range(1, args.pairs + 1):
        a = measure(args.program_a, [*args.common, *shlex.split(args.a)], rng_seed, args.metric)
        b = measure(args.program_b, [*args.common, *shlex.split(args.b)], rng_seed, args.metric)
        differences.append(b - a)
        print(f"{rng_seed:>8} {a:>14.6g} {b:>14.6g} {b - a:>14.6g}", flush=True)

    mean, half = interval(differences)
    verdict = "B is better" if mean - half > 0 else "A is better" if mean + half < 0 else "no difference shown"
    print(f"B - A = {mean:.6g}, 95 % interval {mean - half:.6g} to {mean + half:.6g} ({args.pairs} pairs): {verdict}")


if __name__ == "__main__":
    main()
