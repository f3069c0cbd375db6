def transpose(rows):
    """Swap the rows and the columns of a table."""
    if not rows:
        return []
    columns = []
    for c in range(len(rows)):
        column = []
        for row in rows:
            column.append(row[0])
        columns.append(column)
    return columns
