#!/usr/bin/python3
"""Evolves every Sodarace seed and prints the table of docs/reproduce.md.

    bench/stage1.py --samara build/release/bin/samara --runs runs/stage1
    bench/stage1.py --seeds square --operators gp,gp-node --rng-seeds 1,2,3,4,5
    bench/stage1.py --operators gp,diff,tuned=diff@build/tuned,both=gp+diff@build/tuned

One run per seed program, operator and rng seed. NAME=OPERATOR@MODEL is the operator with another diff model, under a name of its
own. Runs that were cut off are carried on and longer ones are read up to --iterations, so the same command can be given again at any
time. --record keeps what came of the runs in a file, by their names, so that those of several days make one table; runs of another
model than the one named are not read. Recorded runs of a model that is no more are read by their NAME alone.
Figures are means over the rng seeds with 95% intervals (Student's t). The last columns compare at equal CPU time, that of the
first operator's runs: CPU seconds count all processes, and are taken to grow evenly with the candidates. They are those of the
machine that made the run; the record says null where that was another one than of most runs, and the mean of the operator's other
runs is taken.
"""
import argparse
import csv
import json
import pathlib
import resource
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
import ab  # noqa: E402

def interval(values):
    """'mean ± half width', or the value alone where there is only one; empty where there is none."""
    if not values:
        return ""
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

    def model_digest(self, samara):
        """Of the model that its runs write with; empty where they write with none."""
        if "diff" not in self.operator.split("+"):
            return ""
        return model_digest(samara, self.model or "models/diff")


def model_digest(samara, folder):
    inspected = subprocess.run([samara, "lm", "inspect", folder, "--json"], check=True, capture_output=True).stdout
    return json.loads(inspected)["digest"][:12]


def cpu_seconds():
    """Of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Record:
    """What came of runs, in a JSON file if there is one: by name, a run's history, column by column (of what follows iteration 50 every
    tenth line), its CPU seconds per candidate (null: not known), and the digest of its model."""

    COLUMNS = ("iteration", "evaluations", "coverage", "qd_score", "max_fitness", "valid", "executed", "scored", "accepted")

    def __init__(self, path, batch):
        self.path = path
        self.batch = batch
        self.runs = json.loads(path.read_text()) if path and path.exists() else {}

    def find(self, name, candidates, model):
        """Its history and CPU seconds per candidate, if it went as far, with that model."""
        run = self.runs.get(name)
        if not run or run["history"]["evaluations"][-1] < candidates or (model and run.get("model") != model):
            return None
        columns = run["history"]
        if run["batch"] != self.batch:
            sys.exit(f"{self.path}: {name} was made with --batch {run['batch']}; use that, or another file")
        return [dict(zip(columns, line)) for line in zip(*columns.values())], run["cpu_seconds_per_candidate"]

    def keep(self, name, model, history, cost):
        lines = [line for line in history
                 if line["iteration"] <= 50 or line["iteration"] % 10 == 0 or line is history[-1]]
        columns = {key: [line[key] for line in lines] for key in self.COLUMNS}
        self.runs[name] = {"batch": self.batch, "cpu_seconds_per_candidate": cost, "model": model, "history": columns}
        if self.path:
            new = self.path.with_suffix(".new")
            entries = [f"{json.dumps(name)}: {json.dumps(run)}" for name, run in sorted(self.runs.items())]
            new.write_text("{\n" + ",\n".join(entries) + "\n}\n")
            new.replace(self.path)


def finish(samara, folder, seed, variant, model, rng_seed, arguments):
    """Runs, carries on or just reads one run; returns its history and its CPU seconds per candidate."""
    cost_file = folder / "cpu.json"  # CPU seconds of each process that worked on the run, and the candidates they made
    costs = json.loads(cost_file.read_text()) if cost_file.exists() else {"seconds": 0.0, "candidates": 0}
    before = 0
    if (folder / "run.db").exists():
        stats = subprocess.run([samara, "stats", folder, "--json"], check=True, capture_output=True).stdout
        before = json.loads(stats)["evaluations"]
    if before and model and model != model_digest(samara, folder / "models/0"):
        sys.exit(f"{folder} was made with another model; name another folder with --runs")
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
    history = [{key: json.loads(value) for key, value in line.items()} for line in csv.DictReader(text.splitlines())]
    return history, costs["seconds"] / costs["candidates"] if costs["candidates"] else None


def at(history, candidates):
    """The history's line when so many candidates had been tried, between lines in proportion; the last one of a run that made
    fewer."""
    after = next((i for i, line in enumerate(history) if line["evaluations"] >= candidates), None)
    if not after:
        return history[-1 if after is None else 0]
    low, high = history[after - 1], history[after]
    part = (candidates - low["evaluations"]) / (high["evaluations"] - low["evaluations"])
    return {key: low[key] + part * (high[key] - low[key]) for key in high}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samara", default="build/release/bin/samara")
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("runs/stage1"))
    parser.add_argument("--seeds", default="square,radial,cppn-fixed,cppn-mutable")
    parser.add_argument("--operators", default="gp")
    parser.add_argument("--rng-seeds", default="1,2,3")
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--record", type=pathlib.Path, help="JSON file of runs, to read and to add to")
    parser.add_argument("--workers", type=int, default=0, help="0: one per core (default); figures do not depend on it")
    arguments = parser.parse_args()

    record = Record(arguments.record, arguments.batch)
    candidates = arguments.iterations * arguments.batch
    variants = [Variant(text) for text in arguments.operators.split(",")]

    print("| seed | operator | candidates | coverage % | QD score | best fitness | valid % | runnable % | accepted % "
          "| CPU ms per candidate | coverage %, equal CPU | QD score, equal CPU |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for seed in arguments.seeds.split(","):
        budgets = []  # CPU seconds of the first operator's runs, by rng seed
        for variant in variants:
            histories, costs = [], []  # CPU seconds per candidate, or None
            model = variant.model_digest(arguments.samara)
            for rng_seed in arguments.rng_seeds.split(","):
                folder = arguments.runs / f"{seed}-{variant.name}-{rng_seed}"
                print(f"{folder} ...", file=sys.stderr, flush=True)
                if not record.find(folder.name, candidates, model):
                    record.keep(folder.name, model, *finish(arguments.samara, folder, seed, variant, model, rng_seed, arguments))
                history, cost = record.find(folder.name, candidates, model) or sys.exit(f"{folder} has fewer than {candidates} candidates")
                histories.append(history)
                costs.append(cost)
            lines = [at(history, candidates) for history in histories]
            known = [cost for cost in costs if cost]
            costs = [cost or statistics.mean(known) for cost in costs] if known else []
            if variant is variants[0]:
                budgets = [cost * candidates for cost in costs]
            equal = [at(history, budget / cost) for history, budget, cost in zip(histories, budgets, costs)]
            share = lambda part, whole: interval([100 * line[part] / line[whole] for line in lines])
            columns = [seed, variant.name, f"{candidates:,}",
                       interval([100 * line["coverage"] for line in lines]), interval([line["qd_score"] for line in lines]),
                       interval([line["max_fitness"] for line in lines]),
                       share("valid", "evaluations"), share("scored", "executed"), share("accepted", "evaluations"),
                       interval([1000 * cost for cost in known]),
                       interval([100 * line["coverage"] for line in equal]), interval([line["qd_score"] for line in equal])]
            print("|", " | ".join(columns), "|", flush=True)


if __name__ == "__main__":
    main()
