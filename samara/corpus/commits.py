"""Synthetic commits: a program, a message and the program after it; the entry point that the harness calls.

Read program.py first, then bugs.py and the files of edits (values.py, statements.py, rewriting.py, tidying.py),
and docs/corpora.md for what a corpus is made of. An example is a pure function of its seed, the real function that it
was given, and the vocabulary.
"""

import ast
import json
import warnings

import bugs
import builders
import described
import exclusions
import functions
import messages
import names
import program as programs
import rewriting
import statements
import synthesis
import tidying
import values
import windows
from draw import Draw

_ATTEMPTS = 40
_LEAST_DIFF = 20  # tokens of message and diff

# Edits with weights. SMALL change one thing in one place; PARAMETERS are numbers and arguments; STRUCTURAL are
# what "Changed" stands for; the others keep what the program does.
_PARAMETERS = [(values.number, 3), (values.numbers, 4), (values.arguments, 6), (values.more_arguments, 1)]
_SMALL = [
    (values.number, 5), (values.arguments, 5), (values.operator, 2), (values.variable, 3), (values.term, 2),
    (values.called_method, 2), (values.more_arguments, 2), (statements.duplicate, 6), (statements.insert, 3),
    (statements.delete, 4), (statements.swap, 2), (statements.move, 1), (statements.returned, 1),
]  # fmt: skip
_STRUCTURAL = [
    (statements.duplicate, 8), (statements.insert, 4), (statements.delete, 4), (statements.move, 2), (statements.swap, 2),
    (statements.wrap_in_loop, 4), (statements.wrap_in_condition, 2), (statements.unwrap, 2), (statements.returned, 1),
    (values.numbers, 4), (values.arguments, 4), (values.term, 2), (values.variable, 2), (values.called_method, 1),
    (values.operator, 1), (values.more_arguments, 1), (rewriting.add_parameter, 1), (rewriting.loop, 2),
    (rewriting.unroll, 1), (rewriting.extract_expression, 1), (rewriting.extract_statements, 1), (rewriting.rename, 1),
]  # fmt: skip
_TOLD = [
    (rewriting.rename, 8), (rewriting.rename_function, 2), (rewriting.loop, 7), (rewriting.unroll, 3),
    (rewriting.extract_expression, 3), (rewriting.extract_statements, 3), (rewriting.inline, 3),
    (rewriting.introduce_variable, 4), (rewriting.inline_variable, 3), (rewriting.add_parameter, 4),
    (rewriting.augmented, 1), (rewriting.short_assignment, 1), (rewriting.comprehension_to_loop, 2),
    (rewriting.loop_to_comprehension, 2), (rewriting.mirror_comparison, 1), (tidying.remove_dead_code, 5),
    (tidying.remove_output, 2), (tidying.add_output, 2), (tidying.add_comment, 2), (tidying.remove_comments, 5),
    (tidying.change_docstring, 5), (values.number, 3), (values.numbers, 1), (values.arguments, 2), (values.operator, 2),
    (values.variable, 2), (values.term, 1), (values.called_method, 2), (statements.duplicate, 4), (statements.insert, 4),
    (statements.delete, 4), (statements.move, 1), (statements.swap, 2), (statements.wrap_in_loop, 3),
    (statements.wrap_in_condition, 3), (statements.unwrap, 3), (statements.returned, 2),
]  # fmt: skip


def _real_or_synthesized(draw, real, short):
    """The text of a program to start from."""
    if real is not None:
        parsed = programs.parsed(real)
        function = parsed and parsed.function()
        if function is not None and not exclusions.excluded(real, parsed.tree):  # before it gets other names
            if draw.chance(0.55):
                return programs.replaced(real, names.disguised(draw, parsed, function))
            return real
    writers = [(synthesis.random_function, 4), (described.described_function, 3 if short else 1),
               (builders.builder_function, 1 if short else 4), (builders.two_functions, 0.5 if short else 3)]  # fmt: skip
    return draw.weighted(writers)(draw, short)


def _fix(draw, program, function, options):
    count = draw.weighted([(1, 4), (2, 3), (3, 3), (4, 3), (5, 3)])
    before, made = bugs.with_bugs(draw, program, function, count, options["slips"])
    if not made:
        return None
    told = messages.FIXED_BUGS if draw.chance(0.75) else messages.of_bugs(draw, function.name, made)
    return before, told, program.text, "bugs"


def _edited(draw, program, function, edits, count):
    """The program after `count` edits of the table, drawn one after the other; None where they come to nothing."""
    text = program.text
    for turn in range(count):
        change = draw.weighted(edits)(draw, program, function)
        if change is None:
            continue
        if turn + 1 == count:
            return change.after
        if change.before != program.text and text != program.text:
            continue
        if change.before != program.text:
            text = change.before  # the edit put in what it needs
        program = programs.parsed(change.after)
        if program is None or program.function() is None:
            return None
        function = program.function()
    return program.text if program.text != text else None


