"""The edits: each arm of the operator, and the entry point that the harness calls.

Read gp_source.py (text and tree) and gp_names.py (what names mean) first, and docs/mutation-gp.md for what
each arm does with examples. An arm is a function of (Context) -> Edit or None; None means that it found
nothing to change with what it drew, and it is asked again. A proposal is a pure function of the request:
randomness comes from the request's seed, no set of names is iterated, and nothing outlives a job but parsed
programs, which are never changed.
"""

import ast
import json
import random
import re
import warnings

import gp_names
import gp_source
from gp_names import INTEGER, STRING, alike, is_numeric
from gp_source import ATOM, BINDING, DEFINITIONS, JUMPS, LAMBDA, UNARY, Source, binding_of, binding_required

_ATTEMPTS = 12  # draws before a request is answered with "no proposal"
_CACHED = 4  # parsed programs that a warm child keeps: siblings share their parent
_LARGEST_WHOLE = 2**53  # integers beyond are not perturbed


class Draw:
    """The request's random choices. Only random() is used of Python's generator: its stream is specified."""

    def __init__(self, seed):
        self._random = random.Random(seed).random

    def uniform(self):
        return self._random()

    def chance(self, probability):
        return self._random() < probability

    def below(self, bound):
        return int(self._random() * bound)

    def pick(self, items):
        return items[int(self._random() * len(items))]

    def symmetric(self):
        """Triangular on (-1, 1), most often near 0: plain arithmetic, the same on every machine."""
        return self._random() - self._random()

    def steps(self):
        """1, 2, 3 ... with probabilities 1/2, 1/4, 1/8 ..., at most 16."""
        count = 1
        while count < 16 and self._random() < 0.5:
            count += 1
        return count


class Edit:
    """Replacements in the parent's text, and in plain words what they do."""

    __slots__ = ("replacements", "note", "used_donor")

    def __init__(self, replacements, note, used_donor=False):
        self.replacements = replacements
        self.note = note
        self.used_donor = used_donor


class Context:
    """What an arm works with: the parent, the donor, the request's draws and its rate.

    `names` are variables that the parent need not know: more terminals for gp.node, gp.swap and gp.expression. With
    `parameters`, gp.node knows the parameters around a name even where the program reads them nowhere.
    """

    def __init__(self, parent, donor_text, draw, rate, names=(), parameters=False):
        self.source = parent
        self.draw = draw
        self.rate = rate
        self.names = names
        self.parameters = parameters
        self.kinds = gp_names.Kinds(parent)
        self._donor_text = donor_text

    @property
    def donor(self):
        return parse(self._donor_text)


# Words ------------------------------------------------------------------------------------------------------


