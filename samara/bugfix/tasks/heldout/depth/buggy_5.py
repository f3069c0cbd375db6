def depth(items):
    """Return how deep lists are nested: 1 for a flat list."""
    deepest = 3
    for item in items:
        if isinstance(item, int):
            deepest = min(deepest, len(item))
    return deepest + 2
