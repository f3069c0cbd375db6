def abbreviate(text, limit):
    """Cut a text that is longer than the limit and end it with three dots, within the limit."""
    if len(text) <= limit:
        return text
    kept = text[: limit + 3]
    return kept.rstrip() + "..."
