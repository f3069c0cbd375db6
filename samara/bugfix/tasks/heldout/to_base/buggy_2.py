def to_base(number, base):
    """Write a whole number from 0 on in a base from 2 to 10."""
    if number == 0:
        return "0"
    digits = ""
    while number > 0:
        digits = digits + str(number % base)
        number = number // 10
    return digits