def quote(data, limit=40):
    """A piece of program for a note: one line, shortened."""
    text = " ".join(data.decode(errors="replace").split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def lines_of(statement):
    first, last = statement.lineno, statement.end_lineno
    return f"line {first}" if first == last else f"lines {first}-{last}"


# Constants --------------------------------------------------------------------------------------------------


def is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and abs(node.value) < _LARGEST_WHOLE


def literals(source):
    """Sites of numeric literals, with their sign: [(site of the literal or of its minus, value)]."""
    negated = {}
    for site in source.sites.get(ast.UnaryOp, ()):
        if isinstance(site.node.op, ast.USub) and is_number(site.node.operand):
            negated[id(site.node.operand)] = site
    found = []
    for site in source.sites.get(ast.Constant, ()):
        if is_number(site.node):
            whole = negated.get(id(site.node), site)
            found.append((whole, -site.node.value if whole is not site else site.node.value))
    return found


def number_text(value, site):
    """A literal as it is written at a place: `-2 ** x` means something else than `(-2) ** x`."""
    text = repr(value).encode()
    negative = text.startswith(b"-")
    wanted = binding_required(site.parent, site.field)
    if wanted > (UNARY if negative else ATOM) or isinstance(site.parent, ast.Attribute):
        return b"(" + text + b")"
    return text


def perturb(value, draw):
    """A number near `value`, never `value` itself; integers stay integers. docs/mutation-gp.md has the distribution."""
    if value and draw.chance(0.05):
        return -value
    if isinstance(value, int):
        if draw.chance(0.5):
            changed = value + draw.steps() * (1 if draw.chance(0.5) else -1)
        else:
            factor = 1 + draw.uniform()
            changed = round(value * factor if draw.chance(0.5) else value / factor)
        return changed if changed != value else value + (1 if draw.chance(0.5) else -1)
    if draw.chance(0.5):
        factor = 1 + draw.uniform()
        changed = value * factor if draw.chance(0.5) else value / factor
    else:
        changed = value + draw.symmetric() * max(1.0, abs(value))
    changed = float(format(changed, ".4g"))
    return changed if changed != value else value + 1.0


def decides_order(site):
    """An index or the bound of a range: changing it breaks a program more often than it improves one."""
    return isinstance(site.parent, (ast.Subscript, ast.Slice)) or (
        isinstance(site.parent, ast.Call) and isinstance(site.parent.func, ast.Name) and site.parent.func.id == "range"
    )


def constant(context):
    """gp.constant: numeric constants, one or a few, are perturbed."""
    draw, source = context.draw, context.source
    found = literals(source)
    free = [entry for entry in found if not decides_order(entry[0])]
    if not found:
        return None
    chosen = {}
    for _ in range(draw.steps()):
        pool = free if free and draw.chance(0.9) else found
        index = draw.below(len(pool))
        chosen[id(pool[index][0])] = pool[index]
    replacements, notes = [], []
    for site, value in chosen.values():
        changed = perturb(value, draw)
        replacements.append((source.start(site.node), source.end(site.node), number_text(changed, site)))
        notes.append(f"constant {value!r} -> {changed!r} on line {site.node.lineno}")
    return Edit(replacements, "; ".join(notes))


# Nodes of the same kind -------------------------------------------------------------------------------------

_OPERATORS = {
    ast.Add: b"+", ast.Sub: b"-", ast.Mult: b"*", ast.Div: b"/", ast.FloorDiv: b"//", ast.Mod: b"%", ast.Pow: b"**",
    ast.BitAnd: b"&", ast.BitOr: b"|", ast.BitXor: b"^", ast.LShift: b"<<", ast.RShift: b">>",
    ast.Lt: b"<", ast.LtE: b"<=", ast.Gt: b">", ast.GtE: b">=", ast.Eq: b"==", ast.NotEq: b"!=",
    ast.In: b"in", ast.NotIn: b"not in", ast.Is: b"is", ast.IsNot: b"is not",
    ast.And: b"and", ast.Or: b"or", ast.USub: b"-", ast.UAdd: b"+",
}  # fmt: skip
_FAMILIES = (
    (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow),
    (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift),
    (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
    (ast.In, ast.NotIn),
    (ast.Is, ast.IsNot),
    (ast.And, ast.Or),
    (ast.USub, ast.UAdd),
)  # fmt: skip
_FAMILY_OF = {operator: family for family in _FAMILIES for operator in family}
_PATTERNS = {
    operator: re.compile(rb"\b" + text.replace(b" ", rb"\s+") + rb"\b" if text.isalpha() or b" " in text else re.escape(text))
    for operator, text in _OPERATORS.items()
}


def swap_operator(context, site):
    """Another operator of the same family, the tree around it unchanged. -> (replacements, note) or None."""
    node, source = site.node, context.source
    operands = operands_of(node)
    index = context.draw.below(len(node.ops)) if isinstance(node, ast.Compare) else 0
    old = type(node.ops[index]) if isinstance(node, ast.Compare) else type(node.op)
    others = [operator for operator in _FAMILY_OF.get(old, ()) if operator is not old]
    if not others:
        return None
    new = context.draw.pick(others)
    gaps = list(zip(operands, operands[1:]))
    if isinstance(node, ast.Compare):
        gaps = gaps[index : index + 1]
    replacements = []
    for left, right in gaps:
        begin = source.end(left) if left is not None else source.start(node)
        span = source.operator_span(begin, source.start(right), _PATTERNS[old])
        if span is None:
            return None
        replacements.append((*span, _OPERATORS[new]))
    if isinstance(node, (ast.BinOp, ast.BoolOp)):
        replacements += keep_structure(source, site, old, new)
    return replacements, f"{_OPERATORS[old].decode()} -> {_OPERATORS[new].decode()} on line {node.lineno}"


def operands_of(node):
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.AugAssign):
        return [node.target, node.value]
    return [None, node.operand]


def keep_structure(source, site, old, new):
    """Parentheses that the new operator needs and the old one did not, so that the tree stays the same."""
    node, inserted = site.node, []

    def wrap(inner):
        inserted.append((source.start(inner), source.start(inner), b"("))
        inserted.append((source.end(inner), source.end(inner), b")"))

    fields = [("left", node.left), ("right", node.right)] if isinstance(node, ast.BinOp) else [("", v) for v in node.values]
    for field, operand in fields:
        if binding_required(node, field, old) <= binding_of(operand) < binding_required(node, field, new):
            wrap(operand)
    if BINDING[new] < binding_required(site.parent, site.field) <= BINDING[old]:
        wrap(node)
    return inserted


def arity(site):
    """Arguments that a called name or method is given, or None where nothing is called."""
    called = isinstance(site.parent, ast.Call) and site.field == "func"
    return len(site.parent.args) + len(site.parent.keywords) if called else None


def swap_name(context, site, in_scope):
    """Another name: called names for called names with as many arguments, variables for variables."""
    source, draw, name = context.source, context.draw, site.node.id
    count = arity(site)
    if count is not None or not in_scope:
        alternatives = {
            other.node.id: None for other in source.sites[ast.Name] if arity(other) == count and other.node.id != name
        }
        if count is None:
            for use in source.uses:
                if not use.loads and use.name != name:
                    alternatives[use.name] = None
    else:
        alternatives = dict.fromkeys(alternative_names(context, name, site.scope, source.start(site.node)))
    if count is None:
        extra = [*gp_names.parameters(site.scope), *context.names] if context.parameters else context.names
        alternatives |= dict.fromkeys(other for other in extra if other != name)
    if not alternatives:
        return None
    return swap_text(context, site.node, name, draw.pick(list(alternatives)))


def alternative_names(context, name, scope, offset):
    """Variables visible at a place that probably hold the same kind of value as `name`."""
    kinds = context.kinds
    kind = kinds.of_name(name, scope)
    return [
        other
        for other, home in gp_names.visible(scope, offset).items()
        if other != name and alike(kinds.of_name(other, home), kind) and kind != gp_names.CALLABLE
    ]


def swap_attribute(context, site, in_scope):
    count, name = arity(site), site.node.attr
    alternatives = {
        other.node.attr: None
        for other in context.source.sites[ast.Attribute]
        if arity(other) == count and other.node.attr != name and (not in_scope or same_object(site.node, other.node))
    }
    if not alternatives:
        return None
    new = context.draw.pick(list(alternatives))
    end = context.source.end(site.node)
    return [(end - len(name.encode()), end, new.encode())], f"{name} -> {new} on line {site.node.end_lineno}"


def same_object(node, other):
    return isinstance(node.value, ast.Name) and isinstance(other.value, ast.Name) and node.value.id == other.value.id


def swap_constant(context, site, in_scope):
    """Another constant of the same type in the program; True and False for each other."""
    value = site.node.value
    if isinstance(value, bool):
        return swap_text(context, site.node, str(value), str(not value))
    if type(value) not in (int, float, str, bytes):
        return None
    same = {
        context.source.slice(other.node): None
        for other in context.source.sites[ast.Constant]
        if type(other.node.value) is type(value) and other.node.value != value
    }
    if not same:
        return None
    return swap_text(context, site.node, context.source.slice(site.node), context.draw.pick(list(same)))


def swap_text(context, node, old, new):
    old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
    source = context.source
    return [(source.start(node), source.end(node), new)], f"{quote(old)} -> {quote(new)} on line {node.lineno}"


_SWAPS = {
    ast.Name: swap_name,
    ast.Attribute: swap_attribute,
    ast.Constant: swap_constant,
    **{cls: lambda context, site, in_scope: swap_operator(context, site) for cls in
       (ast.BinOp, ast.BoolOp, ast.Compare, ast.UnaryOp, ast.AugAssign)},
}  # fmt: skip


def swappable(source):
    """Sites whose node has others of its kind, in the order of the text."""
    found = [site for cls in _SWAPS for site in source.sites.get(cls, ())]
    found.sort(key=lambda site: (site.node.lineno, site.node.col_offset))
    return found


def node(context):
    """gp.node, the paper's baseline: every node is swapped with probability `rate`, at least one."""
    sites = swappable(context.source)
    if not sites:
        return None
    chosen = [site for site in sites if context.draw.chance(context.rate)] or [context.draw.pick(sites)]
    replacements, notes = [], []
    for site in chosen:
        swapped = _SWAPS[type(site.node)](context, site, False)
        if swapped is not None:
            replacements += swapped[0]
            notes.append(swapped[1])
    return Edit(replacements, "; ".join(notes)) if replacements else None


def swap(context):
    """gp.swap: one node for another of its kind, names and methods for those that fit at the place."""
    sites = swappable(context.source)
    if not sites:
        return None
    site = context.draw.pick(sites)
    swapped = _SWAPS[type(site.node)](context, site, True)
    return Edit(*swapped) if swapped is not None else None


# Statements -------------------------------------------------------------------------------------------------


class Place:
    """Where whole statements can be put: before statement `index` of a block, or after its last one."""

    __slots__ = ("block", "index", "offset", "indent", "line")

    def __init__(self, source, block, index):
        self.block = block
        self.index = index
        before = block.statements[index - 1] if index else None
        neighbor = before or block.statements[0]
        begin, end = source.lines_of(neighbor)
        self.offset = end if before else begin
        self.indent = source.indent(neighbor)
        self.line = neighbor.end_lineno if before else source.first_line(neighbor) - 1


def pick_place(context, block=None, after=0):
    """A place between the lines of a block, never behind a return; None where the draw finds none."""
    source, draw = context.source, context.draw
    if not source.blocks:
        return None
    block = block or draw.pick(source.blocks)
    index = after + draw.below(len(block.statements) - after + 1)
    if index and isinstance(block.statements[index - 1], JUMPS):
        index -= 1
    if index == 0 and is_docstring(block.statements[0]):
        index = 1
    neighbor = block.statements[max(index - 1, 0)]
    return Place(source, block, index) if source.owns_lines(neighbor) else None


def is_docstring(statement):
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def can_be_copied(statement):
    return not isinstance(statement, (*DEFINITIONS, *JUMPS, ast.Import, ast.ImportFrom, ast.Pass)) and not is_docstring(statement)


def pick_statements(context, source, longest=1):
    """A run of up to `longest` neighboring statements that can be copied: (block, index, count) or None."""
    draw = context.draw
    starts = [
        (block, index)
        for block in source.blocks
        for index, statement in enumerate(block.statements)
        if can_be_copied(statement) and source.owns_lines(statement)
    ]
    if not starts:
        return None
    block, index = draw.pick(starts)
    count = 1
    while count < longest and index + count < len(block.statements) and draw.chance(0.4):
        following = block.statements[index + count]
        if not (can_be_copied(following) and source.owns_lines(following)):
            break
        count += 1
    return block, index, count


class Fragment:
    """Whole statements to be written somewhere else, with changes on the way."""

    def __init__(self, source, statements):
        self.source = source
        self.statements = statements
        self.begin = source.lines_of(statements[0])[0]
        self.end = source.lines_of(statements[-1])[1]
        self.changes = []

    def rename(self, uses, new):
        size = len(uses[0].name.encode())
        self.changes += [(use.offset, use.offset + size, new.encode()) for use in uses]

    def lines(self, newline, indent):
        """The changed text as complete lines at an indentation."""
        source = self.source
        shifted = [(start - self.begin, end - self.begin, new) for start, end, new in self.changes]
        text = gp_source.apply_edits(source.data[self.begin : self.end], shifted)
        first = source.first_line(self.statements[0])
        lines = re.split(rb"\r\n|\r|\n", text)
        if not lines[-1]:
            lines.pop()
        frozen = {line - first for line in source.frozen_lines}
        old = source.indent(self.statements[0])
        return newline.join(gp_source.reindent(lines, frozen, old, indent)) + newline


def insertion(source, place, lines):
    """Puts complete lines at a place; the last line of a text may lack its line break."""
    if place.offset == len(source.data) and not source.data.endswith((b"\n", b"\r")):
        lines = source.newline + lines[: -len(source.newline)]
    return place.offset, place.offset, lines


def fit_names(context, fragment, place, swap_probability=0.0, settled=()):
    """Renames what the fragment reads and the place does not know, to names of the same kind.

    Returns False where some name finds no counterpart. With `swap_probability` a name that would do is exchanged
    for another of its kind as well: copies that all do the same are of no use. `settled` names are left alone.
    """
    draw = context.draw
    known = gp_names.visible(place.block.scope, place.offset)
    foreign = context.kinds if fragment.source is context.source else gp_names.Kinds(fragment.source)
    for uses in uses_by_name(gp_names.free_names(fragment.source, fragment.begin, fragment.end)).values():
        name = uses[0].name
        fits = name in known or gp_names.defining_scope(name, uses[0].scope) is None
        called = any(use.offset in fragment.source.called for use in uses)
        if name in settled or fits and (called or not draw.chance(swap_probability)):
            continue
        kind = gp_names.CALLABLE if called else foreign.of_name(name, uses[0].scope)
        if fits and kind in (None, gp_names.CALLABLE):
            continue
        others = [other for other, home in known.items() if other != name and alike(context.kinds.of_name(other, home), kind)]
        if others:
            fragment.rename(uses, draw.pick(others))
        elif not fits:
            return False
    return True


def uses_by_name(uses):
    grouped = {}
    for use in uses:
        grouped.setdefault(use.name, []).append(use)
    return grouped


def fresh_name(source, name, taken):
    """The name with the next number that the program does not use: j3 -> j4."""
    stem = name.rstrip("0123456789") or name
    number = int(name[len(stem) :] or 1) if len(name) - len(stem) < 10 else 1
    while True:
        number += 1
        if f"{stem}{number}" not in taken:
            return f"{stem}{number}"


def give_fresh_names(context, fragment):
    """What the fragment binds gets names of its own, so that the original's stay as they are. -> {old: new}"""
    source = context.source
    taken = {use.name: None for use in source.uses}
    inside = uses_by_name(gp_names.names_between(source, fragment.begin, fragment.end))
    renamed = {}
    for name in gp_names.bound_in(source, fragment.begin, fragment.end):
        updates = inside[name][0].loads or any(isinstance(item, ast.AugAssign) for item in fragment.statements)
        if not updates:
            renamed[name] = fresh_name(source, name, taken)
            taken[renamed[name]] = None
            fragment.rename(inside[name], renamed[name])
    return renamed


def perturb_constants(context, fragment):
    """Perturbs constants of the fragment, each with probability 0.6. -> how many

    An index becomes another one that the program uses for the same sequence, which is likely to exist.
    """
    count = 0
    source, draw = fragment.source, context.draw
    for site, value in literals(source):
        start = source.start(site.node)
        if not fragment.begin <= start < fragment.end:
            continue
        changed = value
        if isinstance(site.parent, ast.Subscript) and isinstance(site.parent.value, ast.Name):
            if draw.chance(0.6):
                changed = draw.pick(indices_of(source, site.parent.value.id))
        elif draw.chance(0.15 if decides_order(site) else 0.6):
            changed = perturb(value, draw)
        if changed != value:
            fragment.changes.append((start, source.end(site.node), number_text(changed, site)))
            count += 1
    return count


def indices_of(source, name):
    """The constant indices that a program uses with a name, each once, in the order of the text."""
    found = {}
    for site, value in literals(source):
        parent = site.parent
        if isinstance(parent, ast.Subscript) and isinstance(parent.value, ast.Name) and parent.value.id == name:
            found[value] = None
    return list(found)


def duplicate(context):
    """gp.duplicate: a statement is written once more, further down in its block, as it is."""
    run = pick_statements(context, context.source)
    if run is None:
        return None
    block, index, _ = run
    place = pick_place(context, block, index + 1)
    return place and paste(context, Fragment(context.source, [block.statements[index]]), place, "duplicated")


def grow(context):
    """gp.grow: statements written once more right below, their constants perturbed, what they bind renamed.

    What is bound that way is of use only if something reads it: most often a statement that reads the original
    is written once more, too, for the new name.
    """
    source, draw = context.source, context.draw
    run = pick_statements(context, source, longest=3)
    if run is None:
        return None
    block, index, count = run
    fragment = Fragment(source, block.statements[index : index + count])
    place = Place(source, block, index + count)
    if perturb_constants(context, fragment) == 0 and draw.chance(0.5):
        return None
    fit_names(context, fragment, place, swap_probability=0.3)
    renamed = give_fresh_names(context, fragment)
    edit = paste(context, fragment, place, "duplicated with changes")
    if renamed and draw.chance(0.75):
        use_new_names(context, edit, block, index + count, renamed)
    return edit


def use_new_names(context, edit, block, after, renamed):
    """Adds to the edit a copy of a statement that reads one of the names, with the new name in its place."""
    source = context.source
    readers = []
    for index in range(after, len(block.statements)):
        statement = block.statements[index]
        if can_be_copied(statement) and source.owns_lines(statement):
            uses = gp_names.names_between(source, *source.lines_of(statement))
            if any(use.loads and use.name in renamed for use in uses):
                readers.append(index)
    if not readers:
        return
    index = context.draw.pick(readers)
    fragment = Fragment(source, [block.statements[index]])
    place = Place(source, block, index + 1)
    perturb_constants(context, fragment)
    fit_names(context, fragment, place, swap_probability=0.3, settled=renamed)
    for uses in uses_by_name(gp_names.free_names(source, fragment.begin, fragment.end)).values():
        if uses[0].name in renamed:
            fragment.rename(uses, renamed[uses[0].name])
    give_fresh_names(context, fragment)
    reader = paste(context, fragment, place, "and")
    edit.replacements += reader.replacements
    edit.note += "; " + reader.note


def paste(context, fragment, place, verb, used_donor=False):
    lines = fragment.lines(context.source.newline, place.indent)
    span = f"{lines_of(fragment.statements[0])}"
    if len(fragment.statements) > 1:
        span = f"lines {fragment.statements[0].lineno}-{fragment.statements[-1].end_lineno}"
    whose = " of the donor" if used_donor else ""
    note = f"{verb} {span}{whose} to line {place.line + 1}: {quote(lines)}"
    return Edit([insertion(context.source, place, lines)], note, used_donor)


def delete(context):
    """gp.delete: a statement goes, most often one that nothing else needs."""
    source, draw = context.source, context.draw
    if not source.blocks:
        return None
    block = draw.pick(source.blocks)
    statement = draw.pick(block.statements)
    if isinstance(statement, ast.Pass) or gp_names.first_need(source, statement) is not None and not draw.chance(0.02):
        return None
    note = f"deleted {lines_of(statement)}: {quote(source.slice(statement))}"
    return Edit([removal(source, block, statement)], note)


def removal(source, block, statement):
    """Takes a statement out; a block that would be empty passes."""
    if not source.owns_lines(statement):
        return source.start(statement), source.end(statement), b"pass"
    begin, end = source.lines_of(statement)
    if len(block.statements) > 1 or block.scope is source.module and block.statements is source.tree.body:
        return begin, end, b""
    return begin, source.end(statement), source.indent(statement) + b"pass"


def move(context):
    """gp.move: a statement goes to another place, most often within its block and before what needs it."""
    source, draw = context.source, context.draw
    run = pick_statements(context, source)
    if run is None:
        return None
    block, index, _ = run
    same_block = draw.chance(0.7)
    place = pick_place(context, block if same_block else None)
    statement = block.statements[index]
    begin, end = source.lines_of(statement)
    if place is None or begin <= place.offset <= end:
        return None
    first_need = gp_names.first_need(source, statement)
    safe = first_need is None or same_block and place.offset <= first_need
    if not safe and not draw.chance(0.1):
        return None
    fragment = Fragment(source, [statement])
    if not fit_names(context, fragment, place):
        return None
    edit = paste(context, fragment, place, "moved")
    edit.replacements.append(removal(source, block, statement))
    return edit


def insert(context):
    """gp.insert: new structure: a statement from elsewhere, a loop or condition around some, an element more."""
    choice = context.draw.uniform()
    if choice < 0.3:
        return wrap(context)
    return extend(context) if choice < 0.45 else copy(context)


def copy(context):
    """A statement from elsewhere in the program, its names fitted, its constants perturbed."""
    run = pick_statements(context, context.source)
    place = pick_place(context)
    if run is None or place is None:
        return None
    block, index, _ = run
    fragment = Fragment(context.source, [block.statements[index]])
    if not fit_names(context, fragment, place, swap_probability=0.5):
        return None
    perturb_constants(context, fragment)
    return paste(context, fragment, place, "copied")


def extend(context):
    """A list or tuple gets one element more, of the kind of its last one."""
    source, draw = context.source, context.draw
    sites = [
        site
        for cls in (ast.List, ast.Tuple)
        for site in source.sites.get(cls, ())
        if site.node.elts and isinstance(site.node.ctx, ast.Load) and not is_unpacked(site)
    ]
    if not sites:
        return None
    site = draw.pick(sites)
    last = site.node.elts[-1]
    if is_number(last):
        new = repr(perturb(last.value, draw)).encode()
    elif isinstance(last, ast.Name):
        others = alternative_names(context, last.id, site.scope, source.start(last))
        if not others:
            return None
        new = draw.pick(others).encode()
    else:
        return None
    end = source.end(last)
    note = f"added {quote(new)} after {quote(source.slice(last))} on line {last.lineno}"
    return Edit([(end, end, b", " + new)], note)


def is_unpacked(site):
    """Its length is what it is: the targets of an unpacking, or an index, follow it."""
    if isinstance(site.parent, ast.Assign):
        return not all(isinstance(target, ast.Name) for target in site.parent.targets)
    return not isinstance(site.parent, (ast.Return, ast.Call, ast.List, ast.For))


def wrap(context):
    """Statements become the body of a new loop or condition; in a loop constants may follow the counter."""
    source, draw = context.source, context.draw
    run = pick_statements(context, source, longest=3)
    if run is None:
        return None
    block, index, count = run
    fragment = Fragment(source, block.statements[index : index + count])
    indent = source.indent(fragment.statements[0])
    known = gp_names.visible(block.scope, fragment.begin)
    numbers = [name for name, home in known.items() if is_numeric(context.kinds.of_name(name, home))]
    if numbers and draw.chance(0.25):
        header = f"if {draw.pick(numbers)} {draw.pick(('<', '>', '<=', '>='))} {some_constant(context)}:"
    else:
        taken = {use.name: None for use in source.uses}
        counter = next(name for name in ("i", "j", "k", fresh_name(source, "i", taken)) if name not in taken)
        header = f"for {counter} in range({2 + draw.steps()}):"
        follow(context, fragment, counter)
    body = fragment.lines(source.newline, indent + (b"\t" if b"\t" in indent else b"    "))
    lines = indent + header.encode() + source.newline + body
    if fragment.end == len(source.data) and not source.data.endswith((b"\n", b"\r")):
        lines = lines[: -len(source.newline)]
    first, last = fragment.statements[0].lineno, fragment.statements[-1].end_lineno
    return Edit([(fragment.begin, fragment.end, lines)], f"put lines {first}-{last} into '{header}'")


def follow(context, fragment, counter):
    """Constants of a new loop's body become steps: c -> c + i * s."""
    source, draw = fragment.source, context.draw
    for site, value in literals(source):
        start = source.start(site.node)
        if fragment.begin <= start < fragment.end and not decides_order(site) and draw.chance(0.6):
            step = perturb(value, draw) if value else draw.steps()
            text = f"{value!r} + {counter} * {step!r}".encode()
            if binding_required(site.parent, site.field) > BINDING[ast.Add]:
                text = b"(" + text + b")"
            fragment.changes.append((start, source.end(site.node), text))


# Expressions ------------------------------------------------------------------------------------------------

_REPLACEABLE = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Call, ast.Subscript, ast.Attribute)


