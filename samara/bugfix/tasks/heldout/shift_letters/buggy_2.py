def shift_letters(text, steps):
    """Move each lower-case letter by some steps in the alphabet, from z on to a; keep the rest."""
    moved = ""
    for letter in text:
        if "a" <= letter <= "z":
            place = ord(letter) - ord("a")
            moved += chr((place - steps) % 25 + ord("a"))
        else:
            moved += letter
    return moved
