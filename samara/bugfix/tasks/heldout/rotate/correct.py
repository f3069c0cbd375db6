def rotate(items, steps):
    """Move items from the front to the end, one per step."""
    if not items:
        return []
    cut = steps % len(items)
    return items[cut:] + items[:cut]
