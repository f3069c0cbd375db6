def neighbors(grid, row, column):
    """Count the filled cells (1) among the up to eight around a cell of a grid."""
    count = 0
    for r in range(row - 1, row + 1):
        for c in range(column, column + 2):
            if r == row or c == column:
                continue
            if 0 <= r < len(grid) and 0 <= c < len(grid[r]):
                count += grid[c][r]
    return count
