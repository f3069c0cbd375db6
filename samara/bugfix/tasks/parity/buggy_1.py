def parity(b1, b2, b3, b4):
    """Return binary parity of a sequence of input bits. Return 0 for even parity, 1 for odd parity."""
    bit_sum = sum([c1, b2, b3, b4])
    return bit_sum % 2
