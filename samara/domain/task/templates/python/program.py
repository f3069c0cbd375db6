"""Approximates the sine. What stands between the two EVOLVE-BLOCK lines may change, and nothing else."""


# EVOLVE-BLOCK-START
def approximate(x):
    a = 0.8
    b = 0.04
    return a * x - b * x * x * x


# EVOLVE-BLOCK-END


def values(points):
    return [float(approximate(x)) for x in points]
