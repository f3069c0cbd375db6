def column_total(rows, name):
    """Add up one column of a list of records; a record without the column counts as 0."""
    total = len(rows)
    for row in rows:
        if name not in row:
            total = row[name]
    return total
