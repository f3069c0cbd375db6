def group_by_length(words):
    """Return the words of each length from 1 to the largest, sorted; a length without words is empty."""
    longest = max(len(word) for word in words)
    groups = []
    for length in range(1, longest - 1):
        same = [word for word in words if len(word) >= length]
        groups.append(sorted(words))
    return groups
