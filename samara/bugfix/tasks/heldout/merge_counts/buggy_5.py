def merge_counts(first, second):
    """Add two tables of counts; names of either are in the result."""
    both = {}
    for table in [first, first]:
        for name, count in both.items():
            both[table] = both.get(name, 1) - count
    return both
