"""Edits that keep what a program does, or are meant to: renaming, loops for repeated lines, code moved into
functions and back, variables introduced, parameters for constants.

Those that have an opposite come in both directions: `loop` and `unroll`, `extract` and `inline`.
"""

import ast
import re

import bugs
import names
import statements
from change import Change, first_line
from program import replaced


def rename(draw, program, function):
    """A variable gets another name everywhere."""
    candidates = names.renamable(program, function)
    if not candidates:
        return None
    old = draw.pick(candidates)
    avoid = {name.id for name in program.names} | set(program.bound(function)) | program.other_names
    new = names.fresh(draw, avoid)
    after = replaced(program.text, names.renamed(program, {old: new}))
    return Change("rename", program.text, after, old=old, new=new)


def rename_function(draw, program, function):
    """The function gets another name, also where it calls itself."""
    if function.name.startswith("__"):
        return None
    new = names.function_name(draw)
    if new == function.name or any(name.id == new for name in program.names):
        return None
    start = program.text.index(function.name, program.start(function) + 3)
    made = [(start, start + len(function.name), new)]
    made += [
        (program.start(name), program.end(name), new) for name in program.names if name.id == function.name
    ]
    return Change("rename_function", program.text, replaced(program.text, made), old=function.name, new=new)


# Loops for repeated lines.


def _repeatable(program):
    """Simple one-line statements of calls or augmented assignments, which can stand several times."""
    return [
        (block, index)
        for block, index in statements.simple_places(program)
        if isinstance(block[index], (ast.Expr, ast.AugAssign)) and program.one_line(block[index])
    ]


def _progression(draw, first, step, item):
    """The terms first, first + step, ..., and their formula in the loop's variable."""
    if step == 1 and first == 0:
        return item
    product = item if step == 1 else draw.pick((f"{item} * {step}", f"{step} * {item}"))
    return product if first == 0 else draw.pick((f"{first} + {product}", f"{product} + {first}"))


def loop(draw, program, function):
    """`before` repeats a line, with numbers that grow or with one name after the other; `after` has a loop."""
    places = _repeatable(program)
    if not places:
        return None
    block, index = draw.pick(places)
    statement = block[index]
    line = program.lines[statement.lineno - 1]
    indent = program.indent(statement)
    offset = program.starts[statement.lineno - 1]
    count = draw.between(2, 5)
    item = draw.pick(("i", "j", "k", "n", "x", "step"))
    if item in program.bound(function):
        return None
    sites = [site for site in bugs.number_sites(program) if type(site[2]) is int and site[0] >= offset
             and site[1] <= offset + len(line)]  # fmt: skip
    uses = [name for name in bugs.name_sites(program, function) if name.lineno == statement.lineno]
    bound = program.bound(function, statement.lineno)
    kind = draw.uniform()
    if sites and kind < 0.6:
        start, end, first = draw.pick(sites)
        step = draw.weighted([(1, 4), (2, 2), (5, 1), (10, 2), (draw.between(1, 20), 1)])
        repeated = [replaced(line, [(start - offset, end - offset, str(first + step * turn))]) for turn in range(count)]
        body = replaced(line, [(start - offset, end - offset, _progression(draw, first, step, item))])
        head = f"{indent}for {item} in range({count}):"
    elif uses and len(bound) > 2 and kind < 0.8:
        use = draw.pick(uses)
        values = draw.sample(bound, count)
        start, end = program.start(use) - offset, program.end(use) - offset
        repeated = [replaced(line, [(start, end, value)]) for value in values]
        body = replaced(line, [(start, end, item)])
        opening, closing = draw.pick(("()", "[]"))
        head = f"{indent}for {item} in {opening}{', '.join(values)}{closing}:"
        if len(values) < 2:
            return None
    else:
        repeated = [line] * count
        body = line
        head = f"{indent}for {draw.pick((item, '_'))} in range({count}):"
    at = statement.lineno
    before = replaced(program.text, [program.replace_lines(at, at, repeated)])
    after = replaced(program.text, [program.replace_lines(at, at, [head, "    " + body])])
    return Change("loop", before, after, what=line.strip(), count=count)


def unroll(draw, program, function):
    change = loop(draw, program, function)
    return change and change.backwards("unroll")


# Code into functions and back.


def _loads(program, first, last, bound):
    """Bound names that are read on lines first..last, in order of bound."""
    used = {
        name.id for name in program.names if type(name.ctx) is ast.Load and first <= name.lineno <= last
    }
    return [name for name in bound if name in used]


