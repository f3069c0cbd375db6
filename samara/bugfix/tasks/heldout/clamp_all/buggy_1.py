def clamp_all(values, low, high):
    """Move every value into the range from low to high."""
    moved = []
    for value in values:
        if value < low:
            value = high
        elif value > high:
            value = high
        moved.append(value)
    return moved
