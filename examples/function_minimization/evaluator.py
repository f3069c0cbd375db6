"""Scores a search by how near it comes to the known minima of functions with many local ones.

The functions are common in the literature (Surjanovic and Bingham, "Virtual library of simulation experiments"), moved
so that no minimum lies where a program could know it to be.
"""

import importlib.util
import math
import random

LOW, HIGH = -5.0, 5.0
EVALUATIONS = 300
REPEATS = 4


def ackley(x, y):
    waves = math.exp(0.5 * (math.cos(2 * math.pi * x) + math.cos(2 * math.pi * y)))
    return -20 * math.exp(-0.2 * math.sqrt(0.5 * (x * x + y * y))) - waves + math.e + 20


def rastrigin(x, y):
    return 20 + x * x - 10 * math.cos(2 * math.pi * x) + y * y - 10 * math.cos(2 * math.pi * y)


def griewank(x, y):
    return 1 + (x * x + y * y) / 40 - math.cos(3 * x) * math.cos(3 * y / math.sqrt(2))


def levy(x, y):
    u, v = 1 + x / 4, 1 + y / 4
    ends = math.sin(math.pi * u) ** 2 + (v - 1) ** 2 * (1 + math.sin(2 * math.pi * v) ** 2)
    return ends + (u - 1) ** 2 * (1 + 10 * math.sin(math.pi * u + 1) ** 2)


def valley(x, y):
    return 100 * (y - x * x) ** 2 / 50 + (x * x) / 10


FUNCTIONS = [ackley, rastrigin, griewank, levy, valley]  # each is 0 at (0, 0) and higher elsewhere


class Budget:
    """A function with its minimum moved, that may be asked a number of times."""

    def __init__(self, function, at):
        self.function, self.at, self.left, self.last, self.steps = function, at, EVALUATIONS, None, []

    def __call__(self, x, y):
        if self.left == 0:
            raise RuntimeError(f"more than {EVALUATIONS} evaluations")
        self.left -= 1
        if self.last is not None:
            self.steps.append(min(1.0, math.dist((x, y), self.last) / (HIGH - LOW)))
        self.last = (x, y)
        return self.function(x - self.at[0], y - self.at[1])


def evaluate(path):
    specification = importlib.util.spec_from_file_location("program", path)
    program = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(program)
    gaps, steps = [], []
    for number, function in enumerate(FUNCTIONS):
        for repeat in range(REPEATS):
            rng = random.Random(100 * number + repeat)
            budget = Budget(function, (rng.uniform(-3, 3), rng.uniform(-3, 3)))
            # A function, as the minimum is an attribute of the budget.
            x, y = program.search(lambda x, y: budget(x, y), LOW, HIGH, EVALUATIONS, random.Random(rng.random()))
            if not (LOW <= x <= HIGH and LOW <= y <= HIGH):
                raise ValueError(f"({x}, {y}) is out of bounds")
            gaps.append(function(x - budget.at[0], y - budget.at[1]))
            steps += budget.steps
    mean_gap = sum(gaps) / len(gaps)
    return {
        "combined_score": sum(1 / (1 + gap) for gap in gaps) / len(gaps),
        "mean_gap": mean_gap,
        "worst_gap": max(gaps),
        "mean_step": sum(steps) / max(1, len(steps)),
    }
