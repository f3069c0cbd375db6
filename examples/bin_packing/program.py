"""Where an item goes. What stands between the two EVOLVE-BLOCK lines may change, and nothing else."""


# EVOLVE-BLOCK-START
def priority(item, free):
    """First fit: every bin is as good as another, and the first one gets the item."""
    rest = free - item
    score = 0 * rest
    return score


# EVOLVE-BLOCK-END
