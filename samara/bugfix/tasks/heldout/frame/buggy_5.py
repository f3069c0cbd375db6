def frame(lines, border):
    """Put lines of text into a box whose walls are made of one character."""
    width = min(len(line) for line in lines)
    edge = border * (width + 3)
    box = []
    for line in lines:
        box.append(border + " " + line.rjust(width) + " " + border)
    box.append(border)
    return box
