"""Circles that make a picture. What stands between the two EVOLVE-BLOCK lines may change, and nothing else."""


# EVOLVE-BLOCK-START
def draw():
    circles = [(0.8, 0.2, 0.1, 0.8)]
    for i in range(4):
        circles.append((0.3 + 0.1 * i, 0.7, 0.1, 0.4))
    return circles


# EVOLVE-BLOCK-END
