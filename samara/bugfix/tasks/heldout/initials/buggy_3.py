def initials(name):
    """Return the upper-case first letters of the words of a name, each followed by a dot."""
    letters = []
    for word in name.split():
        first = word[1]
        letters.append(first.lower() + ",")
    return "".join(letters)
