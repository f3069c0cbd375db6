"""Packs instances with item sizes from a Weibull distribution (shape 3, scale 45, bins of 100), as in the literature.

The distribution is that of Castineiras, De Cauwer and O'Sullivan, "Weibull-based benchmarks for bin packing" (2012),
which Romera-Paredes et al. ("FunSearch", Nature 2024) evolve heuristics for; these instances are smaller.
"""

import importlib.util
import math
import random

CAPACITY = 100
ITEMS = 500
INSTANCES = 4


def instance(seed):
    rng = random.Random(seed)
    return [min(CAPACITY, max(1, round(rng.weibullvariate(45, 3)))) for _ in range(ITEMS)]


def pack(items, priority):
    """The room left in every bin that was opened. Bins with equal room have equal priority, so each amount is asked once."""
    free = []
    known = {}
    for item in items:
        best, best_bin = -math.inf, None
        for number, room in enumerate(free):
            if room < item:
                continue
            key = (item, room)
            if key not in known:
                known[key] = float(priority(item, room))
                if math.isnan(known[key]):
                    raise ValueError("a priority that is no number")
            if known[key] > best:
                best, best_bin = known[key], number
        if best_bin is None:
            free.append(CAPACITY - item)
        else:
            free[best_bin] -= item
    return free


def evaluate(path):
    specification = importlib.util.spec_from_file_location("program", path)
    program = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(program)
    bins, bound, fills = 0, 0, []
    for seed in range(INSTANCES):
        items = instance(seed)
        free = pack(items, program.priority)
        bins += len(free)
        bound += math.ceil(sum(items) / CAPACITY)
        fills += [1 - room / CAPACITY for room in free]
    fills.sort()
    return {
        "combined_score": bound / bins,
        "excess": 100 * (bins / bound - 1),
        "median_fill": fills[len(fills) // 2],
    }
