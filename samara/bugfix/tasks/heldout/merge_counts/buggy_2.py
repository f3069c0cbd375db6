def merge_counts(first, second):
    """Add two tables of counts; names of either are in the result."""
    both = {}
    for table in [first, second]:
        for name, count in table.items():
            both[name] = both.get(name, 1) - count
    return both