def expression_sites(context, source, kinds):
    """Numbers in the program: [(site, must stay whole)]. What is called, indexed or iterated is none."""
    found = []
    for cls in _REPLACEABLE:
        for site in source.sites.get(cls, ()):
            if site.field != "func" and not isinstance(site.parent, ast.Attribute):
                kind = kinds.of(site.node, site.scope)
                if is_numeric(kind) and not (isinstance(site.parent, ast.UnaryOp) and is_number(site.node)):
                    found.append((site, decides_order(site)))
    return found


def some_constant(context):
    """A constant of the program, perturbed half of the time, or a small whole number."""
    found = literals(context.source)
    if not found or context.draw.chance(0.3):
        return context.draw.steps()
    value = context.draw.pick(found)[1]
    return perturb(value, context.draw) if context.draw.chance(0.5) else value


def expression(context):
    """gp.expression: a number in the program becomes a small expression over it, constants and names in scope."""
    source, draw = context.source, context.draw
    sites = expression_sites(context, source, context.kinds)
    if not sites:
        return None
    site, whole = draw.pick(sites)
    old = source.slice(site.node)
    known = gp_names.visible(site.scope, source.start(site.node))
    wanted = (lambda kind: kind == INTEGER) if whole else is_numeric
    names = [name for name, home in known.items() if wanted(context.kinds.of_name(name, home))]
    names += [name for name in context.names if name not in known]
    term = draw.pick(names).encode() if names and draw.chance(0.6) else None
    if term is None or term == old:
        value = some_constant(context)
        term = repr(abs(round(value)) if whole else abs(value)).encode()
    if draw.chance(0.25):
        new, binding = term, ATOM
    else:
        operator = draw.pick((ast.Add, ast.Sub, ast.Mult) if whole else (ast.Add, ast.Sub, ast.Mult, ast.Add, ast.Sub))
        left = old if binding_of(site.node) >= BINDING[operator] else b"(" + old + b")"
        new, binding = left + b" " + _OPERATORS[operator] + b" " + term, BINDING[operator]
    if binding_required(site.parent, site.field) > binding:
        new = b"(" + new + b")"
    note = f"{quote(old)} -> {quote(new)} on line {site.node.lineno}"
    return Edit([(source.start(site.node), source.end(site.node), new)], note)


