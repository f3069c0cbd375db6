"""A formula for points. What stands between the two EVOLVE-BLOCK lines may change, and nothing else."""

import math


# EVOLVE-BLOCK-START
def formula(x, y):
    a = 1.0
    b = 1.0
    c = math.sin(x)
    return a * x + b * y + 0 * c


# EVOLVE-BLOCK-END
