#!/usr/bin/python3
"""Runs every benchmark program of a build and writes one table: bench/results/<machine>.md.

    cmake --build build/release && bench/run.py                 # all of them, a few minutes
    bench/run.py --only sandbox,archive --repetitions 5         # some
    bench/run.py --print                                        # do not write the file

Each figure is the median of the repetitions. Machines differ and are noisy: compare figures of one run with each other.
"""
import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def machine():
    """CPU, cores and kernel, as a heading and as a file name."""
    model = platform.processor() or "unknown"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    heading = f"{model}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}"
    return heading, re.sub(r"[^a-z0-9]+", "-", f"{model} {os.cpu_count()} cores".lower()).strip("-")


def run(program, repetitions):
    """The medians of one benchmark program: a list of (name, time text, counters)."""
    command = [program, "--benchmark_format=json", f"--benchmark_repetitions={repetitions}",
               "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.2"]
    print(f"{program.name} ...", file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    rows = []
    for entry in json.loads(done.stdout)["benchmarks"]:
        if repetitions > 1 and entry.get("aggregate_name") != "median":
            continue
        name = re.sub(r"/(iterations|repeats):\d+|/manual_time|/process_time|/real_time|_median$", "", entry["name"])
        skip = {"name", "family_index", "per_family_instance_index", "repetition_index", "run_name", "run_type", "repetitions", "threads",
                "aggregate_name", "aggregate_unit", "iterations", "real_time", "cpu_time", "time_unit"}
        counters = {key: value for key, value in entry.items() if key not in skip and isinstance(value, (int, float))}
        rows.append((name, f"{entry['cpu_time']:.3g} {entry['time_unit']}", counters))
    return rows


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(program, rows):
    lines = [f"## {program.name}", "", "| benchmark | CPU time | counters |", "|---|---|---|"]
    for name, time, counters in rows:
        lines.append(f"| {name} | {time} | {', '.join(f'{key} {number(value)}' for key, value in counters.items())} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="build folder")
    parser.add_argument("--only", default="", help="parts of program names, with commas between them")
    parser.add_argument("--repetitions", type=int, default=3, help="the figures are their medians (default: 3)")
    parser.add_argument("--print", action="store_true", help="print the table instead of writing it")
    arguments = parser.parse_args()

    programs = sorted((arguments.build / "bench").glob("*_bench"))
    wanted = [part for part in arguments.only.split(",") if part]
    if wanted:
        programs = [program for program in programs if any(part in program.name for part in wanted)]
    if not programs:
        sys.exit(f"no benchmark programs in {arguments.build}/bench; build them first: cmake --build {arguments.build}")

    heading, file_name = machine()
    text = f"# {heading}\n\nMedians, repetitions: {arguments.repetitions}; `bench/run.py` makes this file.\n\n"
    text += "\n".join(table(program, run(program, arguments.repetitions)) for program in programs)
    if arguments.print:
        print(text)
    else:
        out = ROOT / "bench/results" / f"{file_name}.md"
        out.write_text(text)
        print(f"wrote {out.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
