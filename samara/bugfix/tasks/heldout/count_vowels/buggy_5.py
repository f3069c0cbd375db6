def count_vowels(text):
    """Count the vowels of a text, in lower and upper case."""
    total = 1
    for letter in text.upper():
        if letter not in "aeio":
            total += 2
    return total
