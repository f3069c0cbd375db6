#!/usr/bin/python3
"""What an engine costs besides the model: CPU per candidate and memory, against an endpoint that answers at once.

    bench/prompt_engine.py                                        # Samara: 1,000 and 10,000 programs
    bench/prompt_engine.py --samara build/release/bin/samara --batch 256
    bench/prompt_engine.py --openevolve PYTHON [--programs 1000]  # a Python that can import openevolve

Samara evolves walkers twice: with new robots, whose simulation is part of its process, and with programs that raise, so that
nothing is simulated: prompt, HTTP, journal, reading the reply, sandbox, log and archive remain. The figures are CPU seconds of
the engine's process (for Samara without the sandboxed interpreters, for OpenEvolve with its workers, which do its work), over all
programs and, where the engine tells, over a tenth of them near the end.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Endpoint:
    def __init__(self, kind):
        self.process = subprocess.Popen([sys.executable, ROOT / "bench" / "instant_endpoint.py", "--kind", kind],
                                        stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/v1"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def peak_mib(process):
    """Peak resident memory while it runs, sampled from /proc."""
    peak = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as file:
                peak = max(peak, int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]))
        except (OSError, TypeError):
            pass
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            pass
    return peak / 1024


def samara(program, kind, programs, batch):
    with Endpoint(kind) as endpoint, tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        process = subprocess.Popen(
            [program, "evolve", "sodarace", "--run", run, "--quiet", "--operator", "prompt", "--workers", "1",
             "--batch", str(batch), "--iterations", str(-(-programs // batch)), "--prompt-endpoint", endpoint.url,
             "--prompt-models", "instant", "--bins", "12,12,12"],
            env={**os.environ, "NO_PROXY": "*"}, stdout=subprocess.DEVNULL)
        memory = peak_mib(process)
        if process.returncode != 0:
            sys.exit(f"samara ended with {process.returncode}")
        import sqlite3
        connection = sqlite3.connect(os.path.join(run, "run.db"))
        stats = [json.loads(text) for (text,) in connection.execute("SELECT stats FROM iterations ORDER BY iteration")]
        connection.close()
    cpu = [entry["process_cpu_seconds"] for entry in stats]
    # The last iterations have nothing under way behind them, so they look cheaper than they are.
    end = len(cpu) - 3
    tail = max(2, len(cpu) // 10)
    name = "robots" if kind == "walker" else "programs that raise"
    report(f"samara, {name}", programs, 1000 * (cpu[end] - cpu[end - tail]) / (tail * batch),
           1000 * (cpu[-1] - cpu[0]) / ((len(cpu) - 1) * batch), memory, stats[-1]["seconds"])


def openevolve(python, programs):
    with Endpoint("function") as endpoint, tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "initial.py").write_text("# EVOLVE-BLOCK-START\ndef f(x):\n    return x\n# EVOLVE-BLOCK-END\n")
        (path / "evaluator.py").write_text(
            "def evaluate(path):\n    text = open(path).read()\n    return {'combined_score': len(text) % 97 / 97.0}\n")
        (path / "config.yaml").write_text(
            f"max_iterations: {programs}\ncheckpoint_interval: 1000000\nlog_level: ERROR\n"
            "diff_based_evolution: false\n"
            f"llm:\n  api_base: {endpoint.url}\n  api_key: none\n  models:\n    - name: instant\n      weight: 1.0\n"
            "evaluator:\n  cascade_evaluation: false\n  parallel_evaluations: 1\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen([python, "-m", "openevolve.cli", path / "initial.py", path / "evaluator.py", "--config",
                                    path / "config.yaml", "--output", path / "out"], env={**os.environ, "NO_PROXY": "*"},
                                   stdout=subprocess.DEVNULL)
        memory = peak_mib(process)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode != 0:
            sys.exit(f"openevolve ended with {process.returncode}: can {python} import it and what it needs?")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        report("openevolve", programs, None, 1000 * cpu / programs, memory, None)


def report(name, programs, tail_ms, mean_ms, memory, seconds):
    tail = f"{tail_ms:.3f}" if tail_ms is not None else "-"
    wall = f"{seconds:.1f}" if seconds is not None else "-"
    print(f"| {name} | {programs:,} | {mean_ms:.3f} | {tail} | {memory:.0f} | {wall} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samara", default=ROOT / "build/release/bin/samara")
    parser.add_argument("--openevolve", metavar="PYTHON")
    parser.add_argument("--programs", type=int, nargs="*", default=[1000, 10000])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--kind", choices=["walker", "failing"], nargs="*", default=["failing", "walker"])
    arguments = parser.parse_args()
    print("| engine | programs | CPU ms per candidate | in the last tenth | peak memory, MiB | wall s |")
    print("|---|---|---|---|---|---|")
    for programs in arguments.programs:
        if arguments.openevolve:
            openevolve(arguments.openevolve, programs)
            continue
        for kind in arguments.kind:
            samara(arguments.samara, kind, programs, arguments.batch)


main()
