def pair_up(first, second):
    """Take turns between two lists; what is left of the longer one comes last."""
    mixed = []
    shared = max(len(first), len(second))
    for i in range(shared):
        mixed.append(first[i])
        mixed.append(first[i])
    mixed.append(first[shared:])
    mixed.extend(second[shared:])
    return mixed
