"""A Python program as text and tree at once: where its nodes stand, and how to change the text there.

Read gp_names.py next for what the names in a program mean, and gp.py for the edits. Trees are CPython's own
(`ast`) and are only ever read: an edit replaces a span of the text, so everything that it does not touch,
comments and layout included, stays as it was. Positions are offsets into the UTF-8 bytes of the program.
Everything here is a pure function of the text.
"""

import ast
import collections
import re

_NEWLINE = re.compile(rb"\r\n|\r|\n")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
DEFINITIONS = _FUNCTIONS + (ast.ClassDef,)

# How tightly an operator binds (the table of operator precedence in the Python reference, section 6.17).
LAMBDA, OR, AND, NOT, COMPARISON = 0, 1, 2, 3, 4
UNARY, POWER, AWAIT, ATOM = 11, 12, 13, 14
BINDING = {
    ast.Or: OR, ast.And: AND, ast.BitOr: 5, ast.BitXor: 6, ast.BitAnd: 7, ast.LShift: 8, ast.RShift: 8,
    ast.Add: 9, ast.Sub: 9, ast.Mult: 10, ast.Div: 10, ast.FloorDiv: 10, ast.Mod: 10, ast.MatMult: 10,
    ast.Pow: POWER,
}  # fmt: skip
_LOOSE = (ast.Lambda, ast.IfExp)
_ALWAYS_IN_PARENTHESES = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Tuple, ast.Starred)


def binding_of(node):
    """How tightly the outermost operator of an expression binds; -1 for what always needs parentheses."""
    if isinstance(node, (ast.BinOp, ast.BoolOp)):
        return BINDING[type(node.op)]
    if isinstance(node, ast.UnaryOp):
        return NOT if isinstance(node.op, ast.Not) else UNARY
    if isinstance(node, ast.Compare):
        return COMPARISON
    if isinstance(node, _LOOSE):
        return LAMBDA
    if isinstance(node, _ALWAYS_IN_PARENTHESES):
        return -1
    return AWAIT if isinstance(node, ast.Await) else ATOM


def binding_required(parent, field, operator=None):
    """How tightly an expression must bind to stand in `field` of `parent` without parentheses.

    `operator`, a class, is taken in place of the parent's own operator where one is given.
    """
    if isinstance(parent, ast.BinOp):
        operator = operator or type(parent.op)
        if operator is ast.Pow:
            return AWAIT if field == "left" else UNARY
        return BINDING[operator] + (field == "right")
    if isinstance(parent, ast.BoolOp):
        return BINDING[operator or type(parent.op)] + 1
    if isinstance(parent, ast.UnaryOp):
        return NOT if isinstance(parent.op, ast.Not) else UNARY
    if isinstance(parent, (ast.Compare, ast.Starred)):
        return COMPARISON + 1
    if isinstance(parent, (ast.Attribute, ast.Await)) or field in ("func", "value") and isinstance(
        parent, (ast.Call, ast.Subscript)
    ):
        return ATOM
    if isinstance(parent, (ast.IfExp, ast.comprehension)):
        return OR
    return LAMBDA


class Scope:
    """A block of names: the module, a function, a class, a lambda or a comprehension."""

    __slots__ = ("node", "parent", "start", "bindings", "arithmetic")

    def __init__(self, node, parent, start):
        self.node = node
        self.parent = parent
        self.start = start
        self.bindings = {}  # name -> [(offset from which it holds, how: see gp_names.kind_of_binding)]
        self.arithmetic = set()  # names that stand beside an arithmetic operator

    def bind(self, name, offset, how):
        self.bindings.setdefault(name, []).append((offset, how))


class Block:
    """A list of statements that belong together: a function's body, a loop's else ..."""

    __slots__ = ("statements", "scope")

    def __init__(self, statements, scope):
        self.statements = statements
        self.scope = scope


class Site:
    """An expression that may be changed, and where it stands in its parent."""

    __slots__ = ("node", "parent", "field", "scope")

    def __init__(self, node, parent, field, scope):
        self.node = node
        self.parent = parent
        self.field = field
        self.scope = scope


