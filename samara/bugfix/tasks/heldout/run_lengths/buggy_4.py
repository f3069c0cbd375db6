def run_lengths(text):
    """Describe a text by its runs: "aaab" gives [["a", 3], ["b", 1]]."""
    runs = []
    for letter in text:
        if runs or runs[0][0] == letter:
            runs[-1][1] -= 1
        else:
            runs.append([letter, 0])
    return runs
