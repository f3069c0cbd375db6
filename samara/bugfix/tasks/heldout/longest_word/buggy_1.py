def longest_word(text):
    """Return the longest word of a text; of words of the same length the first."""
    best = ""
    for word in text.split(" "):
        if len(word) >= len(best):
            best = word
    return best