class NameUse:
    """A name in the text at `offset`: read, or bound (`loads` is False)."""

    __slots__ = ("name", "offset", "scope", "loads")

    def __init__(self, name, offset, scope, loads):
        self.name = name
        self.offset = offset
        self.scope = scope
        self.loads = loads


class Source:
    """A parsed program and the index of what can be changed in it. Raises what ast.parse raises."""

    def __init__(self, text):
        self.text = text
        self.data = text.encode()
        self.tree = ast.parse(text)
        self.line_starts = [0] + [match.end() for match in _NEWLINE.finditer(self.data)]
        first_break = _NEWLINE.search(self.data)
        self.newline = first_break.group() if first_break else b"\n"
        self.module = Scope(self.tree, None, 0)
        self.blocks = []
        self.sites = collections.defaultdict(list)  # class of node -> [Site], in the order of the text
        self.uses = []  # [NameUse]
        self.called = set()  # offsets of names that are called
        self.frozen_lines = set()  # lines that begin inside a string: their indentation is part of it
        self._index()

    # Positions ------------------------------------------------------------------------------------------

    def start(self, node):
        return self.line_starts[node.lineno - 1] + node.col_offset

    def end(self, node):
        return self.line_starts[node.end_lineno - 1] + node.end_col_offset

    def slice(self, node):
        return self.data[self.start(node) : self.end(node)]

    def line_start(self, line):
        """Offset of a line, counted from 1; the line after the last one starts at the end of the text."""
        return self.line_starts[line - 1] if line <= len(self.line_starts) else len(self.data)

    def first_line(self, statement):
        """The line where a statement starts, decorators included."""
        decorators = getattr(statement, "decorator_list", None)
        return decorators[0].lineno if decorators else statement.lineno

    def indent(self, statement):
        """The white space before a statement that begins its line, or None where something else stands."""
        begin = self.line_starts[self.first_line(statement) - 1]
        if getattr(statement, "decorator_list", None):
            line = self.data[begin:]
            before = line[: len(line) - len(line.lstrip(b" \t\f"))]
            return before if line[len(before) : len(before) + 1] == b"@" else None
        before = self.data[begin : begin + statement.col_offset]
        return None if before.strip(b" \t\f") else before

    def owns_lines(self, statement):
        """True when nothing but the statement, and perhaps a comment, stands on its lines."""
        if self.indent(statement) is None:
            return False
        begin = self.line_start(self.first_line(statement))
        if self.data[:begin].endswith((b"\\\n", b"\\\r\n", b"\\\r")):
            return False
        rest = self.data[self.end(statement) : self.line_start(statement.end_lineno + 1)].strip()
        return not rest or rest.startswith(b"#")

    def lines_of(self, statement):
        """The span of a statement's whole lines, the last line break included."""
        return self.line_start(self.first_line(statement)), self.line_start(statement.end_lineno + 1)

    def operator_span(self, begin, end, token):
        """The span of an operator between two operands, or None. `token` is a compiled pattern."""
        position = begin
        while position < end:
            if self.data[position : position + 1] == b"#":
                line_break = _NEWLINE.search(self.data, position)
                position = line_break.end() if line_break else end
                continue
            match = token.match(self.data, position, end)
            if match:
                return match.span()
            position += 1
        return None

    # The index ------------------------------------------------------------------------------------------

    def _index(self):
        """One walk over the tree in the order of the text, without recursion: programs nest as they like."""
        sites, uses, line_starts = self.sites, self.uses, self.line_starts
        stack = [(self.tree, None, "", _Surroundings(self.module, True))]
        while stack:
            node, parent, field, around = stack.pop()
            cls = type(node)
            if cls is ast.Name:
                offset = line_starts[node.lineno - 1] + node.col_offset
                loads = type(node.ctx) is ast.Load
                uses.append(NameUse(node.id, offset, around.scope, loads))
                if field == "func":
                    self.called.add(offset)
                if around.editable and loads:
                    sites[cls].append(Site(node, parent, field, around.scope))
                continue
            if cls is ast.Constant or cls is ast.JoinedStr:
                if node.end_lineno != node.lineno:
                    self.frozen_lines.update(range(node.lineno + 1, node.end_lineno + 1))
                # Python 3.11 does not say where the parts of an f-string stand, so it is left whole.
                if around.editable and cls is ast.Constant and type(parent) is not ast.Expr:
                    sites[cls].append(Site(node, parent, field, around.scope))
                continue
            editable, enter, children = _CLASSES[cls]
            if editable and around.editable and not self._shares_parentheses(node, parent):
                sites[cls].append(Site(node, parent, field, around.scope))
            if enter:
                around = enter(self, node, around)
            for name, fixed in children:
                value = getattr(node, name)
                if not value:
                    continue
                inner = around.fixed() if fixed else around
                if type(value) is not list:
                    stack.append((value, node, name, inner))
                    continue
                if isinstance(value[0], ast.stmt):
                    self.blocks.append(Block(value, inner.scope))
                for item in reversed(value):
                    if item is not None:
                        stack.append((item, node, name, inner))

    def _shares_parentheses(self, node, parent):
        """A generator as the only argument of a call: `f(x for x in y)`; the call needs its parentheses."""
        return type(node) is ast.GeneratorExp and type(parent) is ast.Call and self.end(node) == self.end(parent)

    # What a node binds, and the surroundings of what it contains.

    def _enter_operation(self, node, around):
        if not isinstance(node.op, (ast.Add, ast.Mod)):
            for operand in (node.left, node.right):
                if type(operand) is ast.Name:
                    around.scope.arithmetic.add(operand.id)
        return around

    def _enter_walrus(self, node, around):
        scope = around.scope
        while isinstance(scope.node, _COMPREHENSIONS):
            scope = scope.parent
        scope.bind(node.target.id, self.end(node), ("value", node.value, around.scope))
        return around

    def _enter_comprehension(self, node, around):
        scope = Scope(node, around.scope, self.start(node))
        for generator in node.generators:
            self._bind_target(generator.target, scope, scope.start, ("item", generator.iter, around.scope))
        return _Surroundings(scope, around.editable)

    def _enter_assignment(self, node, around):
        if node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self._bind_target(target, around.scope, self.end(node), ("value", node.value, around.scope))
        return around

    def _enter_for(self, node, around):
        self._bind_target(node.target, around.scope, self.end(node.iter), ("item", node.iter, around.scope))
        return around

    def _enter_with(self, node, around):
        for item in node.items:
            if item.optional_vars is not None:
                self._bind_target(item.optional_vars, around.scope, self.end(item.context_expr), None)
        return around

    def _enter_import(self, node, around):
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            around.scope.bind(name, self.end(node), ("import",) if isinstance(node, ast.Import) else None)
        return around

    def _enter_handler(self, node, around):
        if node.name:
            around.scope.bind(node.name, self.start(node), None)
        return around

    def _enter_pattern(self, node, around):
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            around.scope.bind(name, self.start(node), None)
        return around.fixed()

    def _enter_definition(self, node, around):
        around.scope.bind(node.name, self.end(node), ("definition",))
        if isinstance(node, ast.ClassDef):
            return _Surroundings(Scope(node, around.scope, self.start(node)), around.editable)
        return self._enter_function(node, around)

    def _enter_function(self, node, around):
        outer, arguments = around.scope, node.args
        scope = Scope(node, outer, self.start(node))
        positional = arguments.posonlyargs + arguments.args
        defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
        for index, (argument, default) in enumerate(zip(positional, defaults)):
            scope.bind(argument.arg, 0, ("parameter", node, index, default, outer))
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
            scope.bind(argument.arg, 0, ("parameter", node, None, default, outer))
        for argument in (arguments.vararg, arguments.kwarg):
            if argument is not None:
                scope.bind(argument.arg, 0, None)
        return _Surroundings(scope, around.editable)

    def _bind_target(self, target, scope, offset, how):
        if isinstance(target, ast.Name):
            scope.bind(target.id, offset, how)
        elif isinstance(target, ast.Starred):
            self._bind_target(target.value, scope, offset, None)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for index, element in enumerate(target.elts):
                self._bind_target(element, scope, offset, how and ("element", index, how))


