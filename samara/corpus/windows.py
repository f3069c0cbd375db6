"""Windows of files around what a real commit changed: a function where one holds the change, else some statements.

A window is cut out of both versions of a file at lines that they share, so that a diff of the window is the
commit's. Python windows parse on their own; those of other files are the changed lines with some lines around them.
"""

import ast
import difflib

import exclusions
import program

_WIDEST = 160  # characters of a line
_MOST_COMPARED = 4_000_000  # pairs of lines; files that differ in more are rewritten, not changed


def hunks(old, new):
    """[(old first, old end, new first, new end)], half-open, of the lines that differ; None for too much."""
    first = 0
    while first < len(old) and first < len(new) and old[first] == new[first]:
        first += 1
    tail = 0
    while tail < len(old) - first and tail < len(new) - first and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[first : len(old) - tail], new[first : len(new) - tail]
    if len(a) * len(b) > _MOST_COMPARED:
        return None
    codes = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(i + first, j + first, k + first, m + first) for tag, i, j, k, m in codes if tag != "equal"]


def _touches(first, end, hunk):
    """Whether the hunk changes lines of [first, end), of the old file; an insertion at either edge is outside."""
    if hunk[0] == hunk[1]:
        return first < hunk[0] < end
    return hunk[0] < end and first < hunk[1]


def _holds(first, end, hunk):
    return _touches(first, end, hunk) and first <= hunk[0] and hunk[1] <= end


def _python_spans(tree, hunk, most_lines, context):
    """Spans of old lines that hold the hunk and make sense alone, best first."""
    functions, block = [], tree.body
    while True:
        inner = next((node for node in block if _holds(_first(node), node.end_lineno, hunk)), None)
        if inner is None:
            break
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
            functions.append((_first(inner), inner.end_lineno))
        blocks = [getattr(inner, field, None) for field in ("body", "orelse", "finalbody")]
        blocks += [handler.body for handler in getattr(inner, "handlers", [])]
        blocks = [lines for lines in blocks if lines and isinstance(lines, list)]
        deeper = [lines for lines in blocks if _holds(_first(lines[0]), lines[-1].end_lineno, hunk)]
        if not deeper:
            break
        block = deeper[0]
    spans = [span for span in functions if span[1] - span[0] <= most_lines]
    # The outermost function that fits, then statements around the hunk.
    touched = [at for at, node in enumerate(block) if _first(node) < hunk[1] + 1 and node.end_lineno > hunk[0] - 1]
    if touched:
        low, high = touched[0], touched[-1]
        while low > 0 and hunk[0] - _first(block[low - 1]) <= context:
            low -= 1
        while high + 1 < len(block) and block[high + 1].end_lineno - hunk[1] <= context:
            high += 1
        spans.append((_first(block[low]), block[high].end_lineno))
    return spans


def _first(node):
    """The index, from 0, of a statement's first line."""
    decorators = getattr(node, "decorator_list", None)
    return (decorators[0].lineno if decorators else node.lineno) - 1


def _other_spans(lines, hunk, context):
    return [(max(0, hunk[0] - context), min(len(lines), hunk[1] + context))]


def _dedented(lines):
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[margin:].rstrip() for line in lines]


def _usable(lines):
    return bool(lines) and max(map(len, lines)) <= _WIDEST and any(line.strip() for line in lines)


def _without_edges(lines):
    while lines and not lines[0].strip():
        lines = lines[1:]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def windows_of(old, new, message, options):
    """[[before, after], ...] for one file of a commit.

    @param options: {"python": whether it is, "most_lines": of a window, "most_tokens", "context": lines around a
    change that no function holds}
    """
    if exclusions.has_forbidden_words(message):
        return []
    old, new = old.split("\n"), new.split("\n")
    changed = hunks(old, new)
    if not changed or len(changed) > 40:
        return []
    tree = None
    if options["python"]:
        try:
            tree = ast.parse("\n".join(old))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
    found = []
    done = 0  # hunks before this one are in a window
    for at, hunk in enumerate(changed):
        if at < done:
            continue
        spans = (
            _python_spans(tree, hunk, options["most_lines"], options["context"])
            if tree
            else _other_spans(old, hunk, options["context"])
        )
        for first, end in spans:
            window = _window(old, new, changed, hunk, first, end, options)
            if window is not None:
                found.append(window)
                done = at + sum(_touches(first, end, other) for other in changed[at:])
                break
    return found


def _window(old, new, changed, wanted, first, end, options):
    """[before, after] of the old lines [first, end) where they hold all hunks that they touch, `wanted` among them."""
    inside = [hunk for hunk in changed if _touches(first, end, hunk)]
    if wanted not in inside or not all(_holds(first, end, hunk) for hunk in inside):
        return None
    # Lines in front of the first hunk and behind the last one are shared: they give the place in the new file.
    new_first = inside[0][2] - (inside[0][0] - first)
    new_end = inside[-1][3] + (end - inside[-1][1])
    before = _dedented(old[first:end])
    after = _dedented(new[new_first:new_end])
    before, after = _without_edges(before), _without_edges(after)
    if not _usable(before) or not _usable(after) or before == after:
        return None
    if max(len(before), len(after)) > options["most_lines"]:
        return None
    before, after = "\n".join(before), "\n".join(after)
    if program.estimated_tokens(before) + program.estimated_tokens(after) // 2 > options["most_tokens"]:
        return None
    if options["python"] and (program.parsed(before) is None or program.parsed(after) is None):
        return None
    if exclusions.excluded(before) or exclusions.excluded(after):
        return None
    return [before, after]
