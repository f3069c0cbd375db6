"""Scores a formula by its error on noisy points, 1 / (1 + root mean square); a formula of our own is behind them."""

import ast
import importlib.util
import math
import random


def points():
    rng = random.Random(7)
    made = []
    for _ in range(200):
        x, y = rng.uniform(-3, 3), rng.uniform(-3, 3)
        made.append((x, y, 1.5 * x * math.sin(y) + 0.5 * y * y - 2 + rng.gauss(0, 0.05)))
    return made


POINTS = points()


def shape(path):
    """(operations, depth of the deepest expression)."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    operations = sum(isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Call)) for node in ast.walk(tree))

    def depth(node):
        below = max((depth(child) for child in ast.iter_child_nodes(node)), default=0)
        return below + isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Call))

    return operations, depth(tree)


def root_mean_square(formula, chosen):
    return math.sqrt(sum((formula(x, y) - z) ** 2 for x, y, z in chosen) / len(chosen))


def evaluate(path):
    specification = importlib.util.spec_from_file_location("program", path)
    program = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(program)
    error = root_mean_square(program.formula, POINTS[::2])
    operations, depth = shape(path)
    return {
        "combined_score": 1 / (1 + error) - 0.0005 * operations,
        "error": error,
        "held_back_error": root_mean_square(program.formula, POINTS[1::2]),
        "operations": operations,
        "depth": depth,
    }
