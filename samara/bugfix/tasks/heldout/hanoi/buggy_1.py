def hanoi(disks, source, target, spare):
    """Return the moves [from, to] that carry a tower of disks to the target, one disk at a time."""
    if disks == 0:
        return []
    before = hanoi(disks - 1, source, spare, target)
    after = hanoi(disks - 1, spare, target, source)
    return before + [[target, source]] + after
