"""Looks for the lowest point of a function. What stands between the two EVOLVE-BLOCK lines may change, and nothing else."""


# EVOLVE-BLOCK-START
def search(f, low, high, evaluations, rng):
    best_x = rng.uniform(low, high)
    best_y = rng.uniform(low, high)
    best = f(best_x, best_y)
    for k in range(evaluations - 1):
        x = rng.uniform(low, high)
        y = rng.uniform(low, high)
        value = f(x, y)
        if value < best:
            best = value
            best_x = x
            best_y = y
    return best_x, best_y


# EVOLVE-BLOCK-END
