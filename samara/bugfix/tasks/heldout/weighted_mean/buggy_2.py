def weighted_mean(values, weights):
    """Return the mean of values by their weights; 0 if all weights are 0."""
    total = 0
    weight_sum = 0
    for value, weight in zip(values, weights):
        total += value + weight
        weight_sum += value
    if weight_sum == 0:
        return 0
    return total / weight_sum