def extract_expression(draw, program, function):
    """An expression becomes a function: `after` calls it."""
    bound = program.bound(function)
    last = len(program.lines)
    places = [
        node for node in program.operators + program.comparisons + program.calls
        if program.one_line(node) and function.body[0].lineno <= node.lineno <= last
        and len(program.source(node)) > 6
    ]  # fmt: skip
    if not places or function.col_offset:
        return None
    node = draw.pick(places)
    source = program.source(node)
    inside = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    if any(isinstance(part, (ast.Await, ast.Yield, ast.NamedExpr, ast.Lambda, ast.comprehension)) for part in ast.walk(node)):
        return None
    inputs = [name for name in bound if name in inside] + (["self"] if "self" in inside else [])
    name = names.function_name(draw)
    if name in inside or name in bound or name == function.name or len(inputs) > 5:
        return None
    helper = [f"def {name}({', '.join(inputs)}):", f"    return {source}"]
    call = f"{name}({', '.join(inputs)})"
    return _with_helper(draw, program, function, helper, [(program.start(node), program.end(node), call)], name, source)


def extract_statements(draw, program, function):
    """Statements in a row become a function: `after` calls it."""
    places = [
        (block, index) for block, index in statements.simple_places(program)
        if block is function.body and index + 1 < len(block) and statements.is_simple(program, block[index + 1])
    ]  # fmt: skip
    if not places or function.col_offset:
        return None
    block, index = draw.pick(places)
    run = [block[index]]
    while index + len(run) < len(block) and len(run) < 5 and (len(run) < 2 or draw.chance(0.6)):
        if not statements.is_simple(program, block[index + len(run)]):
            break
        run.append(block[index + len(run)])
    first, last = run[0].lineno, run[-1].end_lineno
    if any(isinstance(part, (ast.Yield, ast.Await)) for statement in run for part in ast.walk(statement)):
        return None
    bound = program.bound(function)
    stored = {name.id for name in program.names if type(name.ctx) is ast.Store and first <= name.lineno <= last}
    earlier = set(program.parameters(function)) | {
        name.id for name in program.names if type(name.ctx) is ast.Store and name.lineno < first
    }
    inputs = [name for name in _loads(program, first, last, bound) if name in earlier]
    if any(isinstance(statement, ast.AugAssign) for statement in run):
        inputs = [name for name in bound if name in earlier and (name in inputs or name in stored)]
    if "self" in {name.id for name in program.names if first <= name.lineno <= last}:
        inputs.insert(0, "self")
    outputs = [name for name in _loads(program, last + 1, len(program.lines), bound) if name in stored]
    name = names.function_name(draw)
    if name in bound or name == function.name or len(inputs) > 6 or len(outputs) > 4:
        return None
    indent = program.indent(run[0])
    helper = [f"def {name}({', '.join(inputs)}):"]
    helper += ["    " + line[len(indent) :] for line in program.block_lines(run)]
    call = f"{name}({', '.join(inputs)})"
    if outputs:
        helper.append(f"    return {', '.join(outputs)}")
        call = f"{', '.join(outputs)} = {call}"
    made = [program.replace_lines(first, last, [indent + call])]
    return _with_helper(draw, program, function, helper, made, name, first_line(program.source(run[0])))


def _with_helper(draw, program, function, helper, made, name, what):
    """The program with a new function: in front of the function, or inside of it in front of its body."""
    if draw.chance(0.7):
        at = program.first_line(function)
        lines = helper + draw.pick(([], ["", ""], ["", ""]))
    else:
        first = function.body[1] if program.docstring(function) and len(function.body) > 1 else function.body[0]
        at = program.first_line(first)
        if not program.owns_lines(first):
            return None
        lines = statements.indented(helper, program.indent(first))
    made = made + [program.replace_lines(at, at - 1, lines)]
    if len({start for start, _, _ in made}) < len(made):
        return None  # the code that moves stands where the function would go
    after = replaced(program.text, made)
    return Change("extract", program.text, after, new=name, what=what)


def inline(draw, program, function):
    change = draw.pick((extract_expression, extract_statements))(draw, program, function)
    return change and change.backwards("inline")


# Variables, parameters, shorter and longer forms.


def introduce_variable(draw, program, function):
    """An expression gets a name on a line of its own."""
    places = []
    for _, block in program.blocks:
        for statement in block:
            if isinstance(statement, (ast.Return, ast.Assign, ast.Expr, ast.AugAssign)) and program.owns_lines(statement):
                if program.one_line(statement) and program.docstring(function) is not statement:
                    places.append(statement)
    if not places:
        return None
    statement = draw.pick(places)
    parts = [
        node for node in program.operators + program.calls + program.comparisons
        if node.lineno == statement.lineno and node is not statement.value
    ]  # fmt: skip
    if isinstance(statement, ast.Return) and statement.value is not None and not isinstance(statement.value, ast.Constant):
        parts.append(statement.value)
    if not parts or any(isinstance(part, (ast.comprehension, ast.Lambda)) for part in ast.walk(statement)):
        return None
    part = draw.pick(parts)
    source = program.source(part)
    avoid = set(program.bound(function)) | {name.id for name in program.names}
    name = draw.pick(("result", "value", "total", "x", "res", "out", "tmp"))
    if name in avoid or draw.chance(0.4):
        name = names.fresh(draw, avoid)
    at = statement.lineno
    made = [
        (program.start(part), program.end(part), name),
        program.replace_lines(at, at - 1, [f"{program.indent(statement)}{name} = {source}"]),
    ]
    after = replaced(program.text, made)
    return Change("introduce_variable", program.text, after, new=name, what=source)


