"""Edits of whole statements: duplicated with changes, inserted, deleted, moved, swapped, wrapped and unwrapped."""

import ast

import bugs
import likeness
import names
from change import Change, first_line
from program import parsed, replaced

_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Assert, ast.Delete)
_BROKEN = 0.08  # how often an edit may leave a variable without its definition: such things happen
_JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def is_simple(program, statement):
    """A statement of its own lines that could stand anywhere in its block; docstrings are none."""
    if not isinstance(statement, _SIMPLE) or not program.owns_lines(statement):
        return False
    return not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))


def simple_places(program):
    """(block, index) of every simple statement."""
    return [
        (block, index)
        for owner, block in program.blocks
        if not isinstance(owner, (ast.Module, ast.ClassDef))
        for index, statement in enumerate(block)
        if is_simple(program, statement)
    ]


def dedented(lines, width):
    return [line[width:] for line in lines]


def indented(lines, indent="    "):
    return [indent + line if line else line for line in lines]


def _with_lines(program, first, last, lines):
    return replaced(program.text, [program.replace_lines(first, last, lines)])


def early_reads(program, function):
    """Names of the function's variables that are read on a line before the first one that binds them."""
    known = set(program.parameters(function))
    bound, read = {}, {}
    for name in program.names:
        if name.id not in known:
            lines = read if type(name.ctx) is ast.Load else bound
            lines[name.id] = min(name.lineno, lines.get(name.id, name.lineno))
    return {name for name, line in read.items() if line < bound.get(name, line)}, set(bound)


def keeps_definitions(program, function, after):
    """Whether every variable that `after` reads is bound before, as far as it was in the program."""
    changed = parsed(after)
    new = changed and changed.function()
    if new is None:
        return False
    (early, bound), (new_early, new_bound) = early_reads(program, function), early_reads(changed, new)
    lost = bound - new_bound
    return new_early <= early and not any(name.id in lost for name in changed.names)


def varied(draw, program, function, statement, changes):
    """The statement's lines with up to `changes` values in it changed; the target of an assignment may go on in its
    series. Returns (lines, how many were changed)."""
    first = program.starts[statement.lineno - 1]
    last = program.starts[statement.end_lineno] - 1
    bound = program.bound(function, statement.lineno) or program.bound(function)
    sites = [site for site in bugs.number_sites(program) if first <= site[0] and site[1] <= last]
    sites += [
        (program.start(node), program.end(node), node.id)
        for node in bugs.name_sites(program, function)
        if statement.lineno <= node.lineno <= statement.end_lineno
    ]
    made = []
    for start, end, value in draw.sample(sites, changes):
        if isinstance(value, str):
            new = names.successor(draw, value, set()) if value[-1].isdigit() and draw.chance(0.4) else None
            if new not in bound:
                new = likeness.another(draw, program, function, bound, value)
        else:
            new = bugs.other_number(draw, value, program.text[start:end])
        made.append((start - first, end - first, new))
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and draw.chance(0.6):
        target = statement.targets[0]
        start = program.start(target) - first
        new = names.successor(draw, target.id, set(program.bound(function)))
        made = [change for change in made if change[0] != start] + [(start, start + len(target.id), new)]
    return replaced(program.text[first:last], made).split("\n"), len(made)


def duplicate(draw, program, function):
    """A statement comes again behind itself, or further down, with other values."""
    places = simple_places(program)
    if not places:
        return None
    block, index = draw.pick(places)
    statement = block[index]
    copies = draw.few(3, 0.25)
    lines = []
    for _ in range(copies):
        copy, changed = varied(draw, program, function, statement, draw.few(3))
        if not changed and not draw.chance(0.1):
            return None
        lines += copy
    behind = statement
    if draw.chance(0.25):
        later = [other for other in block[index:] if not isinstance(other, _JUMPS) and program.owns_lines(other)]
        behind = draw.pick(later)
    after = _with_lines(program, behind.end_lineno + 1, behind.end_lineno, lines)
    return Change("duplicate", program.text, after, what=first_line(program.source(statement)))


