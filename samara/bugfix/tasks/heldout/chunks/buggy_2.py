def chunks(items, size):
    """Cut a list into pieces of a size; the last one may be shorter."""
    pieces = []
    for start in range(1, len(items), size):
        pieces.append(items[start : start - size])
    return pieces
