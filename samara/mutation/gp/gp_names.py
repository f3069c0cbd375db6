"""What the names in a program mean: which are visible where, and what kind of value they probably hold.

Read gp_source.py first. A kind is a guess from the text alone ("number", "integer", "string", "what add_joint
returns", or None), good enough to put a name where a name of its kind stood: most edits then still run.
Everything here is a pure function of the program.
"""

import ast
import builtins

from gp_source import DEFINITIONS, JUMPS, is_function

NUMBER, INTEGER, STRING, BOOLEAN, SEQUENCE, CALLABLE = "number", "integer", "string", "boolean", "list", "callable"
_DEPTH = 6  # how many steps of reasoning a guess may take

_BUILTINS = frozenset(dir(builtins))
_RETURNS_INTEGER = {"len", "int", "ord", "round"}
_RETURNS_NUMBER = {
    "abs", "float", "min", "max", "sum", "pow", "sin", "cos", "tan", "sqrt", "exp", "log", "atan2", "hypot", "floor",
    "ceil", "copysign", "fabs", "radians", "uniform", "random", "asin", "acos", "atan", "tanh",
}  # fmt: skip


def is_numeric(kind):
    return kind == NUMBER or kind == INTEGER


def alike(kind, other):
    """A value of one kind may stand where the other stood."""
    return kind == other or is_numeric(kind) and is_numeric(other)


def visible(scope, offset):
    """Names that are bound at a place: {name: the scope that binds it}, innermost first.

    Within a function a name counts from its first binding on; what encloses a function is all there by the
    time that it runs.
    """
    names = {}
    origin, same_function = scope, True
    while scope is not None:
        if scope is origin or not isinstance(scope.node, ast.ClassDef):
            for name, bindings in scope.bindings.items():
                if name not in names and (not same_function or any(at <= offset for at, _ in bindings)):
                    names[name] = scope
        same_function = same_function and not is_function(scope.node)
        scope = scope.parent
    return names


def parameters(scope):
    """The parameters of the functions around a place, the innermost function's first."""
    names = []
    while scope is not None:
        if is_function(scope.node):
            arguments = scope.node.args
            every = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
            names += [argument.arg for argument in every if argument is not None]
        scope = scope.parent
    return names


def defining_scope(name, scope):
    """The scope that binds a name as seen from `scope`, or None: a builtin, or nothing at all."""
    origin = scope
    while scope is not None:
        if name in scope.bindings and (scope is origin or not isinstance(scope.node, ast.ClassDef)):
            return scope
        scope = scope.parent
    return None


def is_builtin(name):
    return name in _BUILTINS


