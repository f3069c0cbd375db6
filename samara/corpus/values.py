"""Edits of values: numbers, arguments, operators, and which variable is used. They change parts of single lines."""

import ast

import bugs
import likeness
import names
from change import Change
from program import replaced


def number(draw, program, function):
    """Another number in the place of one."""
    sites = bugs.number_sites(program)
    if not sites:
        return None
    start, end, value = draw.pick(sites)
    old = program.text[start:end]
    new = bugs.other_number(draw, value, old)
    after = replaced(program.text, [(start, end, new)])
    return Change("number", program.text, after, old=old, new=new)


def _new_value(draw, program, function, node):
    """Another value for an argument, as text."""
    bound = program.bound(function, node.lineno)
    text = program.source(node)
    value = getattr(node, "value", None)
    if isinstance(node, ast.Constant) and type(value) in (int, float, bool):
        return bugs.other_number(draw, value, text) if draw.chance(0.8) or not bound else draw.pick(bound)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and draw.chance(0.5):
        return program.source(node.operand)
    if isinstance(node, ast.Name):
        if bound and draw.chance(0.85):
            return likeness.another(draw, program, function, bound, node.id)
        return str(draw.between(0, 20))
    if isinstance(node, ast.Constant) and isinstance(value, str) and program.one_line(node) and len(text) > 2:
        quote = text[-1]
        return quote + draw.pick(names.words) + quote if text[0] == quote and text[1] != quote else None
    return None


def _arguments(program):
    """Expressions that are arguments of calls or items of lists."""
    found = []
    for call in program.calls:
        found += [node for node in call.args if not isinstance(node, ast.Starred)]
        found += [keyword.value for keyword in call.keywords]
    for node in program.lists:
        found += node.elts
    return found


def arguments(draw, program, function):
    """One to three arguments change, mostly of one call."""
    if draw.chance(0.6):
        calls = [call for call in program.calls if call.args]
        if not calls:
            return None
        call = draw.pick(calls)
        places = list(call.args) + [keyword.value for keyword in call.keywords]
    else:
        places = _arguments(program)
    made = []
    for node in draw.sample(places, draw.few(3)):
        new = _new_value(draw, program, function, node)
        if new is None or new == program.source(node):
            continue
        start, end = program.start(node), program.end(node)
        if all(end <= first or last <= start for first, last, _ in made):
            made.append((start, end, new))
    if not made:
        return None
    return Change("arguments", program.text, replaced(program.text, made))


def numbers(draw, program, function):
    """Several numbers change, by chance each."""
    sites = bugs.number_sites(program)
    made = []
    for start, end, value in draw.sample(sites, draw.few(5, 0.6)):
        made.append((start, end, bugs.other_number(draw, value, program.text[start:end])))
    if not made:
        return None
    return Change("numbers", program.text, replaced(program.text, made))


def more_arguments(draw, program, function):
    """A call gets one argument more, or one less."""
    calls = [call for call in program.calls if call.args and not call.keywords and program.one_line(call)]
    if not calls:
        return None
    call = draw.pick(calls)
    last = call.args[-1]
    if isinstance(last, (ast.GeneratorExp, ast.Starred)):
        return None
    if len(call.args) > 1 and draw.chance(0.4):
        after = replaced(program.text, [(program.end(call.args[-2]), program.end(last), "")])
        return Change("arguments", program.text, after)
    bound = program.bound(function, call.lineno)
    new = draw.pick(bound) if bound and draw.chance(0.4) else draw.pick(("0", "1", "2", "5", "10", "True", "False", "None", "0.5"))
    comma = "," if f"{program.source(call.args[0])}," in program.text and ", " not in program.source(call) else ", "
    after = replaced(program.text, [(program.end(last), program.end(last), comma + new)])
    return Change("arguments", program.text, after)


def operator(draw, program, function):
    """Another operator in the place of one."""
    sites = bugs.operator_sites(program)
    if not sites:
        return None
    start, end, symbol = draw.pick(sites)
    new = draw.pick(bugs.OTHERS[symbol])
    after = replaced(program.text, [(start, end, new)])
    return Change("operator", program.text, after, old=symbol, new=new)


def variable(draw, program, function):
    """Another variable is used in one place."""
    sites = bugs.name_sites(program, function)
    if not sites:
        return None
    node = draw.pick(sites)
    known = program.bound(function, node.lineno)
    if not known:
        return None
    new = likeness.another(draw, program, function, known, node.id)
    if new == node.id:
        return None
    after = replaced(program.text, [(program.start(node), program.end(node), new)])
    return Change("variable", program.text, after, old=node.id, new=new)


def term(draw, program, function):
    """An expression gets a term or a factor more, or loses one."""
    if program.operators and draw.chance(0.4):
        node = draw.pick(program.operators)
        kept = draw.pick((node.left, node.right))
        if not program.one_line(node):
            return None
        after = replaced(program.text, [(program.start(node), program.end(node), program.source(kept))])
        return Change("expression", program.text, after)
    places = [
        node for node in bugs.name_sites(program, function) if program.text[program.end(node) :][:1] not in (".", "(", "[")
    ]  # fmt: skip
    if not places:
        return None
    node = draw.pick(places)
    bound = program.bound(function, node.lineno)
    operand = draw.pick(bound) if bound and draw.chance(0.5) else str(draw.between(1, 10))
    new = f"{node.id} {draw.pick('+-*')} {operand}"
    if draw.chance(0.4):
        new = f"({new})"
    after = replaced(program.text, [(program.start(node), program.end(node), new)])
    return Change("expression", program.text, after)


def called_method(draw, program, function):
    """Another method, of those that the program calls or of the vocabulary, is called."""
    calls = [call for call in program.calls if isinstance(call.func, ast.Attribute) and program.one_line(call.func)]
    if not calls:
        return None
    call = draw.pick(calls)
    used = sorted({call.func.attr for call in calls})
    new = draw.pick(used) if len(used) > 1 and draw.chance(0.6) else draw.pick(names.methods)
    if new == call.func.attr:
        return None
    end = program.end(call.func)
    after = replaced(program.text, [(end - len(call.func.attr), end, new)])
    return Change("method", program.text, after, old=call.func.attr, new=new)