def insert(draw, program, function):
    """A new statement that uses what the function has."""
    blocks = [block for owner, block in program.blocks if not isinstance(owner, (ast.Module, ast.ClassDef))]
    block = draw.pick(blocks)
    index = draw.below(len(block))
    statement = block[index]
    bound = program.bound(function, statement.lineno)
    if not bound or not program.owns_lines(statement) or statement is program.docstring(function):
        return None
    name = draw.pick(bound)
    other = draw.pick(bound)
    kind = draw.below(7)
    numbers = ("0", "1", "2", "3", "5", "10")
    called = sorted({call.func.attr for call in program.calls if isinstance(call.func, ast.Attribute)})
    if kind == 0:
        lines = [f"{name} {draw.pick(('+=', '-=', '*='))} {draw.pick(numbers)}"]
    elif kind == 1:
        lines = [f"{name} = {other} {draw.pick('+-*')} {draw.pick(numbers)}"]
    elif kind == 2:
        lines = [f"if {name} is None:", f"    return {draw.pick(('None', '0', other, '[]', 'False'))}"]
    elif kind == 3:
        lines = [f"if {name} {draw.pick(('<', '>', '==', '<=', '>='))} {draw.pick(numbers)}:", f"    {other} = {draw.pick(numbers)}"]
    elif kind == 4:
        lines = [f"{names.fresh(draw, set(bound))} = {name}"]
    else:
        method = draw.pick(called) if called and draw.chance(0.8) else draw.pick(names.methods)
        arguments = ", ".join(draw.pick(bound + list(numbers)) for _ in range(draw.between(0, 3)))
        lines = [f"{name}.{method}({arguments})"]
    at = program.first_line(statement)
    if isinstance(statement, (ast.Assign, ast.Expr)) and draw.chance(0.5):
        at = statement.end_lineno + 1
    after = _with_lines(program, at, at - 1, indented(lines, program.indent(statement)))
    return Change("insert", program.text, after, what=lines[0].rstrip(":"))


def delete(draw, program, function):
    """A statement goes, or a few in a row."""
    places = [(block, index) for block, index in simple_places(program) if len(block) > 1]
    if not places:
        return None
    block, index = draw.pick(places)
    last = index
    while last + 1 < len(block) and last - index + 2 < len(block) and draw.chance(0.2):
        if not is_simple(program, block[last + 1]):
            break
        last += 1
    what = first_line(program.source(block[index]))
    after = _with_lines(program, block[index].lineno, block[last].end_lineno, [])
    if not keeps_definitions(program, function, after) and not draw.chance(_BROKEN):
        return None
    return Change("delete", program.text, after, what=what)


def move(draw, program, function):
    """A statement goes to another place of its block."""
    places = [(block, index) for block, index in simple_places(program) if len(block) > 2]
    if not places:
        return None
    block, index = draw.pick(places)
    statement = block[index]
    others = [
        other
        for place, other in enumerate(block)
        if place not in (index, index + 1) and program.owns_lines(other) and other is not program.docstring(function)
    ]
    if not others:
        return None
    target = program.first_line(draw.pick(others))
    made = [
        program.replace_lines(statement.lineno, statement.end_lineno, []),
        program.replace_lines(target, target - 1, program.block_lines([statement])),
    ]
    after = replaced(program.text, made)
    if not keeps_definitions(program, function, after) and not draw.chance(_BROKEN):
        return None
    return Change("move", program.text, after, what=first_line(program.source(statement)))


def swap(draw, program, function):
    """Two neighboring statements change places."""
    places = [
        (block, index)
        for block, index in simple_places(program)
        if index + 1 < len(block) and is_simple(program, block[index + 1])
    ]
    if not places:
        return None
    block, index = draw.pick(places)
    first, second = block[index], block[index + 1]
    between = program.lines[first.end_lineno : second.lineno - 1]
    lines = program.block_lines([second]) + between + program.block_lines([first])
    after = _with_lines(program, first.lineno, second.end_lineno, lines)
    if not keeps_definitions(program, function, after) and not draw.chance(_BROKEN):
        return None
    return Change("swap", program.text, after, what=first_line(program.source(first)))


