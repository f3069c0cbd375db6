def diagonal_sums(grid):
    """Return the sums of the two diagonals of a square grid: the falling and the rising one."""
    size = len(grid)
    falling = 0
    rising = 0
    for i in range(size):
        falling += grid[i][i]
        rising += grid[i][size - 1 - i]
    return [falling, rising]
