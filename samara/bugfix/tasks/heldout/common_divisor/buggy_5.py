def common_divisor(a, b):
    """Return the greatest number that divides both, by Euclid's method."""
    while a != 0:
        rest = a // b
        a = rest
        b = b - a
    return b
