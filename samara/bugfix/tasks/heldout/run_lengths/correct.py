def run_lengths(text):
    """Describe a text by its runs: "aaab" gives [["a", 3], ["b", 1]]."""
    runs = []
    for letter in text:
        if runs and runs[-1][0] == letter:
            runs[-1][1] += 1
        else:
            runs.append([letter, 1])
    return runs
