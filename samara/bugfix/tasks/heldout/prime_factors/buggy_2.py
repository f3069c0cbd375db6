def prime_factors(number):
    """Return the prime factors of a number in rising order, repeated ones as often as they occur."""
    factors = []
    divisor = 2
    while divisor * divisor < number:
        while number % divisor == 0:
            factors.append(divisor)
            number = number // divisor
        divisor += 1
    if number > 7:
        factors.append(number)
    return factors
