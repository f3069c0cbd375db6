"""Bugs, put into a program that is taken to be right: one to five of them, often several on one line.

What is done: a variable is taken for another one or for one that does not exist, an operator, a comparison or a
constant is wrong, arguments are swapped, an index is off by one, a `not` is missing. With `slips`, names may also be
misspelt.
"""

import ast

import names
from program import replaced

SYMBOLS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<", ast.RShift: ">>", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">",
    ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.And: "and", ast.Or: "or", ast.In: "in", ast.NotIn: "not in",
    ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
OTHERS = {
    "+": "--*", "-": "++*", "*": ("/", "+", "+", "-", "//", "**"), "/": ("*", "//", "-"), "//": ("/", "%", "*"),
    "%": ("//", "/", "*", "+"), "**": ("*", "+"), "&": ("|",), "|": ("&",), "<<": (">>",), ">>": ("<<",),
    "<": ("<=", ">", ">="), "<=": ("<", ">=", ">"), ">": (">=", "<", "<="), ">=": (">", "<=", "<"), "==": ("!=", ">="),
    "!=": ("==", ">"), "and": ("or",), "or": ("and",), "in": ("not in",), "not in": ("in",), "is": ("is not",),
    "is not": ("is",),
}  # fmt: skip


def operator_sites(program):
    """(start, end, symbol) of every operator of the program that has others to be taken for."""
    found = []
    text = program.text
    for node in program.operators:
        _site(found, text, program.end(node.left), program.start(node.right), SYMBOLS.get(type(node.op)))
    for node in program.comparisons:
        before = node.left
        for operator, after in zip(node.ops, node.comparators):
            _site(found, text, program.end(before), program.start(after), SYMBOLS.get(type(operator)))
            before = after
    for node in program.logic:
        for before, after in zip(node.values, node.values[1:]):
            _site(found, text, program.end(before), program.start(after), SYMBOLS.get(type(node.op)))
    for node in program.augmented:
        _site(found, text, program.end(node.target), program.start(node.value), SYMBOLS.get(type(node.op)))
    return found


def _site(found, text, low, high, symbol):
    if symbol is not None:
        start = text.find(symbol, low, high)
        if start >= 0:
            found.append((start, start + len(symbol), symbol))


def number_sites(program):
    """(start, end, value) of whole and floating-point numbers and truth values."""
    return [
        (program.start(node), program.end(node), node.value)
        for node in program.constants
        if type(node.value) in (int, float, bool)
    ]