class Kinds:
    """Guesses the kinds of expressions and names in one program, and remembers them."""

    def __init__(self, source):
        self._source = source
        self._names = {}
        self._calls = None

    def of_name(self, name, scope, depth=_DEPTH):
        scope = defining_scope(name, scope)
        if scope is None:
            return CALLABLE if is_builtin(name) else None
        key = (name, id(scope))
        if key not in self._names:
            self._names[key] = None  # what depends on itself is unknown
            self._names[key] = self._of_binding(name, scope, depth)
        return self._names[key]

    def of(self, node, scope, depth=_DEPTH):
        if depth == 0:
            return None
        if isinstance(node, ast.Constant):
            return _kind_of_value(node.value)
        if isinstance(node, ast.Name):
            return self.of_name(node.id, scope, depth)
        if isinstance(node, ast.Call):
            return self._of_call(node)
        if isinstance(node, ast.BinOp):
            return self._of_operation(node, scope, depth)
        if isinstance(node, ast.UnaryOp):
            return BOOLEAN if isinstance(node.op, ast.Not) else self.of(node.operand, scope, depth - 1)
        if isinstance(node, (ast.Compare, ast.BoolOp)):
            return BOOLEAN
        if isinstance(node, (ast.List, ast.ListComp)):
            return SEQUENCE
        if isinstance(node, ast.IfExp):
            return self.of(node.body, scope, depth - 1)
        if isinstance(node, ast.JoinedStr):
            return STRING
        if isinstance(node, ast.Attribute):
            return NUMBER if node.attr in ("pi", "e", "tau") else "attribute " + node.attr
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
            return self._of_item(node.value, scope, depth - 1)
        if isinstance(node, ast.Lambda):
            return CALLABLE
        return type(node).__name__.lower()

    def _of_call(self, node):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "?")
        if name in _RETURNS_INTEGER:
            return INTEGER
        if name in _RETURNS_NUMBER:
            return NUMBER
        return "result of " + name

    def _of_operation(self, node, scope, depth):
        kinds = [self.of(node.left, scope, depth - 1), self.of(node.right, scope, depth - 1)]
        if isinstance(node.op, (ast.Add, ast.Mult, ast.Mod)):
            for kind in (STRING, SEQUENCE):
                if kind in kinds:
                    return kind
        whole = kinds == [INTEGER, INTEGER] and not isinstance(node.op, (ast.Div, ast.Pow))
        return INTEGER if whole else NUMBER

    def _of_item(self, node, scope, depth):
        """The kind of what iterating over `node`, or indexing it, yields."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            return INTEGER
        if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
            return self.of(node.elts[0], scope, depth)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            return None
        if isinstance(node, ast.Name):
            kind = self.of_name(node.id, scope, depth)
            return kind and "item of " + kind if kind != SEQUENCE else "item of " + node.id
        kind = self.of(node, scope, depth)
        return kind and "item of " + kind

    def _of_binding(self, name, scope, depth):
        known = None
        for _, how in scope.bindings[name]:
            known = known or self._of_how(how, depth)
        return known or (NUMBER if name in scope.arithmetic else None)

    def _of_how(self, how, depth):
        if how is None or depth == 0:
            return None
        tag = how[0]
        if tag == "value":
            return self.of(how[1], how[2], depth - 1)
        if tag == "item":
            return self._of_item(how[1], how[2], depth - 1)
        if tag == "element":
            return self._of_element(how[1], how[2], depth)
        if tag == "parameter":
            return self._of_parameter(how, depth)
        return CALLABLE if tag == "definition" else tag

    def _of_element(self, index, how, depth):
        """The kind of the index-th target of an unpacking."""
        if how[0] == "value" and isinstance(how[1], (ast.Tuple, ast.List)):
            elements = how[1].elts
            return self.of(elements[index], how[2], depth - 1) if index < len(elements) else None
        if how[0] == "value":
            return self._of_item(how[1], how[2], depth - 1)
        call = how[1]
        if how[0] == "item" and isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.args:
            if call.func.id == "enumerate":
                return INTEGER if index == 0 else self._of_item(call.args[0], how[2], depth - 1)
            if call.func.id == "zip" and index < len(call.args):
                return self._of_item(call.args[index], how[2], depth - 1)
        return None

    def _of_parameter(self, how, depth):
        """From the default, else from what the program's calls pass."""
        _, function, index, default, outer = how
        if default is not None:
            return self.of(default, outer, depth - 1)
        if self._calls is None:
            self._calls = {}
            for site in self._source.sites.get(ast.Call, ()):
                if isinstance(site.node.func, ast.Name):
                    self._calls.setdefault(site.node.func.id, []).append(site)
        for site in self._calls.get(getattr(function, "name", None), ()):
            if index is not None and index < len(site.node.args):
                kind = self.of(site.node.args[index], site.scope, depth - 1)
                if kind is not None:
                    return kind
        return None


def _kind_of_value(value):
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int):
        return INTEGER
    if isinstance(value, float):
        return NUMBER
    return STRING if isinstance(value, str) else type(value).__name__


def names_between(source, begin, end):
    """The uses of names in a span of the text, in its order."""
    return [use for use in source.uses if begin <= use.offset < end]


def bound_in(source, begin, end):
    """Names that the span binds for the statements after it: {name: None}, in order."""
    return {use.name: None for use in names_between(source, begin, end) if not use.loads and use.scope.start < max(begin, 1)}


def first_need(source, statement):
    """Where the rest of the program first reads what the statement binds, or None where nothing does.

    A jump is needed where it stands, and so is a definition that nobody calls: it may be what the program is
    called by.
    """
    begin, end = source.start(statement), source.end(statement)
    if isinstance(statement, JUMPS):
        return begin
    bound = bound_in(source, begin, end)
    if isinstance(statement, DEFINITIONS):
        bound[statement.name] = None
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            bound[alias.asname or alias.name.split(".")[0]] = None
    needs = (use.offset for use in source.uses if use.loads and use.name in bound and not begin <= use.offset < end)
    return min(needs, default=begin if isinstance(statement, DEFINITIONS) else None)


def free_names(source, begin, end):
    """Uses of names in the span whose meaning comes from outside it."""
    inside = names_between(source, begin, end)
    own = {use.name for use in inside if not use.loads}
    free = []
    for use in inside:
        home = defining_scope(use.name, use.scope)
        if home is not None and home.start >= begin and home.parent is not None and home.start < end:
            continue  # a parameter, or the variable of a comprehension
        if use.loads and use.name not in own:
            free.append(use)
    return free
