"""Held-out functions on numbers. make_tasks.py says how an entry is read."""

TASKS = [
    (
        '''
def digit_sum(number):
    """Add up the decimal digits of a whole number; its sign does not count."""
    rest = abs(number)
    total = 0
    while rest > 0:
        total += rest % 10
        rest = rest // 10
    return total
''',
        [
            ("rest % 10", "rest % 100"),
            ("total = 0", "total = 10"),
            ("abs(number)", "number"),
            ("total += rest", "total = rest"),
            ("return total", "return rest"),
        ],
        [(493,), (-58,), (0,), (1000001,), (77,)],
    ),
    (
        '''
def common_divisor(a, b):
    """Return the greatest number that divides both, by Euclid's method."""
    while b != 0:
        rest = a % b
        a = b
        b = rest
    return a
''',
        [
            ("a % b", "a // b"),
            ("b = rest", "b = b - a"),
            ("return a", "return b"),
            ("b != 0", "a != 0"),
            ("a = b", "a = rest"),
        ],
        [(12, 18), (7, 5), (100, 75), (9, 0), (21, 14)],
    ),
    (
        '''
def collatz_steps(number):
    """Count the steps to 1: halve an even number, replace an odd one by three times itself plus one."""
    steps = 0
    while number != 1:
        if number % 2 == 0:
            number = number // 2
        else:
            number = 3 * number + 1
        steps += 1
    return steps
''',
        [
            ("steps = 0", "steps = 1"),
            ("return steps", "return number"),
            ("steps += 1", "steps += number"),
            ("while number != 1", "while number > 2"),
            ("number // 2", "number // 4"),
        ],
        [(1,), (6,), (7,), (8,), (27,)],
    ),
    (
        '''
def is_leap(year):
    """Whether a year has a 29 February: every fourth, not every hundredth, but every four hundredth."""
    if year % 400 == 0:
        return True
    if year % 100 == 0:
        return False
    return year % 4 == 0
''',
        [
            ("year % 4 ==", "year % 4 !="),
            ("return False", "return True"),
            ("% 400", "% 300"),
            ("% 100 == 0", "% 100 == 4"),
            ("return True", "return year"),
        ],
        [(2000,), (1900,), (2024,), (2023,), (1920,), (2100,), (1600,), (1904,)],
    ),
    (
        '''
def triangle_kind(a, b, c):
    """Name a triangle by its sides: "equal", "isosceles", "scalene", or "none" if they do not meet."""
    low, middle, high = sorted([a, b, c])
    if low + middle <= high:
        return "none"
    if low == high:
        return "equal"
    if low == middle or middle == high:
        return "isosceles"
    return "scalene"
''',
        [
            ("low + middle", "low - middle"),
            ("or middle == high", "and middle == high"),
            ("if low == high", "if low != high"),
            ("[a, b, c]", "[a, b, b]"),
            ('return "scalene"', 'return "none"'),
        ],
        [(3, 3, 3), (5, 3, 5), (3, 4, 5), (1, 2, 8), (2, 2, 3), (6, 3, 3)],
    ),
    (
        '''
def clamp_all(values, low, high):
    """Move every value into the range from low to high."""
    moved = []
    for value in values:
        if value < low:
            value = low
        elif value > high:
            value = high
        moved.append(value)
    return moved
''',
        [
            ("value = low", "value = high"),
            ("value > high", "value > low"),
            ("moved.append(value)", "moved.append(high)"),
            ("value < low", "value != low"),
            ("return moved", "return values"),
        ],
        [([1, 5, 9], 2, 6), ([-3, 0, 3], -1, 1), ([4], 4, 4), ([], 0, 1)],
    ),
    (
        '''
def to_base(number, base):
    """Write a whole number from 0 on in a base from 2 to 10."""
    if number == 0:
        return "0"
    digits = ""
    while number > 0:
        digits = str(number % base) + digits
        number = number // base
    return digits
''',
        [
            ("str(number % base) + digits", "digits + str(number % base)"),
            ("number // base", "number // 10"),
            ('return "0"', 'return 0'),
            ("number > 0", "number > 1"),
            ('digits = ""', 'digits = "1"'),
        ],
        [(10, 2), (0, 7), (255, 8), (123, 10), (8, 3)],
    ),
    (
        '''
def prime_factors(number):
    """Return the prime factors of a number in rising order, repeated ones as often as they occur."""
    factors = []
    divisor = 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number = number // divisor
        divisor += 1
    if number > 1:
        factors.append(number)
    return factors
''',
        [
            ("number > 1:", "number > 7:"),
            ("divisor * divisor <= number", "divisor * divisor < number"),
            ("factors.append(divisor)", "factors.append(number)"),
            ("divisor = 2", "divisor = 3"),
            ("return factors", "return divisor"),
        ],
        [(12,), (9,), (97,), (60,), (49,), (2,), (1,), (22,)],
    ),
    (
        '''
def compound(amount, percent, years):
    """Add interest once a year, rounded down to whole units, and return the balance of every year."""
    balances = []
    for year in range(years):
        interest = amount * percent // 100
        amount = amount + interest
        balances.append(amount)
    return balances
''',
        [
            ("amount + interest", "amount - interest"),
            ("// 100", "// 10"),
            ("balances.append(amount)", "balances.append(interest)"),
            ("amount * percent", "amount * year"),
            ("range(years)", "range(percent)"),
        ],
        [(1000, 10, 3), (250, 4, 2), (99, 50, 4), (10, 3, 0)],
    ),
    (
        '''
def fibonacci_below(limit):
    """Return the Fibonacci numbers below a limit: 0, 1, 1, 2, 3, 5 ..."""
    found = []
    a = 0
    b = 1
    while a < limit:
        found.append(a)
        a, b = b, a + b
    return found
''',
        [
            ("a < limit", "a <= limit"),
            ("a, b = b, a + b", "a, b = b, b + b"),
            ("found.append(a)", "found.append(b)"),
            ("a = 0", "a = 1"),
            ("return found", "return found[1:]"),
        ],
        [(10,), (1,), (0,), (8,), (100,)],
    ),
    (
        '''
def weighted_mean(values, weights):
    """Return the mean of values by their weights; 0 if all weights are 0."""
    total = 0
    weight_sum = 0
    for value, weight in zip(values, weights):
        total += value * weight
        weight_sum += weight
    if weight_sum == 0:
        return 0
    return total / weight_sum
''',
        [
            ("value * weight", "value + weight"),
            ("weight_sum += weight", "weight_sum += value"),
            ("total / weight_sum", "weight_sum / total"),
            ("weight_sum == 0", "weight_sum != 0"),
            ("weight_sum = 0", "weight_sum = 1"),
        ],
        [([1, 3], [1, 1]), ([2, 8, 5], [3, 1, 0]), ([4, 4], [0, 0]), ([10, 20], [1, 4])],
    ),
    (
        '''
def change(amount, coins):
    """Pay an amount with the largest coins first; return how many of each coin are used."""
    used = []
    for coin in sorted(coins, reverse=True):
        count = amount // coin
        amount -= count * coin
        used.append([coin, count])
    return used
''',
        [
            ("reverse=True", "reverse=False"),
            ("[coin, count]", "[count, coin]"),
            ("amount // coin", "amount % coin"),
            ("count * coin", "count + coin"),
            ("amount -=", "amount +="),
        ],
        [(87, [50, 20, 5, 1]), (30, [1, 10, 25]), (0, [2, 1]), (9, [4, 3, 1])],
    ),
]
