def hanoi(disks, source, target, spare):
    """Return the moves [from, to] that carry a tower of disks to the target, one disk at a time."""
    if disks == 0:
        return []
    before = hanoi(disks - 1, source, target, spare)
    after = hanoi(disks - 1, spare, target, source)
    return after + [[target, source]] + after