def _plain(edits, count_of, form, kind):
    """A commit with one of the forms of message that do not say what was done."""

    def commit(draw, program, function, options):
        count = count_of(draw)
        if count == 1:
            change = draw.weighted(edits)(draw, program, function)
            if change is None:
                return None
            before, after = change.before, change.after
        else:
            before, after = program.text, _edited(draw, program, function, edits, count)
            if after is None:
                return None
        if draw.chance(0.15):
            before, after = after, before
        return before, form.format(name=function.name), after, kind

    return commit


def _told(edit):
    """A commit whose message says what was done."""

    def commit(draw, program, function, options):
        change = edit(draw, program, function)
        if change is None:
            return None
        return change.before, messages.free(draw, function.name, change.kind, change.facts), change.after, change.kind

    return commit


def _several(draw, program, function, options):
    after = _edited(draw, program, function, _STRUCTURAL, draw.between(2, 4))
    if after is None:
        return None
    return program.text, messages.free(draw, function.name, "several", {}), after, "several"


_COMMITS = [
    (_fix, 42),
    (_plain(_PARAMETERS, lambda draw: draw.few(2, 0.3), messages.CHANGED_PARAMETERS, "parameters"), 9),
    (_plain(_SMALL, lambda draw: 1, messages.SMALL_CHANGE, "small"), 11),
    (_plain(_STRUCTURAL, lambda draw: draw.few(4, 0.45), messages.CHANGED, "changed"), 12),
    (_several, 2),
]  # fmt: skip
_COMMITS += [(_told(edit), 24 * weight / sum(weight for _, weight in _TOLD)) for edit, weight in _TOLD]


def _tree(text):
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _diff_size(before, after):
    """Estimated tokens of the diff: the lines that differ, where as many stay; else those from the first to the last
    that differ."""
    old, new = before.split("\n"), after.split("\n")
    if len(old) == len(new):
        new = [line for line, other in zip(new, old) if line != other]
        return sum(programs.estimated_tokens(line) + 3 for line in new) + 1
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return programs.estimated_tokens("\n".join(new)) + len(new) + len(old) + 2


def _fits(before, message, after, most):
    """Whether the example is within the estimated tokens of its length class."""
    numbers = 2 * before.count("\n") + 2  # each line stands between two
    size = programs.estimated_tokens(before) + numbers + programs.estimated_tokens(message) + 4
    return size + _diff_size(before, after) <= most


def example(seed, real, short, most_tokens, options):
    """[before, message, after, kind], or None where nothing came of many attempts.

    @param real: the text of a function to start from, or None for a synthesized one
    @param short: whether synthesized functions are to be short
    @param most_tokens: of prompt and diff together, as estimated
    @param options: {"slips": whether names may be misspelt, "most_lines": of either text}
    """
    draw = Draw(seed)
    commit = draw.weighted(_COMMITS)
    for attempt in range(_ATTEMPTS):
        text = _real_or_synthesized(draw, real if attempt < 4 else None, short)
        if programs.estimated_tokens(text) + 2 * text.count("\n") + _LEAST_DIFF > most_tokens:
            continue
        program = programs.parsed(text)
        function = program and program.function()
        if function is None or not text.isascii() or exclusions.excluded(text, program.tree):
            continue
        if attempt % 8 == 7:  # what was drawn may be rare in such programs
            commit = draw.weighted(_COMMITS)
        for _ in range(3):
            made = commit(draw, program, function, options)
            if made is not None and _is_good(made, program.text, most_tokens, options["most_lines"]):
                return list(made)
    return None


def _is_good(made, original, most_tokens, most_lines):
    before, message, after, _ = made
    if before == after or not before or not after or not message.isascii():
        return False
    if max(before.count("\n"), after.count("\n")) >= most_lines or not _fits(before, message, after, most_tokens):
        return False
    if exclusions.has_forbidden_words(message):
        return False
    for text in (before, after):
        if text != original:
            tree = _tree(text)
            if tree is None or exclusions.excluded(text, tree):
                return False
    return True


def entry(text):
    """One job, a JSON object:

    {"source"} -> functions of a file, see functions_of();
    {"old", "new", "message", "options"} -> what a real commit changed in a file, see windows_of();
    {"examples": [[seed, function or null, whether short, most tokens], ...], "options"} -> synthetic commits.
    """
    request = json.loads(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "source" in request:
            return functions.functions_of(request["source"])
        if "old" in request:
            return windows.windows_of(request["old"], request["new"], request["message"], request["options"])
        return [example(*asked, request["options"]) for asked in request["examples"]]
