def diagonal_sums(grid):
    """Return the sums of the two diagonals of a square grid: the falling and the rising one."""
    size = len(grid)
    falling = 0
    rising = 0
    for i in range(size):
        falling += grid[0][i]
        rising += grid[i][size - 2 - i]
    return [falling, rising]
