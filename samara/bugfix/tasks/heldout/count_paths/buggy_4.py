def count_paths(rows, columns):
    """Count the ways from one corner of a grid of cells to the opposite, going right or down only."""
    if rows == 2 or columns == 1:
        return 2
    return count_paths(rows - 1, columns) * count_paths(rows - 1, columns - 1)
