#!/usr/bin/python3
"""What an engine costs besides the model: CPU per candidate and memory, against an endpoint that answers at once.

    bench/prompt_engine.py                                        # Samara: 1,000 and 10,000 programs
    bench/prompt_engine.py --samara build/release/bin/samara --batch 256
    bench/prompt_engine.py --openevolve PYTHON [--programs 1000]  # a Python that can import openevolve

Samara evolves walkers twice: with new robots, whose simulation is part of its process, and with programs that raise, so that
nothing is simulated: prompt, HTTP, journal, reading the reply, sandbox, log and archive remain. With --openevolve both systems
evolve one toy task instead, from the same files and in the same run: OpenEvolve, then `samara evolve --openevolve`.

Engine: for Samara its own process, without the contained ones that evaluate; for OpenEvolve all of its processes, as its workers
do its work, and the toy's evaluator takes microseconds there. The last tenth is that of the programs (for Samara without the last
iterations, which have nothing under way behind them and look cheaper than they are). Memory is proportional set size, sampled.
"""
import argparse
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

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


TICK = os.sysconf("SC_CLK_TCK")


def processes_of(root):
    """The process and all that descend from it."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    children.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
            except OSError:
                pass
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def cpu_seconds(processes):
    """Of these and of those that they have waited for."""
    ticks = 0
    for process in processes:
        try:
            with open(f"/proc/{process}/stat") as file:
                ticks += sum(map(int, file.read().rpartition(")")[2].split()[11:15]))
        except OSError:
            pass
    return ticks / TICK


def mib(process):
    try:
        with open(f"/proc/{process}/smaps_rollup") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024
    except (OSError, StopIteration):
        return 0.0


def watch(command, endpoint, **how):
    """Runs the command. (return code, CPU seconds of all processes, peak MiB of the first, of all, samples (answers, CPU))"""
    proxies = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **how)
    one = every = 0.0
    samples = []
    while process.poll() is None:
        family = processes_of(process.pid)
        sizes = [mib(member) for member in family]
        one, every = max(one, sizes[0]), max(every, sum(sizes))
        samples.append((int(proxies.open(endpoint.url).read()), cpu_seconds(family)))
        try:
            process.wait(0.5)
        except subprocess.TimeoutExpired:
            pass
    # Not rusage: what is killed at the end without being waited for, as contained evaluators are, is missing there.
    return process.returncode, max(cpu for _, cpu in samples), one, every, samples


def samara(name, program, target, endpoint, programs, batch):
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        begun = time.monotonic()
        code, cpu, one, every, _ = watch(
            [program, "evolve", *target, "--run", run, "--quiet", "--operator", "prompt", "--workers", "1", "--batch", str(batch),
             "--iterations", str(-(-programs // batch)), "--prompt-endpoint", endpoint.url, "--prompt-models", "instant"],
            endpoint, env={**os.environ, "NO_PROXY": "*"})
        seconds = time.monotonic() - begun
        if code != 0:
            sys.exit(f"samara ended with {code}")
        connection = sqlite3.connect(os.path.join(run, "run.db"))
        stats = [json.loads(text) for (text,) in connection.execute("SELECT stats FROM iterations ORDER BY iteration")]
        connection.close()
    own = [entry["process_cpu_seconds"] for entry in stats]
    end = len(own) - 3
    tail = max(2, len(own) // 10)
    evaluated = (len(own) - 1) * batch
    report(name, programs, (own[-1] - own[0]) / evaluated, (own[end] - own[end - tail]) / (tail * batch), cpu / evaluated, one,
           every, seconds)


def toy(path, programs, endpoint):
    """The task that both systems evolve: (initial program, evaluator, config)."""
    (path / "initial.py").write_text("# EVOLVE-BLOCK-START\ndef f(x):\n    return x\n# EVOLVE-BLOCK-END\n")
    (path / "evaluator.py").write_text(
        "def evaluate(path):\n    text = open(path).read()\n    return {'combined_score': len(text) % 97 / 97.0}\n")
    (path / "config.yaml").write_text(
        f"max_iterations: {programs}\ncheckpoint_interval: 1000000\nlog_level: ERROR\ndiff_based_evolution: false\n"
        f"llm:\n  api_base: {endpoint.url}\n  api_key: none\n  models:\n    - name: instant\n      weight: 1.0\n"
        "evaluator:\n  cascade_evaluation: false\n  parallel_evaluations: 1\n")
    return path / "initial.py", path / "evaluator.py", path / "config.yaml"


def side_by_side(program, python, programs, batch):
    with Endpoint("function") as endpoint, tempfile.TemporaryDirectory() as folder:
        initial, evaluator, config = toy(pathlib.Path(folder), programs, endpoint)
        begun = time.monotonic()
        code, cpu, _, every, samples = watch([python, "-m", "openevolve.cli", initial, evaluator, "--config", config, "--output",
                                              os.path.join(folder, "out")], endpoint, env={**os.environ, "NO_PROXY": "*"})
        if code != 0:
            sys.exit(f"openevolve ended with {code}: can {python} import it and what it needs?")
        last = [sample for sample in samples if 0.9 * programs <= sample[0] < programs]
        tail = (last[-1][1] - last[0][1]) / (last[-1][0] - last[0][0]) if len(last) > 1 and last[-1][0] > last[0][0] else None
        report("openevolve", programs, cpu / programs, tail, cpu / programs, every, every, time.monotonic() - begun)
    with Endpoint("function") as endpoint, tempfile.TemporaryDirectory() as folder:
        initial, evaluator, config = toy(pathlib.Path(folder), programs, endpoint)
        samara("samara", program, ["--openevolve", initial, evaluator, "-c", config], endpoint, programs, batch)


def report(name, programs, mean, tail, everything, one, every, seconds):
    last = f"{1000 * tail:.3f}" if tail is not None else "-"
    print(f"| {name} | {programs:,} | {1000 * mean:.3f} | {last} | {1000 * everything:.2f} | {one:.0f} | {every:.0f} | "
          f"{seconds:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samara", default=ROOT / "build/release/bin/samara")
    parser.add_argument("--openevolve", metavar="PYTHON")
    parser.add_argument("--programs", type=int, nargs="*", default=[1000, 10000])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--kind", choices=["walker", "failing"], nargs="*", default=["failing", "walker"])
    arguments = parser.parse_args()
    print("| engine | programs | its CPU ms per candidate | in the last tenth | CPU ms of all processes | its peak MiB | of all | "
          "wall s |\n|---|---|---|---|---|---|---|---|")
    for programs in arguments.programs:
        if arguments.openevolve:
            side_by_side(arguments.samara, arguments.openevolve, programs, arguments.batch)
            continue
        for kind in arguments.kind:
            with Endpoint(kind) as endpoint:
                samara(f"samara, {'robots' if kind == 'walker' else 'programs that raise'}", arguments.samara,
                       ["sodarace", "--bins", "12,12,12"], endpoint, programs, arguments.batch)


main()
