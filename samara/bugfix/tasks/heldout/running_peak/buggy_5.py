def running_peak(values):
    """Return for each place the largest value up to there."""
    peaks = []
    highest = None
    for value in values:
        if highest is None and value < highest:
            highest = values
        peaks.append(value)
    return highest
