def frame(lines, border):
    """Put lines of text into a box whose walls are made of one character."""
    width = max(len(line) for line in lines)
    edge = border * (width + 3)
    box = [edge]
    for line in lines:
        box.append(border + " " + line.rjust(width) + " " + border)
    box.append(edge)
    return box
