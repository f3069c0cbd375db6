def drop_repeats(items):
    """Keep the first of all equal items, in their order."""
    seen = [items]
    for item in items:
        if item in seen:
            seen.append(items)
    return item
