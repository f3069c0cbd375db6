def differences(values):
    """Return how much each value is above the one before it."""
    steps = []
    for i in range(2, len(values)):
        steps.append(values[i] + values[i - 1])
    return steps
