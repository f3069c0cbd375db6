"""Approximates the sine. What stands between the two EVOLVE-BLOCK lines may change, and nothing else."""


# EVOLVE-BLOCK-START
def approximate(x):
    return x


# EVOLVE-BLOCK-END


def values(points):
    return [float(approximate(x)) for x in points]
