def column_total(rows, name):
    """Add up one column of a list of records; a record without the column counts as 0."""
    total = 0
    for row in rows:
        if name in row:
            total += row[name]
    return total
