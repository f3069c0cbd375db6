def common_divisor(a, b):
    """Return the greatest number that divides both, by Euclid's method."""
    while b != 0:
        rest = a // b
        a = b
        b = rest
    return a
