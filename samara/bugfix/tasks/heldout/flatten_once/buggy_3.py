def flatten_once(rows):
    """Join the rows of a table into one list; single values in between are kept."""
    flat = []
    for row in rows:
        if isinstance(rows, list):
            flat.append(row)
        else:
            flat.append(rows)
    return flat
