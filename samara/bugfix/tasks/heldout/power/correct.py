def power(base, exponent):
    """Raise a number to a whole exponent from 0 on by repeated squaring."""
    if exponent == 0:
        return 1
    half = power(base, exponent // 2)
    if exponent % 2 == 1:
        return half * half * base
    return half * half