class _Surroundings:
    """What the walk knows about where it is."""

    __slots__ = ("scope", "editable")

    def __init__(self, scope, editable):
        self.scope = scope
        self.editable = editable

    def fixed(self):
        return _Surroundings(self.scope, False)


# Where an edit changes nothing that runs, or next to nothing that still runs.
_FIXED = {
    ast.FunctionDef: ("returns", "decorator_list"),
    ast.AsyncFunctionDef: ("returns", "decorator_list"),
    ast.ClassDef: ("bases", "keywords", "decorator_list"),
    ast.AnnAssign: ("annotation",),
    ast.arg: ("annotation",),
}

# Expressions that an arm may change or replace; names and constants aside.
_EDITABLE = {
    ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Set, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call, ast.Attribute, ast.Subscript, ast.List,
    ast.Tuple, ast.AugAssign,
}  # fmt: skip

_ENTER = {
    ast.BinOp: Source._enter_operation,
    ast.NamedExpr: Source._enter_walrus,
    ast.Lambda: Source._enter_function,
    **dict.fromkeys(_COMPREHENSIONS, Source._enter_comprehension),
    **dict.fromkeys((ast.Assign, ast.AugAssign, ast.AnnAssign), Source._enter_assignment),
    **dict.fromkeys((ast.For, ast.AsyncFor), Source._enter_for),
    **dict.fromkeys((ast.With, ast.AsyncWith), Source._enter_with),
    **dict.fromkeys((ast.Import, ast.ImportFrom), Source._enter_import),
    ast.ExceptHandler: Source._enter_handler,
    **dict.fromkeys((ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.MatchValue), Source._enter_pattern),
    **dict.fromkeys(DEFINITIONS, Source._enter_definition),
}


