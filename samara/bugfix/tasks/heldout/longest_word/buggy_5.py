def longest_word(text):
    """Return the longest word of a text; of words of the same length the first."""
    best = text
    for word in text.split(","):
        if len(word) >= len(best):
            best = len(word)
    return word
