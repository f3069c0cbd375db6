"""Compares circles on white with a picture made here: 1 - mean absolute difference of gray values on a grid of pixels."""

import importlib.util
import math

SIDE = 32
MOST_CIRCLES = 60


def target(x, y):
    if math.dist((x, y), (0.8, 0.18)) < 0.12:
        return 0.75  # the sun
    if y > 0.88:
        return 0.35  # grass
    if 0.2 < x < 0.7 and 0.5 < y <= 0.88:
        return 0.1 if 0.4 < x < 0.52 and y > 0.66 else 0.55  # a door in a wall
    if 0.28 < y <= 0.5 and abs(x - 0.45) < 0.32 * (y - 0.28) / 0.22:
        return 0.25  # the roof
    return 1.0


PIXELS = [((i + 0.5) / SIDE, (j + 0.5) / SIDE) for j in range(SIDE) for i in range(SIDE)]
TARGET = [target(x, y) for x, y in PIXELS]


def evaluate(path):
    specification = importlib.util.spec_from_file_location("program", path)
    program = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(program)
    circles = [tuple(map(float, circle)) for circle in program.draw()]
    if len(circles) > MOST_CIRCLES:
        raise ValueError(f"{len(circles)} circles; {MOST_CIRCLES} are allowed")
    image = [1.0] * len(PIXELS)
    for x, y, radius, gray in circles:
        gray = min(1.0, max(0.0, gray))
        for k, (px, py) in enumerate(PIXELS):
            if (px - x) ** 2 + (py - y) ** 2 < radius * radius:
                image[k] = gray
    difference = sum(abs(a - b) for a, b in zip(image, TARGET)) / len(PIXELS)
    return {"combined_score": 1 - difference, "circles": len(circles), "mean_gray": sum(image) / len(image)}
