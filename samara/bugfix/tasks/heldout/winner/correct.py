def winner(scores):
    """Return the name with the highest score; of equal scores the first in the alphabet."""
    best = None
    for name in sorted(scores):
        if best is None or scores[name] > scores[best]:
            best = name
    return best
