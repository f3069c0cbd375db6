#!/usr/bin/python3
"""Evolves every Sodarace seed and prints the table of docs/reproduce.md.

    bench/stage1.py --samara build/release/bin/samara --runs runs/stage1
    bench/stage1.py --seeds square --operators gp,gp-node --rng-seeds 1,2,3,4,5
    bench/stage1.py --operators gp,diff,tuned=diff@build/tuned,both=gp+diff@build/tuned

One run per seed program, operator and rng seed. NAME=OPERATOR@MODEL is the operator with another diff model, under a name of its
own. Runs that were cut off are carried on and finished ones are read, so the same command can be given again at any time.
Figures are means over the rng seeds with 95% intervals (Student's t). The last columns compare at equal CPU time, that of the
first operator's runs: CPU seconds count all processes, and are taken to grow evenly with the candidates.
"""
import argparse
import csv
import json
import pathlib
import resource
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


class Variant:
    """An operator as the command line names it: OPERATOR, or NAME=OPERATOR@MODEL."""

    def __init__(self, text):
        self.name, _, rest = text.rpartition("=")
        self.operator, _, self.model = rest.partition("@")
        self.name = self.name or rest.replace("@", "-").replace("/", "-")

    def flags(self):
        return ["--operator", self.operator, *(["--model", self.model] if self.model else [])]


def cpu_seconds():
    """Of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def finish(samara, folder, seed, variant, rng_seed, arguments):
    """Runs, carries on or just reads one run; returns its stats, its history, and its CPU seconds per candidate."""
    cost_file = folder / "cpu.json"  # CPU seconds of each process that worked on the run, and the candidates they made
    costs = json.loads(cost_file.read_text()) if cost_file.exists() else {"seconds": 0.0, "candidates": 0}
    stats_of = lambda: json.loads(
        subprocess.run([samara, "stats", folder, "--json"], check=True, capture_output=True).stdout)
    before = stats_of()["evaluations"] if (folder / "run.db").exists() else 0
    if before < arguments.iterations * arguments.batch:
        if before:
            command = [samara, "resume", folder, "--iterations", arguments.iterations, "--workers", arguments.workers]
        else:
            command = [samara, "evolve", "sodarace", "--seed", seed, *variant.flags(), "--rng-seed", rng_seed,
                       "--iterations", arguments.iterations, "--batch", arguments.batch, "--workers", arguments.workers,
                       "--run", folder]
        start = cpu_seconds()
        subprocess.run([*map(str, command), "--quiet"], check=True, stdout=subprocess.DEVNULL)
        costs["seconds"] += cpu_seconds() - start
        costs["candidates"] += arguments.iterations * arguments.batch - before
        cost_file.write_text(json.dumps(costs))
    text = subprocess.run([samara, "stats", folder, "--history"], check=True, capture_output=True, text=True).stdout
    history = list(csv.DictReader(text.splitlines()))
    cost = costs["seconds"] / costs["candidates"] if costs["candidates"] else float("nan")
    return stats_of(), history, cost


def at(history, candidates):
    """The history's line when so many candidates had been tried; the last one of a run that made fewer."""
    return next((line for line in history if int(line["evaluations"]) >= candidates), history[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samara", default="build/release/bin/samara")
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("runs/stage1"))
    parser.add_argument("--seeds", default="square,radial,cppn-fixed,cppn-mutable")
    parser.add_argument("--operators", default="gp")
    parser.add_argument("--rng-seeds", default="1,2,3")
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--workers", type=int, default=0, help="0: one per core (default); figures do not depend on it")
    arguments = parser.parse_args()

    print("| seed | operator | candidates | coverage % | QD score | best fitness | valid % | runnable % | accepted % "
          "| CPU ms per candidate | coverage %, equal CPU | QD score, equal CPU |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for seed in arguments.seeds.split(","):
        budget = None  # CPU seconds, by rng seed, of the first operator's runs
        for variant in map(Variant, arguments.operators.split(",")):
            stats, costs, equal = [], [], []
            for rng_seed in arguments.rng_seeds.split(","):
                folder = arguments.runs / f"{seed}-{variant.name}-{rng_seed}"
                print(f"{folder} ...", file=sys.stderr, flush=True)
                result, history, cost = finish(arguments.samara, folder, seed, variant, rng_seed, arguments)
                stats.append(result)
                costs.append(cost)
                if budget is None or len(budget) < len(stats):
                    budget = [*(budget or []), cost * result["evaluations"]]
                equal.append(at(history, budget[len(stats) - 1] / cost))
            column = lambda key, scale=1: interval([scale * s[key] for s in stats])
            equal_column = lambda key, scale=1: interval([scale * float(line[key]) for line in equal])
            print(f"| {seed} | {variant.name} | {stats[0]['evaluations']:,} | {column('coverage', 100)} "
                  f"| {column('qd_score')} | {column('max_fitness')} | {column('valid_share', 100)} "
                  f"| {column('runnable_share', 100)} | {column('accepted_share', 100)} "
                  f"| {interval([1000 * c for c in costs])} | {equal_column('coverage', 100)} "
                  f"| {equal_column('qd_score')} |", flush=True)


if __name__ == "__main__":
    main()
