"""Which variables of a function are used alike, told from how they get their values and from what is done with them.

A variable that is taken for another one of its kind gives a program that mostly still runs: one that a model can learn
changes from.
"""

import ast

_OF_KIND = 0.8  # how often a replacement is of a like kind, where there is one


def uses(program, function):
    """The signs of what each variable is: a dictionary of name -> set."""
    signs = {name: set() for name in program.bound(function)}

    def add(node, sign):
        if isinstance(node, ast.Starred):
            node = node.value
        if isinstance(node, ast.Name) and node.id in signs:
            signs[node.id].add(sign)

    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                add(target, _origin(node.value))
        elif isinstance(node, (ast.For, ast.comprehension)):
            add(node.target, _origin(node.iter))
            add(node.iter, "iterated")
        elif isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mod):
            add(node.left, "number")
            add(node.right, "number")
        elif isinstance(node, ast.AugAssign):
            add(node.target, "number")
        elif isinstance(node, ast.Attribute):
            add(node.value, "." + node.attr)
        elif isinstance(node, ast.Subscript):
            add(node.value, "indexed")
            add(node.slice, "index")
        elif isinstance(node, ast.Call):
            add(node.func, "called")
            called = _called(node)
            for place, argument in enumerate(node.args):
                add(argument, f"{called}({place})")
    return signs


def _called(call):
    return getattr(call.func, "id", None) or "." + getattr(call.func, "attr", "")


def _origin(value):
    """What an expression gives, as far as its outermost node tells."""
    if isinstance(value, ast.Call):
        return "number" if _called(value) in ("len", "int", "float", "abs", "sum", "range", "round") else "=" + _called(value)
    if isinstance(value, (ast.BinOp, ast.UnaryOp)):
        return "number"
    if isinstance(value, ast.Constant):
        return "number" if type(value.value) in (int, float) else "=" + type(value.value).__name__
    return "=" + type(value).__name__


def another(draw, program, function, known, name):
    """One of the names in `known`, mostly one that is used like `name`; it may be `name` itself."""
    if draw.chance(_OF_KIND):
        signs = uses(program, function)
        mine = signs.get(name, set())
        alike = [other for other in known if other != name and signs.get(other, set()) & mine]
        if alike:
            return draw.pick(alike)
    return draw.pick(known)
