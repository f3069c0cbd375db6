def depth(items):
    """Return how deep lists are nested: 1 for a flat list."""
    deepest = 0
    for item in items:
        if isinstance(item, list):
            deepest = max(deepest, depth(item))
    return deepest + 2
