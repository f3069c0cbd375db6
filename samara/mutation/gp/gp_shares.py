"""Measures the table of docs/mutation-gp.md: how many children of Sodarace programs run, arm by arm.

    /usr/bin/python3 -B gp_shares.py [children per arm and seed]

Parents are the four seeds and, up to ten generations deep, their children that ran, so that programs count as
they are in the middle of a run. No sandbox: for programs that come from the seeds only. Same output every time.
"""

import collections
import json
import pathlib
import random
import signal
import sys
import warnings

import gp

_SODARACE = pathlib.Path(__file__).resolve().parents[2] / "domain" / "sodarace"
_LIMITS = {  # walker.h; only the order of magnitude matters here
    "MAX_JOINTS": 256, "MAX_MUSCLES": 1024, "MAX_MUSCLES_PER_JOINT": 64, "MAX_COORDINATE": 100.0,
    "MIN_JOINT_DISTANCE": 0.1, "MAX_AMPLITUDE": 0.3, "TICKS_PER_UNIT": 4096, "TICKS_PER_TURN": 4096,
    "MAX_CALLS_WITHOUT_EFFECT": 4096,
}  # fmt: skip
_DEPTH, _POOL, _SECONDS = 10, 400, 0.5


class OutOfTime(Exception):
    pass


def out_of_time(*_):
    raise OutOfTime


def walk(program, exports):
    """The walker that a program builds, or None."""
    names = dict(exports)
    signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
    try:
        exec(compile(program, "<program>", "exec", dont_inherit=True), names)
        walker = names["make_walker"]()
        return walker if isinstance(walker, dict) and walker["joints"] else None
    except Exception:
        return None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def measure(seed, exports, per_arm, counts):
    """Adds (children asked for, proposed, running, with another walker) to the counts of every arm."""
    draw = random.Random(1)
    pool = [(seed, 0)]
    for step in range(per_arm * len(gp.ARMS)):
        arm = list(gp.ARMS)[step % len(gp.ARMS)]
        (parent, depth), (donor, _) = draw.choice(pool), draw.choice(pool)
        request = {"source": parent, "donor": donor, "arm": arm, "seed": draw.getrandbits(64), "rate": 0.01}
        answer = gp.entry(json.dumps(request))
        child = None if isinstance(answer, str) else answer[0]
        walker = child and walk(child, exports)
        changed = walker and walker != walk(parent, exports)
        for column, holds in enumerate((True, child, walker, changed)):
            counts[arm][column] += bool(holds)
        if walker and depth < _DEPTH and arm != "gp.node":
            pool = pool[-_POOL + 1 :] + [(child, depth + 1)]


def main():
    per_arm = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGVTALRM, out_of_time)
    interface = dict(_LIMITS)
    exec((_SODARACE / "python" / "walker_creator.py").read_text(), interface)
    seeds = sorted((_SODARACE / "seeds").glob("*.py"))
    tables = [collections.defaultdict(lambda: [0, 0, 0, 0]) for _ in seeds]
    for path, counts in zip(seeds, tables):
        measure(path.read_text(), interface["EXPORTS"], per_arm, counts)
    print("arm           ", "proposed", "runnable", "changed ", *(path.stem for path in seeds))
    for arm in gp.ARMS:
        asked, *rest = (sum(counts[arm][column] for counts in tables) for column in range(4))
        shares = [f"{100 * number / asked:8.1f}" for number in rest]
        each = [f"{100 * counts[arm][2] / counts[arm][0]:{len(path.stem)}.0f}" for path, counts in zip(seeds, tables)]
        print(f"{arm:14s}", *shares, *each)


if __name__ == "__main__":
    main()
