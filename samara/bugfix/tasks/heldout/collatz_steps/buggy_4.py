def collatz_steps(number):
    """Count the steps to 1: halve an even number, replace an odd one by three times itself plus one."""
    steps = 1
    while number > 2:
        if number % 2 == 0:
            number = number // 2
        else:
            number = 3 * number + 1
        steps += number
    return number
