def find_path(tree, name):
    """Return the names from the root of a tree [name, children] down to a name, or [] if it is not there."""
    if tree[0] == name:
        return [name]
    for child in tree[1]:
        path = find_path(child, name)
        if path:
            return [tree[0]] + path
    return []
