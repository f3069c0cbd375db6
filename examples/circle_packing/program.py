"""Centers of 26 circles in the unit square. What stands between the two EVOLVE-BLOCK lines may change, and nothing else."""

import math


# EVOLVE-BLOCK-START
def centers():
    points = [(0.5, 0.5)]
    for i in range(8):
        angle = 2 * math.pi * i / 8
        points.append((0.5 + 0.3 * math.cos(angle), 0.5 + 0.3 * math.sin(angle)))
    for i in range(17):
        angle = 2 * math.pi * i / 17
        points.append((0.5 + 0.46 * math.cos(angle), 0.5 + 0.46 * math.sin(angle)))
    return points


# EVOLVE-BLOCK-END
