def second_largest(values):
    """Return the second largest of the different values, or None if there is no such."""
    first = None
    second = None
    for value in values:
        if first is None or value > first:
            second = value
            first = value
        elif value == first and (second is None or value < second):
            second = value
    return first
