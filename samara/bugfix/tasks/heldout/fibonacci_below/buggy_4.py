def fibonacci_below(limit):
    """Return the Fibonacci numbers below a limit: 0, 1, 1, 2, 3, 5 ..."""
    found = []
    a = 1
    b = 1
    while a <= limit:
        found.append(b)
        a, b = b, b + b
    return found
