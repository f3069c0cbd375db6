def clamp_all(values, low, high):
    """Move every value into the range from low to high."""
    moved = []
    for value in values:
        if value < low:
            value = high
        elif value > low:
            value = high
        moved.append(high)
    return moved
