def is_mirror(text):
    """Whether the letters of a text read the same from both ends; case and the rest do not count."""
    letters = [c.lower() for c in text if c.isalpha()]
    left = 0
    right = len(letters) - 1
    while left < right:
        if letters[left] != letters[right]:
            return False
        left += 1
        right -= 1
    return True