def inline_variable(draw, program, function):
    change = introduce_variable(draw, program, function)
    return change and change.backwards("inline_variable")


def add_parameter(draw, program, function):
    """A number becomes a parameter with a default."""
    sites = [site for site in bugs.number_sites(program) if site[0] > program.start(function.body[0])]
    head = program.lines[function.lineno - 1]
    close = head.rfind("):")
    if not sites or close < 0 or function.args.kwarg or function.args.vararg or function.args.kwonlyargs:
        return None
    if not head.endswith("):") or function.lineno != function.body[0].lineno - 1:
        return None
    start, end, _ = draw.pick(sites)
    avoid = set(program.bound(function)) | {name.id for name in program.names}
    name = names.fresh(draw, avoid)
    value = program.text[start:end]
    close += program.starts[function.lineno - 1]
    default = f"={value}" if draw.chance(0.7) or function.args.defaults else ""
    comma = ", " if program.parameters(function) or "(self" in head or "(cls" in head else ""
    made = [(start, end, name), (close, close, f"{comma}{name}{default}")]
    return Change("add_parameter", program.text, replaced(program.text, made), new=name, value=value)


def augmented(draw, program, function):
    """x = x + y for x += y."""
    places = [
        node for node in program.augmented
        if isinstance(node.target, ast.Name) and type(node.op) in bugs.SYMBOLS and program.one_line(node)
    ]  # fmt: skip
    if not places:
        return None
    node = draw.pick(places)
    value = program.source(node.value)
    if not isinstance(node.value, (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript)):
        value = f"({value})"
    new = f"{node.target.id} = {node.target.id} {bugs.SYMBOLS[type(node.op)]} {value}"
    after = replaced(program.text, [(program.start(node), program.end(node), new)])
    return Change("long_assignment", program.text, after, what=node.target.id)


def short_assignment(draw, program, function):
    change = augmented(draw, program, function)
    return change and change.backwards("short_assignment")


def comprehension_to_loop(draw, program, function):
    """x = [f(i) for i in y] as a loop that appends."""
    places = [
        (block, index) for block, index in statements.simple_places(program)
        if isinstance(block[index], ast.Assign) and isinstance(block[index].value, ast.ListComp)
        and isinstance(block[index].targets[0], ast.Name) and len(block[index].value.generators) == 1
        and program.one_line(block[index])
    ]  # fmt: skip
    if not places:
        return None
    block, index = draw.pick(places)
    statement = block[index]
    generator = statement.value.generators[0]
    target, indent = statement.targets[0].id, program.indent(statement)
    if target in {name.id for name in ast.walk(statement.value) if isinstance(name, ast.Name)}:
        return None
    lines = [f"{indent}{target} = []"]
    lines.append(f"{indent}for {program.source(generator.target)} in {program.source(generator.iter)}:")
    inner = indent + "    "
    for test in generator.ifs:
        lines.append(f"{inner}if {program.source(test)}:")
        inner += "    "
    lines.append(f"{inner}{target}.append({program.source(statement.value.elt)})")
    after = replaced(program.text, [program.replace_lines(statement.lineno, statement.lineno, lines)])
    return Change("comprehension_to_loop", program.text, after, what=target)


def loop_to_comprehension(draw, program, function):
    change = comprehension_to_loop(draw, program, function)
    return change and change.backwards("loop_to_comprehension")


_GREATER = re.compile(r"(\w+) (<=|>=|<|>) (\w+)")
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def mirror_comparison(draw, program, function):
    """b > a for a < b."""
    places = [
        node for node in program.comparisons
        if len(node.ops) == 1 and _GREATER.fullmatch(program.source(node))
    ]  # fmt: skip
    if not places:
        return None
    node = draw.pick(places)
    left, symbol, right = _GREATER.fullmatch(program.source(node)).groups()
    new = f"{right} {_MIRRORED[symbol]} {left}"
    after = replaced(program.text, [(program.start(node), program.end(node), new)])
    return Change("mirror", program.text, after, old=program.source(node), new=new)
