"""What must not be in a corpus: the domain that models are to meet as something new, and the tasks that they
are measured on, with all their relatives. The one place that knows; functions, synthesized functions and commits
from repositories all pass through excluded().

* Sodarace: nothing that builds walkers, told by its words.
* Parity: a sum or a count (or anything xor-ed together) modulo 2, and modulo 3, which is how the benchmark breaks its
  program, in whatever names. Other remainders, as of check digits, stay.
* Held-out functions that set_held_out() was given: by their names, and by their bodies in whatever names.
* Quadratics: a*x*x + b*x + c and its forms with x**2, pow(x, 2) or Horner's scheme, in whatever names.

Uses of sum(), %, pow() and ** beyond those stay: a model has to be able to write them.
"""

import ast
import builtins
import re

_WORDS = {
    "parity", "parities", "quadratic", "quadratics", "quad", "polynomial", "polynomials", "poly", "polyval",
    "polynom", "horner", "discriminant", "xorsum", "popcount", "sodarace", "sodaracer", "soda", "walker", "walkers",
    "muscle", "muscles", "joint", "joints", "creature",
}  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ROOTS = ("parit", "quad", "pol", "horner", "discrim", "xor", "popcount", "soda", "walker", "muscle", "joint", "creature",
          "mod", "odd ", "even ")  # fmt: skip
_PHRASES = re.compile(r"xor[ _-]*sum|sum[ _-]*xor|odd (number|count) of|even (number|count) of|mod(ulo)? 2\b", re.I)
# A text without any of these has none of the forbidden expressions.
_ARITHMETIC = re.compile(r"%|\^|\*|\bpow\b|divmod|mod\b|xor|& *1\b")


def has_forbidden_words(text):
    """Whether a word of the forbidden domains stands in the text, alone or as a part of an identifier."""
    lower = text.lower()
    if not any(root in lower for root in _ROOTS):  # quickly told for most texts
        return False
    if _PHRASES.search(text):
        return True
    return any(word.lower() in _WORDS for word in _WORD.findall(text))


def excluded(text, tree=None):
    """Whether the program must stay out of every corpus. `tree`: its syntax tree, where that is at hand; without
    one, a text that does not parse is judged by its words alone."""
    if has_forbidden_words(text):
        return True
    has_arithmetic = _ARITHMETIC.search(text)
    if not has_arithmetic and not _held_out_names:
        return False
    if tree is None:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    if _held_out_names and _has_held_out(tree):
        return True
    if not has_arithmetic:
        return False
    nodes = [node for node in ast.walk(tree) if isinstance(node, _TELLING)]
    return any(_is_parity(node) or _is_quadratic(node) for node in nodes) or _has_modulo_of_sum(nodes)


# The nodes that the checks below look at.
_TELLING = (ast.BinOp, ast.Call, ast.Assign, ast.AugAssign, ast.NamedExpr)


_held_out_names, _held_out_outlines, _held_out_shapes = set(), set(), set()
_BUILTINS = set(dir(builtins))


def set_held_out(texts):
    """Functions, in Python sources, that no corpus may have: other programs measure models on them."""
    for text in texts:
        for function in _functions(ast.parse(text)):
            _held_out_names.add(_plain(function.name))
            body = _body(function)
            if len(body) > 1 or len(ast.dump(body[0])) > 120:  # shorter ones are nobody's
                _held_out_outlines.add(_outline(body))
                _held_out_shapes.add(_shape(function))


def forget_held_out():
    for held_out in (_held_out_names, _held_out_outlines, _held_out_shapes):
        held_out.clear()


def _functions(tree):
    stack = list(tree.body)
    while stack:
        statement = stack.pop()
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield statement
        for field in ("body", "orelse"):
            inner = getattr(statement, field, None)
            if isinstance(inner, list):
                stack.extend(inner)


def _has_held_out(tree):
    for function in _functions(tree):
        if _plain(function.name) in _held_out_names:
            return True
        if _outline(_body(function)) in _held_out_outlines and _shape(function) in _held_out_shapes:
            return True
    return False


def _plain(name):
    return name.replace("_", "").lower()


def _body(function):
    """The statements without the docstring."""
    body = function.body
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return body[1:]
    return body


def _outline(body):
    return tuple(type(statement).__name__ for statement in body)


def _shape(function):
    """The function without docstring and without what its variables are called: equal for renamed copies."""
    numbers = {}

    def shape(node):
        if isinstance(node, ast.Name) and node.id not in _BUILTINS:
            return ("Name", numbers.setdefault(node.id, len(numbers)))
        if isinstance(node, ast.arg):
            return ("arg", numbers.setdefault(node.arg, len(numbers)))
        if isinstance(node, ast.AST):
            return (type(node).__name__, *(shape(getattr(node, field, None)) for field in node._fields
                                           if field not in ("ctx", "annotation", "type_comment", "kind")))  # fmt: skip
        if isinstance(node, list):
            return tuple(map(shape, node))
        return repr(node)

    return (shape(function.args), tuple(map(shape, _body(function))))


