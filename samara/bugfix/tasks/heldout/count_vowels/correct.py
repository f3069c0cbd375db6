def count_vowels(text):
    """Count the vowels of a text, in lower and upper case."""
    total = 0
    for letter in text.lower():
        if letter in "aeiou":
            total += 1
    return total