def _run(draw, program, block, index, most):
    """Simple statements in a row, from block[index] on."""
    run = [block[index]]
    while len(run) < most and index + len(run) < len(block) and draw.chance(0.5):
        following = block[index + len(run)]
        if not is_simple(program, following):
            break
        run.append(following)
    return run


def _wrapped(draw, program, function, kind, header_of):
    """Statements in a row, under a header that is made of the names known there."""
    places = simple_places(program)
    if not places:
        return None
    block, index = draw.pick(places)
    run = _run(draw, program, block, index, 4)
    indent = program.indent(run[0])
    header = header_of(draw, program.bound(function, run[0].lineno))
    if header is None or len(indent) > 12:
        return None
    lines = [indent + header] + indented(program.block_lines(run))
    after = _with_lines(program, run[0].lineno, run[-1].end_lineno, lines)
    return Change(kind, program.text, after, what=header.rstrip(":"))


def _loop_header(draw, known):
    item = draw.pick(("i", "j", "k", "_", "n", "x"))
    if known and draw.chance(0.2):
        return f"for {item} in {draw.pick(known)}:"
    if known and draw.chance(0.15):
        return f"for {item} in range({draw.pick(known)}):"
    return f"for {item} in range({draw.pick((2, 2, 3, 3, 4, 5, 6, 8, 10))}):"


def _condition_header(draw, known):
    if not known:
        return None
    name = draw.pick(known)
    return draw.pick((
        f"if {name}:", f"if not {name}:", f"if {name} is not None:", f"if {name} is None:",
        f"if {name} > {draw.pick((0, 1, 10))}:", f"if {name} == {draw.pick((0, 1, 2))}:", f"if {name} != 0:",
        f"if {name} < {draw.pick(known)}:",
    ))  # fmt: skip


def wrap_in_loop(draw, program, function):
    return _wrapped(draw, program, function, "wrap_in_loop", _loop_header)


def wrap_in_condition(draw, program, function):
    return _wrapped(draw, program, function, "wrap_in_condition", _condition_header)


def unwrap(draw, program, function):
    """The body of a loop or a condition stays without it."""
    places = [
        statement
        for _, block in program.blocks
        for statement in block
        if isinstance(statement, (ast.For, ast.If, ast.While, ast.With))
        and not getattr(statement, "orelse", None)
        and program.owns_lines(statement)
        and statement.body[0].lineno > statement.lineno
        and not program.lines[statement.lineno - 1].lstrip().startswith("elif")
    ]
    if not places:
        return None
    statement = draw.pick(places)
    if isinstance(statement, (ast.For, ast.While)) and any(
        isinstance(inner, (ast.Break, ast.Continue)) for inner in ast.walk(statement)
    ):
        return None
    body = program.lines[statement.body[0].lineno - 1 : statement.end_lineno]
    width = len(program.indent(statement.body[0])) - len(program.indent(statement))
    if any(line[:width].strip() for line in body):
        return None
    what = first_line(program.source(statement)).rstrip(":")
    after = _with_lines(program, statement.lineno, statement.end_lineno, dedented(body, width))
    kind = "unwrap_loop" if isinstance(statement, (ast.For, ast.While)) else "unwrap_condition"
    return Change(kind, program.text, after, what=what)


def returned(draw, program, function):
    """The function returns something else, or something more."""
    places = [
        statement for _, block in program.blocks for statement in block
        if isinstance(statement, ast.Return) and statement.value is not None and program.one_line(statement)
    ]  # fmt: skip
    bound = program.bound(function)
    if not places or not bound:
        return None
    value = draw.pick(places).value
    new = draw.pick(bound)
    if draw.chance(0.4) and isinstance(value, (ast.Name, ast.Tuple)) and program.text[program.start(value)] != "(":
        made = [(program.end(value), program.end(value), f", {new}")]
    else:
        made = [(program.start(value), program.end(value), new)]
    after = replaced(program.text, made)
    return Change("returned", program.text, after, what=new)
