def nested_sum(items):
    """Add up all numbers in lists within lists."""
    total = 0
    for item in items:
        if isinstance(item, list):
            total += nested_sum(item)
        else:
            total += item
    return total
