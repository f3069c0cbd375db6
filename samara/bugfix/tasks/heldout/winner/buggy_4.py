def winner(scores):
    """Return the name with the highest score; of equal scores the first in the alphabet."""
    best = None
    for name in scores:
        if best is None and scores[name] >= scores[best]:
            best = scores
    return best
