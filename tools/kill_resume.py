#!/usr/bin/python3
"""Kills a run with SIGKILL at random moments, resumes it each time, and compares it with one that was left alone.

    tools/kill_resume.py --kills 20 -- sodarace --seed square --iterations 200 --batch 512 --rng-seed 1

What stands after -- goes to `samara evolve`. Prints both digests; exit code 1 if they differ. --reference takes a finished
run of the same command instead of making one.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / "build/release/bin/samara"


def samara(program, *arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


def verified(program, run):
    return json.loads(samara(program, "verify", run, "--json"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10.0, help="longest time between two kills (default: 10)")
    parser.add_argument("--random-seed", type=int, default=1, help="of the moments")
    parser.add_argument("--reference", help="folder of a finished run of the same command")
    parser.add_argument("evolve", nargs="+", help="arguments of samara evolve, after --")
    arguments = parser.parse_args()

    moments = random.Random(arguments.random_seed)
    with tempfile.TemporaryDirectory(prefix="samara-kill-") as folder:
        reference = arguments.reference or str(pathlib.Path(folder) / "reference")
        if not arguments.reference:
            samara(arguments.program, "evolve", *arguments.evolve, "--run", reference, "--quiet")
        run = pathlib.Path(folder) / "killed"
        kills = 0
        while kills < arguments.kills:
            begun = (run / "run.db").exists()
            command = ["resume", str(run)] if begun else ["evolve", *arguments.evolve, "--run", str(run)]
            process = subprocess.Popen([arguments.program, *command, "--quiet"], stdout=subprocess.DEVNULL)
            try:
                process.wait(timeout=moments.uniform(0.05, arguments.seconds))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                continue
            if process.returncode != 0:
                sys.exit(f"the run failed by itself after {kills} kills")
            break
        samara(arguments.program, "resume", str(run), "--quiet")
        left_alone, killed = verified(arguments.program, reference), verified(arguments.program, str(run))

    print(f"left alone {left_alone['digest']}  {left_alone['evaluations']} candidates")
    print(f"{kills:2} kills   {killed['digest']}  {killed['evaluations']} candidates")
    if kills < arguments.kills:
        sys.exit("the run was over before all kills: shorten --seconds, or evolve for longer")
    sys.exit(0 if left_alone == killed else 1)


if __name__ == "__main__":
    main()