def other_number(draw, value, text):
    """Another number of the same kind, as text: mostly a near one."""
    if type(value) is bool:
        return str(not value)
    kind = draw.uniform()
    if type(value) is float:
        if "e" in text or "E" in text:
            return f"{value * draw.pick((0.1, 10, 2)):g}"
        if kind < 0.6 and value:
            made = value * draw.pick((0.5, 2, 1.1, 0.9, 1.5, 0.75, 10, 0.1))
        else:
            made = value + draw.pick((1, -1, 0.5, 0.1, -0.1, -0.5))
        made = f"{abs(made):.4f}".rstrip("0")
        made = made + "0" if made.endswith(".") else made
        return made if made != text else text + "5"
    if kind < 0.55:
        made = value + draw.pick((1, -1, 1, -1, 2))
    elif kind < 0.7:
        made = value * 2 if value else draw.between(2, 9)
    elif kind < 0.85:
        made = value + draw.between(-9, 9)
    else:
        made = draw.pick((0, 1, 2, 3, 4, 5, 8, 10, 16, 100, value // 2, value * 10))
    made = abs(made)
    return str(made if made != value else value + 1)


def name_sites(program, function):
    """Name nodes of the function's variables that are read, keyed by line; the parameters' defaults are none."""
    bound = set(program.bound(function))
    return [
        node
        for node in program.names
        if node.id in bound and type(node.ctx) is ast.Load and node.lineno >= function.body[0].lineno
    ]


class _Damage:
    """Replacements that were chosen, none of which overlap."""

    def __init__(self, draw, program, function, slips):
        self.draw, self.program, self.function, self.slips = draw, program, function, slips
        self.made = []
        self.kinds = []
        self.bound = program.bound(function)
        self.avoid = {node.id for node in program.names} | set(self.bound) | program.other_names

    def free(self, start, end):
        return all(end <= first or last <= start for first, last, _ in self.made)

    def replace(self, start, end, new, kind):
        if not self.free(start, end) or self.program.text[start:end] == new:
            return False
        self.made.append((start, end, new))
        self.kinds.append(kind)
        return True

    def rename(self, node, way):
        """Puts another name in the place of a variable. `way` is a function of (name) -> name."""
        new = way(node.id)
        if not new or new == node.id or not names.is_name(new):
            return False
        return self.replace(self.program.start(node), self.program.end(node), new, "name")


def _naming(damage):
    """A way to get names wrong: a function of (name) -> wrong name."""
    draw = damage.draw
    others = damage.bound
    kind = draw.weighted([("bound", 4), ("unbound", 4), ("slip", 6 if damage.slips else 0)])
    if kind == "bound":
        return lambda name: draw.pick(others)
    if kind == "unbound":
        return lambda name: names.fresh(draw, damage.avoid)
    first = draw.pick("abcdefghijklmnopqrstuvwxyz")
    if draw.chance(0.5):  # the same slip in every name
        place = draw.below(3)
        return (lambda name: first + name[1:], lambda name: first + name, lambda name: name + first)[place]
    return lambda name: names.misspelt(draw, name)


def _several_names_on_a_line(damage, sites, count):
    """Wrong names, all of one sort, on one line that has many."""
    draw = damage.draw
    by_line = {}
    for node in sites:
        by_line.setdefault(node.lineno, []).append(node)
    lines = [(nodes, len(nodes) ** 2) for _, nodes in sorted(by_line.items()) if len(nodes) > 1]
    if not lines:
        return
    nodes = sorted(draw.weighted(lines), key=lambda node: node.col_offset)
    wanted = min(count, len(nodes))
    if draw.chance(0.3):
        if wanted == count and count > 2:
            wanted -= 1  # two stay two: with one name alone wrong this would not be about several
        _wrong_beside(damage, nodes[0].lineno)
    if draw.chance(0.6):
        first = draw.below(len(nodes) - wanted + 1)
        nodes = nodes[first : first + wanted]
    else:
        nodes = draw.sample(nodes, wanted)
    way = _naming(damage)
    for node in nodes:
        damage.rename(node, way)


def _wrong_beside(damage, line):
    """A wrong number or operator on this line or the one below, where they have any."""
    program = damage.program
    end = program.starts[line + 1] if line + 1 < len(program.starts) else len(program.text)
    beside = lambda site: program.starts[line - 1] <= site[0] < end
    if not _wrong_number(damage, list(filter(beside, number_sites(program)))):
        _wrong_operator(damage, list(filter(beside, operator_sites(program))))


def _wrong_name(damage, sites):
    return bool(sites) and damage.rename(damage.draw.pick(sites), _naming(damage))


def _wrong_operator(damage, sites):
    if not sites:
        return False
    start, end, symbol = damage.draw.pick(sites)
    return damage.replace(start, end, damage.draw.pick(OTHERS[symbol]), "operator")


def _wrong_number(damage, sites):
    if not sites:
        return False
    start, end, value = damage.draw.pick(sites)
    new = other_number(damage.draw, value, damage.program.text[start:end])
    return damage.replace(start, end, new, "constant")


def _several_in_an_expression(damage, operators, numbers, count):
    """Wrong operators and numbers, on one line that has many of them."""
    draw = damage.draw
    by_line = {}
    for site in operators + numbers:
        by_line.setdefault(damage.program.text.count("\n", 0, site[0]), []).append(site)
    lines = [(sites, len(sites)) for _, sites in sorted(by_line.items()) if len(sites) > 1]
    if not lines:
        return
    sites = draw.weighted(lines)
    for site in draw.sample(sites, min(count, len(sites))):
        if site in operators:
            _wrong_operator(damage, [site])
        else:
            _wrong_number(damage, [site])


def _swapped(damage):
    """Two neighboring arguments or items change places."""
    program = damage.program
    groups = [call.args for call in program.calls if len(call.args) > 1]
    groups += [node.elts for node in program.lists if len(node.elts) > 1]
    if not groups:
        return False
    group = damage.draw.pick(groups)
    at = damage.draw.below(len(group) - 1)
    first, second = group[at], group[at + 1]
    if not (program.one_line(first) and program.one_line(second)) or first.lineno != second.lineno:
        return False
    if isinstance(first, ast.GeneratorExp) or isinstance(second, ast.Starred):
        return False
    start, end = program.start(first), program.end(second)
    between = program.text[program.end(first) : program.start(second)]
    return damage.replace(start, end, program.source(second) + between + program.source(first), "order")


def _off_by_one(damage):
    """range(n) becomes range(n - 1), x[i] becomes x[i + 1]."""
    program, draw = damage.program, damage.draw
    places = [call.args[-1] for call in program.calls if getattr(call.func, "id", "") == "range" and call.args]
    places += [
        node.slice
        for node in ast.walk(damage.function)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name)
    ]
    if not places:
        return False
    place = draw.pick(places)
    if not isinstance(place, (ast.Name, ast.Call, ast.Attribute)):
        return False
    end = program.end(place)
    start = program.start(place)
    return damage.replace(start, end, program.source(place) + draw.pick((" - 1", " + 1", "-1", "+1")), "off by one")


def _dropped_not(damage):
    """A condition loses its `not`, or gets one."""
    program, draw = damage.program, damage.draw
    if program.nots:
        node = draw.pick(program.nots)
        return damage.replace(program.start(node), program.start(node.operand), "", "negation")
    tests = [statement.test for _, block in program.blocks for statement in block if isinstance(statement, (ast.If, ast.While))]
    tests = [test for test in tests if isinstance(test, (ast.Name, ast.Call, ast.Attribute))]
    if not tests:
        return False
    start = program.start(draw.pick(tests))
    return damage.replace(start, start, "not ", "negation")


def with_bugs(draw, program, function, count, slips):
    """(the text with up to `count` bugs in it, or three instead of two, their kinds); no kinds where none could be
    made."""
    damage = _Damage(draw, program, function, slips)
    variables = name_sites(program, function)
    operators = operator_sites(program)
    numbers = number_sites(program)
    if count > 1:
        one_line = draw.uniform()
        if one_line < 0.45:
            _several_names_on_a_line(damage, variables, count)
        elif one_line < 0.65:
            _several_in_an_expression(damage, operators, numbers, count)
    # Without a docstring a wrong number can only be guessed: there names, which can be told, are wrong more often.
    limits = (0.4, 0.64, 0.84, 0.9) if program.docstring(function) else (0.6, 0.78, 0.85, 0.91)
    for _ in range(6 * count):
        if len(damage.kinds) >= count:
            break
        kind = draw.uniform()
        if kind < limits[0]:
            _wrong_name(damage, variables)
        elif kind < limits[1]:
            _wrong_operator(damage, operators)
        elif kind < limits[2]:
            _wrong_number(damage, numbers)
        elif kind < limits[3]:
            _swapped(damage)
        elif kind < 0.96:
            _off_by_one(damage)
        else:
            _dropped_not(damage)
    return replaced(program.text, damage.made), damage.kinds
