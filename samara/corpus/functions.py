"""Functions from Python source files, in the form that a corpus has them.

A function keeps its own style, but is moved to the left margin, loses decorators, most comments and blank lines, and
all of its docstring but the first line, which about two in five keep. What does not fit a small model's window,
what is not plain ASCII, and what exclusions.py names is left out.
"""

import ast
import re
import zlib

import exclusions
import program
from draw import Draw

_SHORTEST, _LONGEST = 3, 40  # lines
_WIDEST = 110  # characters of a line
_LARGEST = 1400  # characters
_KEEP_DOCSTRING, _KEEP_COMMENTS, _KEEP_BLANK_LINES = 0.4, 0.08, 0.15
_PLAIN_DOCSTRING = re.compile(r"[A-Za-z][^\"\\]{7,90}")


def functions_of(source):
    """[text, name, bound names, called methods] of every usable function in the source of a file."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    lines = source.split("\n")
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            text = _reduced(node, lines)
            if text is None or len(text) > _LARGEST:
                continue
            parsed = program.parsed(text)
            if parsed is None or exclusions.excluded(text, parsed.tree):
                continue
            function = parsed.tree.body[0]
            methods = {call.func.attr for call in parsed.calls if isinstance(call.func, ast.Attribute)}
            found.append([text, function.name, parsed.bound(function), sorted(methods)])
    return found


def _reduced(function, file_lines):
    """The function's text as a corpus has it, or None where it cannot be had."""
    if function.end_lineno - function.lineno > 4 * _LONGEST:
        return None
    lines = _dedented(file_lines[function.lineno - 1 : function.end_lineno], function.col_offset)
    if lines is None:
        return None
    draw = Draw(zlib.crc32("\n".join(lines).encode()))
    lines = _with_short_docstring(function, lines, draw)
    if lines is None or not all(line.isascii() and "\t" not in line for line in lines):
        return None
    if _has_long_string(lines):
        return None
    if not draw.chance(_KEEP_COMMENTS):
        lines = _without_comments(lines)
    if not draw.chance(_KEEP_BLANK_LINES):
        lines = [line for line in lines if line]
    if not _SHORTEST <= len(lines) <= _LONGEST or max(map(len, lines)) > _WIDEST:
        return None
    return "\n".join(lines)


def _dedented(lines, margin):
    if any(line[:margin].strip() for line in lines):
        return None
    return [line[margin:].rstrip() for line in lines]


def _with_short_docstring(function, lines, draw):
    """The lines with the docstring reduced to one line or dropped; None where nothing else is in the body."""
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(
        first.value.value, str
    )
    if not is_docstring:
        return lines
    if len(function.body) == 1 or first.lineno == function.lineno:
        return None
    above = first.lineno - function.lineno
    below = first.end_lineno - function.lineno + 1
    if function.body[1].lineno <= first.end_lineno:
        return None
    words = first.value.value.strip().split("\n")[0].strip()
    short = []
    if _PLAIN_DOCSTRING.fullmatch(words) and draw.chance(_KEEP_DOCSTRING):
        indent = lines[above][: len(lines[above]) - len(lines[above].lstrip())]
        short = [f'{indent}"""{words}"""']
    return lines[:above] + short + lines[below:]


def _has_long_string(lines):
    """Whether a string of the function spans lines: its lines could not be edited one by one."""
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return any(
        isinstance(node, (ast.Constant, ast.JoinedStr))
        and node.lineno != node.end_lineno
        and (isinstance(node, ast.JoinedStr) or isinstance(node.value, (str, bytes)))
        for node in ast.walk(tree)
    )


def _without_comments(lines):
    text = "\n".join(lines)
    text = program.replaced(text, [(start, end, "") for start, end in program.comments(text)])
    kept = []
    for before, after in zip(lines, text.split("\n")):
        if after.strip() or not before.strip():  # not the lines that only held a comment
            kept.append(after.rstrip())
    return kept