# Crossover --------------------------------------------------------------------------------------------------


def crossover(context):
    """gp.crossover: a statement, a function or a number of the donor comes into the parent."""
    choice = context.draw.uniform()
    if choice < 0.2:
        return cross_function(context)
    return cross_statement(context) if choice < 0.8 else cross_expression(context)


def cross_statement(context):
    """A run of the donor's statements is inserted, or takes the place of a statement that nothing needs."""
    source, donor, draw = context.source, context.donor, context.draw
    run = pick_statements(context, donor, longest=3)
    place = pick_place(context)
    if run is None or place is None:
        return None
    block, index, count = run
    fragment = Fragment(donor, block.statements[index : index + count])
    if not fit_names(context, fragment, place):
        return None
    edit = paste(context, fragment, place, "took over", used_donor=True)
    if draw.chance(0.4) and place.index < len(place.block.statements):
        replaced = place.block.statements[place.index]
        if can_be_copied(replaced) and source.owns_lines(replaced) and gp_names.first_need(source, replaced) is None:
            edit.replacements.append((*source.lines_of(replaced), b""))
            edit.note += f", in place of {quote(source.slice(replaced))}"
    return edit


def cross_function(context):
    """A function that both have is taken whole from the donor."""
    source, donor = context.source, context.donor
    theirs = {item.name: item for item in donor.tree.body if isinstance(item, DEFINITIONS) and donor.owns_lines(item)}
    pairs = [
        (item, theirs[item.name])
        for item in source.tree.body
        if isinstance(item, DEFINITIONS) and item.name in theirs and source.owns_lines(item)
        and source.slice(item) != donor.slice(theirs[item.name])
    ]  # fmt: skip
    if not pairs:
        return None
    own, other = context.draw.pick(pairs)
    lines = Fragment(donor, [other]).lines(source.newline, source.indent(own))
    return Edit([(*source.lines_of(own), lines)], f"took over {own.name} of the donor", used_donor=True)


