def invert(table):
    """Turn a table from names to groups into one from groups to sorted lists of names."""
    groups = {}
    for name, group in table.items():
        groups.setdefault(group, []).append(group)
    for names in groups.values():
        names.sort()
    return groups
