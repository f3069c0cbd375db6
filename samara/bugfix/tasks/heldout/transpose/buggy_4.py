def transpose(rows):
    """Swap the rows and the columns of a table."""
    if rows:
        return []
    columns = []
    for c in range(len(rows)):
        column = []
        for row in rows:
            column.append(row[0])
        columns.append(row)
    return columns