def cross_expression(context):
    """A number of the donor replaces one of the parent, if its names mean something there."""
    source, donor, draw = context.source, context.donor, context.draw
    own = expression_sites(context, source, context.kinds)
    kinds = gp_names.Kinds(donor)
    theirs = expression_sites(context, donor, kinds)
    if not own or not theirs:
        return None
    site, whole = draw.pick(own)
    other, _ = draw.pick(theirs)
    if whole and kinds.of(other.node, other.scope) != INTEGER:
        return None
    known = gp_names.visible(site.scope, source.start(site.node))
    for use in gp_names.free_names(donor, donor.start(other.node), donor.end(other.node)):
        if use.name not in known and gp_names.defining_scope(use.name, use.scope) is not None:
            return None
    new = donor.slice(other.node)
    if binding_required(site.parent, site.field) > binding_of(other.node) or isinstance(site.parent, ast.Attribute):
        new = b"(" + new + b")"
    note = f"{quote(source.slice(site.node))} -> {quote(new)} of the donor on line {site.node.lineno}"
    return Edit([(source.start(site.node), source.end(site.node), new)], note, used_donor=True)


# The entry point --------------------------------------------------------------------------------------------

ARMS = {
    "gp.node": node,
    "gp.constant": constant,
    "gp.swap": swap,
    "gp.expression": expression,
    "gp.duplicate": duplicate,
    "gp.grow": grow,
    "gp.delete": delete,
    "gp.insert": insert,
    "gp.move": move,
    "gp.crossover": crossover,
}

