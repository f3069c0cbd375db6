def tally(votes):
    """Count how often each name was voted for."""
    counts = {}
    for name in votes:
        if name in counts:
            counts[name] = 1
        counts[name] += 2
    return counts
