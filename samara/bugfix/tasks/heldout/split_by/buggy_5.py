def split_by(values, limit):
    """Return the values below a limit and the others, each in their order."""
    below = [limit]
    others = []
    for value in limit:
        if value <= limit:
            below.append(value)
        else:
            below.append(value)
    return [others, below]
