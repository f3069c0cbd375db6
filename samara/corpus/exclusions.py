"""What must not be in a corpus: the domain that models are to meet as something new, and the tasks that they
are measured on, with all their relatives. The one place that knows; functions, synthesized functions and commits
from repositories all pass through excluded().

* Sodarace: nothing that builds walkers, told by its words.
* Parity: a sum or a count (or anything xor-ed together) modulo 2, in whatever names.
* Quadratics: a*x*x + b*x + c and its forms with x**2, pow(x, 2) or Horner's scheme, in whatever names.

Uses of sum(), %, pow() and ** beyond those stay: a model has to be able to write them.
"""

import ast
import re

_WORDS = {
    "parity", "parities", "quadratic", "quadratics", "quad", "polynomial", "polynomials", "poly", "polyval",
    "horner", "discriminant", "xorsum", "popcount", "sodarace", "sodaracer", "soda", "walker", "walkers",
    "muscle", "muscles", "joint", "joints", "creature",
}  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_RUN = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)), re.I)
_PHRASES = re.compile(r"xor[ _-]*sum|sum[ _-]*xor|odd (number|count) of|even (number|count) of|mod(ulo)? 2\b", re.I)
# A text without any of these has none of the forbidden expressions.
_ARITHMETIC = re.compile(r"%|\^|\*|\bpow\b|divmod|mod\b|xor|& *1\b")


def has_forbidden_words(text):
    """Whether a word of the forbidden domains stands in the text, alone or as a part of an identifier."""
    if not _RUN.search(text) and not _PHRASES.search(text):
        return False
    if _PHRASES.search(text):
        return True
    return any(word.lower() in _WORDS for word in _WORD.findall(text))


def excluded(text, tree=None):
    """Whether the program must stay out of every corpus. `tree`: its syntax tree, where that is at hand; without
    one, a text that does not parse is judged by its words alone."""
    if has_forbidden_words(text):
        return True
    if not _ARITHMETIC.search(text):
        return False
    if tree is None:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return any(_is_parity(node) or _is_quadratic(node) for node in ast.walk(tree)) or _sums_by_xor(tree) or (
        _has_modulo_of_sum(tree)
    )


def _is_number(node, value):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == value


def _called(node):
    """The plain name of what a call calls: f of f(...) and of m.f(...)."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", None) or getattr(node.func, "attr", "")


_TOTALS = {"sum", "count", "reduce", "accumulate", "fsum", "bit_count", "len"}


def _is_total(node):
    """Something that adds up, counts or chains: sum(...), x.count(...), a + b + c."""
    if _called(node) in _TOTALS:
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.BitXor)):
        return True
    return False


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


def _is_parity(node):
    """A total modulo 2 or 3 (3 is how the benchmark breaks it), or a chain of xors of three or more."""
    taken = _modulus(node)
    if taken and (_is_number(taken[1], 2) or _is_number(taken[1], 3)) and _is_total(taken[0]):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        return any(isinstance(side, ast.BinOp) and isinstance(side.op, ast.BitXor) for side in (node.left, node.right))
    return _called(node) == "reduce" and any(
        isinstance(part, ast.BitXor) or isinstance(part, ast.Attribute) and part.attr == "xor" for part in ast.walk(node)
    )


def _sums_by_xor(tree):
    """A loop that xors into one variable: the parity of bits."""
    return any(isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitXor) for node in ast.walk(tree))


def _has_modulo_of_sum(tree):
    """total = sum(...) somewhere, or a counter that grows, and total % 2 or % 3 elsewhere."""
    totals = set()
    moduli = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _is_total(node.value):
            totals.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.NamedExpr) and _is_total(node.value):
            totals.add(node.target.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name):
            totals.add(node.target.id)
        taken = _modulus(node)
        if taken and isinstance(taken[0], ast.Name) and (_is_number(taken[1], 2) or _is_number(taken[1], 3)):
            moduli.add(taken[0].id)
    return bool(totals & moduli)


def _terms(node):
    """The terms of a sum, signs dropped."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        return _terms(node.left) + _terms(node.right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        return _terms(node.operand)
    return [node]


def _factors(node):
    """The factors of a product, as dumps; squares count twice."""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mult):
            return _factors(node.left) + _factors(node.right)
        if isinstance(node.op, ast.Pow) and _is_number(node.right, 2):
            return _factors(node.left) * 2
    if _called(node) in ("pow", "power") and len(node.args) == 2 and _is_number(node.args[1], 2):
        return _factors(node.args[0]) * 2
    if _called(node) == "square" and len(node.args) == 1:
        return _factors(node.args[0]) * 2
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        return _factors(node.operand)
    return [ast.dump(node)]


def _is_quadratic(node):
    """A sum of a term with x twice and a term with x once (a*x*x + b*x + c, with or without a and c), or
    Horner's (a*x + b)*x + c."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))):
        return False
    products = [_factors(term) for term in _terms(node)]
    variables = {factor for product in products for factor in product if "Name(" in factor or "Attribute(" in factor}
    for variable in variables:
        counts = [product.count(variable) for product in products]
        if 2 in counts and 1 in counts:
            return True
        if any(_is_scaled_sum(term, variable) for term in _terms(node)):
            return True
    return False


def _is_scaled_sum(term, variable):
    """(a*x + b) * x."""
    if not (isinstance(term, ast.BinOp) and isinstance(term.op, ast.Mult)):
        return False
    for outer, inner in ((term.left, term.right), (term.right, term.left)):
        if ast.dump(outer) == variable and isinstance(inner, ast.BinOp) and isinstance(inner.op, (ast.Add, ast.Sub)):
            if any(variable in _factors(part) for part in _terms(inner)):
                return True
    return False
