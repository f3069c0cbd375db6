"""Edits that readers make: dead code, debugging output, comments and docstrings that go, come or change."""

import ast

import names
import program as programs
import statements
from change import Change
from program import replaced


def _place(draw, program, function):
    """A statement of its own lines in front of which lines can be put, not the docstring."""
    places = [
        statement
        for owner, block in program.blocks
        if not isinstance(owner, (ast.Module, ast.ClassDef))
        for statement in block
        if program.owns_lines(statement)
        and statement is not program.docstring(function)
        and not program.lines[statement.lineno - 1].lstrip().startswith("elif")
    ]
    return draw.pick(places) if places else None


def _with_lines_before(program, statement, lines):
    at = program.first_line(statement)
    lines = statements.indented(lines, program.indent(statement))
    return replaced(program.text, [program.replace_lines(at, at - 1, lines)])


def remove_dead_code(draw, program, function):
    """`before` has lines that do nothing."""
    statement = _place(draw, program, function)
    bound = program.bound(function, statement.lineno) if statement else None
    if not bound:
        return None
    name = draw.pick(bound)
    unused = names.fresh(draw, set(program.bound(function)) | {name.id for name in program.names})
    kind = draw.below(6)
    if kind == 0:
        lines = [f"{unused} = {draw.pick((name, '0', 'None', '[]', f'{name} + 1', f'len({name})'))}"]
    elif kind == 1:
        lines = [f"{name} = {name}"]
    elif kind == 2:
        lines = ["pass"]
    elif kind == 3:
        lines = [draw.pick(("if False:", "if 0:", "while False:")), f"    {name} = {draw.pick(('0', 'None', unused))}"]
    elif kind == 4:
        lines = [f"for {unused} in range({draw.between(2, 9)}):", "    pass"]
    else:
        if not isinstance(statement, ast.Return) or not program.one_line(statement):
            return None
        line = draw.pick((f"return {name}", f"{name} = None", f"print({name})"))
        lines = [program.indent(statement) + line]
        at = statement.lineno + 1
        before = replaced(program.text, [program.replace_lines(at, at - 1, lines)])
        return Change("dead_code", before, program.text, what=line)
    before = _with_lines_before(program, statement, lines)
    return Change("dead_code", before, program.text, what=lines[0].rstrip(":"))


def remove_output(draw, program, function):
    """`before` prints something to find a bug."""
    change = add_output(draw, program, function)
    return change and change.backwards("remove_output")


def add_output(draw, program, function):
    statement = _place(draw, program, function)
    bound = program.bound(function, statement.lineno) if statement else None
    if not bound:
        return None
    name = draw.pick(bound)
    line = draw.pick((
        f"print({name})", f'print("{name}", {name})', f"print('{name}:', {name})", f'print(f"{{{name}}}")',
        f"print('{function.name}')", f"logging.debug({name})", f"print({name}, {draw.pick(bound)})",
    ))  # fmt: skip
    return Change("add_output", program.text, _with_lines_before(program, statement, [line]), what=name)


def _comment(draw, statement, function):
    word = draw.pick(names.words)
    about = word
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        about = statement.targets[0].id.replace("_", " ")
    elif isinstance(statement, ast.For):
        about = "each item"
    return draw.pick((
        f"# Compute {about}.", f"# compute {about}", f"# TODO: check {about}", f"# The {about} of the {word}.",
        f"# {about}", f"# {about.capitalize()} first.", f"# Set {about}", f"# this is the {about}", "# TODO",
        f"# Then the {about}.", f"# Update {about}.", f"# see {function.name}", "# FIXME", f"# Handle {about}",
        f"# Add the {about} to the {word}.", "# Not used yet.", f"# old: {about} = {draw.between(0, 99)}",
    ))  # fmt: skip


def add_comment(draw, program, function):
    statement = _place(draw, program, function)
    if statement is None:
        return None
    comment = _comment(draw, statement, function)
    if draw.chance(0.25) and program.one_line(statement) and not isinstance(statement, (ast.For, ast.If)):
        end = program.starts[statement.lineno] - 1
        if "#" in program.lines[statement.lineno - 1]:
            return None
        after = replaced(program.text, [(end, end, "  " + comment)])
    else:
        after = _with_lines_before(program, statement, [comment])
    return Change("add_comment", program.text, after, what=comment)


def remove_comments(draw, program, function):
    """All comments go; where there is none, `before` gets one to three."""
    if program.comments():
        lines = []
        text = replaced(program.text, [(start, end, "") for start, end in program.comments()])
        for old, new in zip(program.lines, text.split("\n")):
            if new.strip() or not old.strip():
                lines.append(new.rstrip())
        return Change("remove_comments", program.text, "\n".join(lines))
    before = program
    for _ in range(draw.few(3)):
        change = add_comment(draw, before, before.function())
        if change is None:
            return None
        before = programs.Program(change.after)
    return Change("remove_comments", before.text, program.text)


def change_docstring(draw, program, function):
    """The docstring comes, goes or changes a word."""
    statement = program.docstring(function)
    if statement is None:
        first = function.body[0]
        if not program.owns_lines(first) or first.lineno == function.lineno:
            return None
        what = function.name.strip("_").replace("_", " ") or draw.pick(names.words)
        words = draw.pick((
            what.capitalize() + ".", f"Return the {what.split()[-1]}.", f"This function is for {what}.", "TODO: document.",
            f"Compute {what} from {', '.join(program.parameters(function)[:3]) or 'nothing'}.", f"Helper for {what}.",
        ))  # fmt: skip
        lines = [f'{program.indent(first)}"""{words}"""']
        at = program.first_line(first)
        after = replaced(program.text, [program.replace_lines(at, at - 1, lines)])
        return Change("add_docstring", program.text, after, what=words)
    if not program.owns_lines(statement) or not program.one_line(statement) or len(function.body) < 2:
        return None
    text = statement.value.value
    if draw.chance(0.3):
        after = replaced(program.text, [program.replace_lines(statement.lineno, statement.lineno, [])])
        return Change("remove_docstring", program.text, after, what=text)
    words = text.split(" ")
    at = draw.below(len(words))
    kind = draw.below(4)
    if kind == 0:
        words[at] = draw.pick(names.words)
    elif kind == 1:
        words.insert(at, draw.pick(("the", "a", "new", "given", draw.pick(names.words))))
    elif kind == 2 and words[at].isalpha() and len(words[at]) > 2:
        words[at] = names.misspelt(draw, words[at].lower())
        new = " ".join(words)
        start = program.text.index(text, program.start(statement))
        before = replaced(program.text, [(start, start + len(text), new)])
        return Change("docstring_typo", before, program.text, what=new)
    else:
        words = ["Return"] + [words[0].lower()] + words[1:] if words[0] != "Return" else ["Compute"] + words[1:]
    new = " ".join(words)
    if new == text or '"' in new or "\\" in new or text not in program.source(statement):
        return None
    start = program.text.index(text, program.start(statement))
    after = replaced(program.text, [(start, start + len(text), new)])
    return Change("docstring", program.text, after, what=new)