_parsed = {}


def parse(text):
    """The parsed program; siblings share it. Nothing may change what it returns."""
    if text not in _parsed:
        if len(_parsed) >= _CACHED:
            del _parsed[next(iter(_parsed))]
        _parsed[text] = Source(text)
    return _parsed[text]


def compiles(text):
    try:
        compile(text, "<proposal>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def propose(request):
    """{source, donor, arm, seed, rate, names, parameters} -> [text, note, used the donor], or a str: why there is none.

    `source` and `donor` are null where the program is no UTF-8 text; only gp.crossover is given a donor; `names` and
    `parameters` may be left out.
    """
    if request["source"] is None or request.get("donor", "") is None:
        return "the program is no UTF-8 text"
    try:
        parent = parse(request["source"])
        draw = Draw(request["seed"])
        extra = {key: request[key] for key in ("names", "parameters") if key in request}
        context = Context(parent, request.get("donor", ""), draw, request["rate"], **extra)
        for _ in range(_ATTEMPTS):
            edit = ARMS[request["arm"]](context)
            if edit is None:
                continue
            text = gp_source.apply_edits(parent.data, edit.replacements).decode()
            if text != parent.text and compiles(text):
                return [text, edit.note, edit.used_donor]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"the program does not parse: {type(error).__name__}: {error}"
    return f"nothing to change for {request['arm']}"


def entry(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return propose(json.loads(text))
