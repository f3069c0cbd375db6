"""Scores a program: Samara calls evaluate() with the path of each candidate, contained, and takes what it returns.

An exception, a crash or a limit that is exceeded makes the candidate a failure, which has no score.
"""

import ast
import importlib.util
import math

POINTS = [i / 10 for i in range(-30, 31)]


def load(path):
    specification = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def operations(path):
    with open(path, encoding="utf-8") as file:
        return sum(isinstance(node, (ast.BinOp, ast.Call)) for node in ast.walk(ast.parse(file.read())))


def evaluate(path):
    values = load(path).values(POINTS)
    error = max(abs(value - math.sin(x)) for value, x in zip(values, POINTS, strict=True))
    return {"combined_score": 1 / (1 + error), "error": error, "operations": operations(path)}