def _is_number(node, value):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == value


def _called(node):
    """The plain name of what a call calls: f of f(...) and of m.f(...)."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", None) or getattr(node.func, "attr", "")


_SUMS = {"sum", "fsum", "count", "reduce", "accumulate", "bit_count", "count_nonzero"}


def _strength(node):
    """2 for what adds up or counts many things: out are its remainders, but those by a plain number other than 2 and 3.
    1 for a sum of two and for a length: out are its remainders by 2 and 3."""
    if _called(node) in _SUMS:
        return 2
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.BitXor):
            return 2
        return max(int(isinstance(node.op, (ast.Add, ast.Sub))), _strength(node.left), _strength(node.right))
    return int(_called(node) == "len")


def _modulus(node):
    """(what is divided, the divisor) where the node takes a remainder, else None."""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mod) and not isinstance(node.left, (ast.Constant, ast.JoinedStr)):
            return node.left, node.right
        if isinstance(node.op, ast.BitAnd) and _is_number(node.right, 1):
            return node.left, ast.Constant(2)
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mod):
        return node.target, node.value
    if _called(node) in ("divmod", "mod", "fmod") and len(node.args) == 2:
        return node.args
    return None


def _makes_parity(strength, divisor):
    """Whether the remainder by `divisor` of something of such a strength is out."""
    if _is_number(divisor, 2) or _is_number(divisor, 3):
        return strength >= 1
    is_plain = isinstance(divisor, ast.Constant) and type(divisor.value) is int
    return strength == 2 and not is_plain


def _is_parity(node):
    """A remainder of a total, a chain of three or more xors, or a xor into a variable."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitXor):
        return True
    taken = _modulus(node)
    if taken and _makes_parity(_strength(taken[0]), taken[1]):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        return any(isinstance(side, ast.BinOp) and isinstance(side.op, ast.BitXor) for side in (node.left, node.right))
    return _called(node) == "reduce" and any(
        isinstance(part, ast.BitXor) or isinstance(part, ast.Attribute) and part.attr == "xor" for part in ast.walk(node)
    )


def _has_modulo_of_sum(nodes):
    """A variable that is given a total, or that grows, and its remainder elsewhere."""
    totals = {}  # name -> strength
    moduli = []
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    totals[target.id] = max(totals.get(target.id, 0), _strength(node.value))
        elif isinstance(node, ast.NamedExpr):
            totals[node.target.id] = max(totals.get(node.target.id, 0), _strength(node.value))
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name):
            totals[node.target.id] = max(totals.get(node.target.id, 0), 1)
        taken = _modulus(node)
        if taken and isinstance(taken[0], ast.Name):
            moduli.append((taken[0].id, taken[1]))
    return any(_makes_parity(totals.get(name, 0), divisor) for name, divisor in moduli)


# Degrees higher than this are not told apart.
_HIGHEST = 6
_VARIABLES = (ast.Name, ast.Attribute, ast.Subscript)


def _is_quadratic(node):
    """An expression in which some variable occurs squared and also by itself, if it is multiplied out: a*x*x + b*x + c,
    (a*x + b)*x + c, x*(x + 1), (x - y)**2, pow(x, 2) - x."""
    if not (isinstance(node, ast.BinOp) or _called(node) in ("pow", "power")):
        return False
    parts = list(ast.walk(node))
    if not any(isinstance(part, (ast.Mult, ast.Pow)) or _called(part) for part in parts):
        return False
    variables = {_key(part) for part in parts if isinstance(part, _VARIABLES)}
    return any({1, 2} <= _degrees(node, variable) for variable in variables)


def _key(variable):
    return variable.id if isinstance(variable, ast.Name) else ast.dump(variable)


def _degrees(node, variable):
    """The powers of the variable in the expression, multiplied out, as a set; of what is no polynomial {0}."""
    if isinstance(node, _VARIABLES):
        return {1} if _key(node) == variable else {0}
    if isinstance(node, ast.UnaryOp):
        return _degrees(node.operand, variable)
    if isinstance(node, ast.BinOp):
        left = _degrees(node.left, variable)
        if isinstance(node.op, ast.Pow):
            return _power(left, node.right)
        right = _degrees(node.right, variable)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return left | right
        if isinstance(node.op, ast.Mult):
            return _product(left, right)
        if isinstance(node.op, (ast.Div, ast.FloorDiv)) and right == {0}:
            return left
        return {0}
    called = _called(node)
    if called in ("pow", "power") and len(node.args) == 2:
        return _power(_degrees(node.args[0], variable), node.args[1])
    if called in ("float", "int", "abs", "square") and len(node.args) == 1:
        inner = _degrees(node.args[0], variable)
        return _product(inner, inner) if called == "square" else inner
    return {0}


def _product(left, right):
    return {min(a + b, _HIGHEST) for a in left for b in right}


def _power(base, exponent):
    made = {0}
    if isinstance(exponent, ast.Constant) and exponent.value in (2, 3, 4):
        for _ in range(int(exponent.value)):
            made = _product(made, base)
    return made
