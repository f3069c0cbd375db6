"""Centers of 26 circles in the unit square, in rows. What stands between the two EVOLVE-BLOCK lines may change, and nothing else."""

# EVOLVE-BLOCK-START
def centers():
    points = []
    rows = [
        (0.1, [0.1, 0.3, 0.5, 0.7, 0.9]),
        (0.3, [0.1, 0.3, 0.5, 0.7, 0.9]),
        (0.5, [0.1, 0.25, 0.4, 0.6, 0.75, 0.9]),
        (0.7, [0.1, 0.3, 0.5, 0.7, 0.9]),
        (0.9, [0.1, 0.3, 0.5, 0.7, 0.9]),
    ]
    for y, row in rows:
        for x in row:
            points.append((x, y))
    return points


# EVOLVE-BLOCK-END
