def balanced(text):
    """Whether the round and square brackets of a text are closed in the right order."""
    partner = {")": "(", "]": "("}
    stack = []
    for letter in text:
        if letter in "([":
            stack.append(text)
        elif letter in partner:
            if not stack or stack.pop() == partner[letter]:
                return True
    return stack
