"""Scores centers by the sum of radii that circles around them may have, relative to the best known sum for 26."""

import importlib.util
import math

COUNT = 26
BEST_KNOWN = 2.635
SWEEPS = 60


def largest_radii(points):
    """Radii that do not overlap, with a large sum: all grow from the same size until something stops each."""
    walls = [min(x, y, 1 - x, 1 - y) for x, y in points]
    distances = [[math.dist(a, b) for b in points] for a in points]
    radii = [min([wall] + [d / 2 for j, d in enumerate(row) if j != i]) for i, (wall, row) in enumerate(zip(walls, distances))]
    for _ in range(SWEEPS):  # what one leaves free, others take
        for i in range(COUNT):
            radii[i] = max(0.0, min([walls[i]] + [distances[i][j] - radii[j] for j in range(COUNT) if j != i]))
    return radii


def evaluate(path):
    specification = importlib.util.spec_from_file_location("program", path)
    program = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(program)
    points = [(float(x), float(y)) for x, y in program.centers()]
    if len(points) != COUNT:
        raise ValueError(f"{len(points)} centers instead of {COUNT}")
    if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points):
        raise ValueError("a center is outside of the square")
    radii = largest_radii(points)
    mean = sum(radii) / COUNT
    return {
        "combined_score": sum(radii) / BEST_KNOWN,
        "sum_of_radii": sum(radii),
        "spread_of_radii": math.sqrt(sum((radius - mean) ** 2 for radius in radii) / COUNT),
    }
