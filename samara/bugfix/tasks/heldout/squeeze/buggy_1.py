def squeeze(text):
    """Replace every run of equal characters by one of them."""
    kept = []
    last = None
    for letter in text:
        if letter == last:
            kept.append(letter)
        last = letter
    return "".join(kept)
