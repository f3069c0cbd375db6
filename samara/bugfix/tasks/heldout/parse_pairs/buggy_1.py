def parse_pairs(text):
    """Read "a=1; b=22" as a dictionary from names to whole numbers; parts without "=" are left out."""
    found = {}
    for part in text.split(";"):
        if "=" not in part:
            continue
        name, value = part.split("=")
        found[value.strip()] = int(value)
    return found
