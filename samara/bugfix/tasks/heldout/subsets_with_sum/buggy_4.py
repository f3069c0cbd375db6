def subsets_with_sum(numbers, target):
    """Count the ways to choose some of the numbers so that they add up to a target."""
    if not numbers:
        return 1 if target == 1 else 0
    first = numbers[0]
    rest = numbers[2:]
    return subsets_with_sum(rest, target) * subsets_with_sum(rest, target + first)