# Fields that hold no node with a place in the text.
_NOT_WALKED = {
    "id", "attr", "arg", "name", "names", "ctx", "op", "ops", "module", "level", "kind", "type_comment", "type_ignores",
    "simple", "is_async", "rest", "kwd_attrs", "conversion",
}  # fmt: skip


def _walk_plan(cls):
    """(may be changed, what to do on entering, ((field, its nodes stay as they are) ...)) of a class of nodes.

    The fields stand last first: the walk's stack turns them round.
    """
    fields = () if cls is ast.MatchSingleton else [name for name in cls._fields if name not in _NOT_WALKED]
    children = tuple((name, name in _FIXED.get(cls, ())) for name in reversed(fields))
    return cls in _EDITABLE, _ENTER.get(cls), children


_CLASSES = {
    cls: _walk_plan(cls) for cls in vars(ast).values() if isinstance(cls, type) and issubclass(cls, ast.AST)
}


def is_function(node):
    return isinstance(node, _FUNCTIONS)


def is_identifier_byte(byte):
    return byte.isalnum() or byte == b"_" or byte >= b"\x80"


def apply_edits(data, edits):
    """The text after edits [(start, end, replacement bytes)]; they must not overlap.

    At one place what is only inserted stands before what is replaced. Words that would grow together are
    kept apart by a space: the `1` of `1if x else y` may become a name.
    """
    parts, position = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        parts.append(data[position:start])
        position = end
        if new:
            before, after = data[start - 1 : start] if start else b"", data[end : end + 1]
            if is_identifier_byte(before) and (is_identifier_byte(new[:1]) or new[:1] in b"\"'"):
                new = b" " + new
            if is_identifier_byte(after) and (is_identifier_byte(new[-1:]) or new[-1:] == b"."):
                new += b" "
            parts.append(new)
    parts.append(data[position:])
    return b"".join(parts)


def reindent(lines, frozen, old, new):
    """Lines moved from one indentation to another. `frozen`: indices of lines that begin inside a string."""
    moved = []
    for index, line in enumerate(lines):
        if index not in frozen and line.startswith(old):
            line = new + line[len(old) :]
        moved.append(line)
    return moved
