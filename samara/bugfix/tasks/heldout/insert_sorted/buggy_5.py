def insert_sorted(numbers, extra):
    """Return a sorted list with one more number at its place."""
    place = 1
    while place < len(numbers) and numbers[place] > extra:
        place += 1
    return numbers[1:place] + [place] + numbers[place + 1:]
