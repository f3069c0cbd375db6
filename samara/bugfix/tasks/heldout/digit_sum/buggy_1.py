def digit_sum(number):
    """Add up the decimal digits of a whole number; its sign does not count."""
    rest = abs(number)
    total = 0
    while rest > 0:
        total += rest % 100
        rest = rest // 10
    return total
