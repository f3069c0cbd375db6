"""Change: what one edit makes of a program, and what there is to say about it.

An edit is a function of (draw, program, function) -> Change or None; None means that it found nothing to change with
what it drew. `kind` is a row of messages.py, whose templates use `facts`. Most edits start from the program as it is;
those that need something particular to start from (repeated lines, dead code) put it in first, in `before`.
"""


class Change:
    __slots__ = ("after", "before", "facts", "kind")

    def __init__(self, kind, before, after, **facts):
        self.kind = kind
        self.before = before
        self.after = after
        self.facts = facts

    def backwards(self, kind):
        """The change from `after` to `before`."""
        return Change(kind, self.after, self.before, **self.facts)


def first_line(text):
    return text.split("\n", 1)[0].strip()
