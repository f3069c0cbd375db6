#!/usr/bin/python3
"""Evolves every Sodarace seed and prints the table of docs/reproduce.md.

    bench/stage1.py --samara build/release/bin/samara --runs runs/stage1
    bench/stage1.py --seeds square --operators gp,gp-node --rng-seeds 1,2,3,4,5

One run per seed program, operator and rng seed. Runs that were cut off are carried on and finished ones are read, so the
same command can be given again at any time. Figures are means over the rng seeds with 95% intervals (Student's t).
"""
import argparse
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
import ab  # noqa: E402

def interval(values):
    """'mean ± half width', or the value alone where there is only one."""
    if len(values) == 1:
        return f"{values[0]:,.4g}"
    mean, half_width = ab.interval(values)
    return f"{mean:,.4g} ± {half_width:.2g}"


def finish(samara, folder, seed, operator, rng_seed, arguments):
    """Runs, carries on or just reads one run; returns its stats and its seed's QD score."""
    if (folder / "run.db").exists():
        command = [samara, "resume", folder, "--iterations", arguments.iterations]
    else:
        command = [samara, "evolve", "sodarace", "--seed", seed, "--operator", operator, "--rng-seed", rng_seed,
                   "--iterations", arguments.iterations, "--batch", arguments.batch, "--run", folder]
    subprocess.run([*map(str, command), "--quiet"], check=True, stdout=subprocess.DEVNULL)
    stats = json.loads(subprocess.run([samara, "stats", folder, "--json"], check=True, capture_output=True).stdout)
    history = subprocess.run([samara, "stats", folder, "--history"], check=True, capture_output=True, text=True).stdout
    names, first = (line.split(",") for line in history.splitlines()[:2])
    return stats, float(first[names.index("qd_score")])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samara", default="build/release/bin/samara")
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("runs/stage1"))
    parser.add_argument("--seeds", default="square,radial,cppn-fixed,cppn-mutable")
    parser.add_argument("--operators", default="gp")
    parser.add_argument("--rng-seeds", default="1,2,3")
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--batch", type=int, default=512)
    arguments = parser.parse_args()

    print("| seed | operator | candidates | coverage % | QD score | times the seed's QD | best fitness | runnable % |")
    print("|---|---|---|---|---|---|---|---|")
    for seed in arguments.seeds.split(","):
        for operator in arguments.operators.split(","):
            stats, start = [], []
            for rng_seed in arguments.rng_seeds.split(","):
                folder = arguments.runs / f"{seed}-{operator}-{rng_seed}"
                print(f"{folder} ...", file=sys.stderr, flush=True)
                result, seed_score = finish(arguments.samara, folder, seed, operator, rng_seed, arguments)
                stats.append(result)
                start.append(seed_score)
            column = lambda key, scale=1: interval([scale * s[key] for s in stats])
            times = interval([s["qd_score"] / q for s, q in zip(stats, start)]) if min(start) > 0 else "seed stands still"
            print(f"| {seed} | {operator} | {stats[0]['evaluations']:,} | {column('coverage', 100)} | {column('qd_score')} "
                  f"| {times} | {column('max_fitness')} | {column('runnable_share', 100)} |", flush=True)


if __name__ == "__main__":
    main()
