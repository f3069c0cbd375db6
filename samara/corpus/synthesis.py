"""Small functions that never existed: arithmetic on parameters, lists, loops, conditions, helpers.

Most are random within the bounds of what runs (names are bound before they are used); described.py has those whose
docstring tells what they do, builders.py those that build something by calls. Each function has a style of its own:
how it names things, where it puts spaces, which constants it likes.
"""

import names

_COUNTS = [(1, 3), (2, 6), (3, 6), (4, 4), (5, 2), (6, 1)]
_SMALL_NUMBERS = [
    (1, 20), (2, 20), (0, 9), (3, 9), (4, 7), (5, 6), (10, 8), (8, 3), (6, 3), (7, 3), (100, 4), (16, 2), (12, 2),
    (20, 3), (50, 2), (9, 2), (24, 1), (60, 2), (255, 1), (1000, 1),
]  # fmt: skip
_OPERATORS = [("+", 30), ("-", 22), ("*", 26), ("/", 9), ("//", 5), ("%", 3), ("**", 1)]
MODULI = [
    (2, 40), (10, 12), (3, 7), (4, 6), (5, 5), (7, 4), (8, 4), (60, 3), (12, 2), (16, 2), (24, 2), (26, 2), (100, 2),
    (256, 2), (360, 1), (1000, 1),
]  # fmt: skip
_COMPARISONS = ["<", ">", "==", "!=", "<=", ">="]


class Author:
    """What a function being written has so far, and its habits."""

    def __init__(self, draw, short):
        self.draw = draw
        self.short = short
        self.comma = draw.weighted([(", ", 3), (",", 1)])
        self.pad = draw.weighted([(" ", 4), ("", 1)])
        self.scope = []  # names that may be used
        self.floats = draw.chance(0.2)
        self.quote = draw.pick("\"'")

    # Pieces of text.

    def join(self, items):
        return self.comma.join(items)

    def operation(self, left, operator, right):
        pad = "" if operator == "**" else self.pad
        return f"{left}{pad}{operator}{pad}{right}"

    def call(self, function, *arguments):
        return f"{function}({self.join(arguments)})"

    def string(self, text):
        return self.quote + text + self.quote

    def number(self):
        if self.floats and self.draw.chance(0.5):
            return f"{self.draw.below(200) / self.draw.pick((10, 20, 4, 2)):g}" if self.draw.chance(0.6) else (
                f"{self.draw.below(100) / 100:.2f}"
            )
        if self.draw.chance(0.1):
            return str(self.draw.between(10, 400))
        return str(self.draw.weighted(_SMALL_NUMBERS))

    def variable(self):
        return self.draw.pick(self.scope)

    def atom(self):
        return self.variable() if self.draw.chance(0.75) else self.number()

    def new_name(self):
        return names.fresh(self.draw, set(self.scope))

    def parameters(self, count=None):
        """Chooses the parameters; they are the scope to begin with."""
        count = count or self.draw.weighted(_COUNTS)
        if count > 1 and self.draw.chance(0.4):
            self.scope = names.series(self.draw, count, set())
        else:
            self.scope = []
            for _ in range(count):
                self.scope.append(self.new_name())
        return list(self.scope)

    def header(self, parameters, name=None):
        name = name or names.function_name(self.draw)
        if parameters and self.draw.chance(0.1):
            parameters = parameters[:-1] + [f"{parameters[-1]}={self.number()}"]
        return f"def {name}({self.join(parameters)}):"

    # Expressions.

    def expression(self, depth):
        draw = self.draw
        if depth <= 0 or draw.chance(0.15):
            return self.atom()
        kind = draw.uniform()
        if kind < 0.62:
            return self._arithmetic(depth)
        if kind < 0.68:
            return self._remainder(depth)
        if kind < 0.78:
            return self.call(draw.pick(("abs", "int", "float", "round", "str", "len")), self.expression(depth - 1))
        if kind < 0.9:
            return self._of_several(depth)
        if kind < 0.94:
            return self.call("pow", self.atom(), draw.pick((self.atom(), "2", "3", "0.5", "2")))
        if kind < 0.97:
            return f"{self.variable()}[{self.atom()}]"
        return f"{self.atom()} if {self.condition()} else {self.atom()}" if depth > 1 else self.atom()

    def _arithmetic(self, depth):
        operator = self.draw.weighted(_OPERATORS)
        sides = []
        for place in range(2):
            side = self.expression(depth - 1)
            compound = any(mark in side for mark in "+-*/% ") and not side.endswith(")")
            if " if " in side or (compound and (operator in "-*/%**//" and self.draw.chance(0.8))):
                side = f"({side})"
            sides.append(side)
        made = self.operation(sides[0], operator, sides[1])
        return f"({made})" if self.draw.chance(0.12) else made

    def _remainder(self, depth):
        """By a number that people take remainders by. (exclusions.py keeps out what is a parity.)"""
        kind = self.draw.uniform()
        if kind < 0.4:
            left = self._of_several(depth)
        elif kind < 0.6:
            left = f"({self.operation(self.variable(), self.draw.pick('*+-'), self.atom())})"
        else:
            left = self.variable()
        return self.operation(left, "%", str(self.draw.weighted(MODULI)))

    def _of_several(self, depth):
        """sum([a, b, c]), max(a, b) and their like: several names in one line."""
        function = self.draw.weighted([("sum", 4), ("max", 3), ("min", 3), ("sorted", 1), ("len", 1), ("all", 1), ("any", 1)])
        if self.draw.chance(0.6):
            first = self.draw.below(len(self.scope))
            items = self.scope[first : first + 8]
        else:
            items = self.draw.sample(self.scope, self.draw.between(2, 5))
        if len(items) < 2:
            items = items + [self.atom()]
        items = [self.expression(depth - 1) if self.draw.chance(0.08) else item for item in items]
        if function in ("max", "min") and self.draw.chance(0.5):
            return self.call(function, *items)
        opening, closing = self.draw.weighted([("[]", 3), ("()", 1)])
        return f"{function}({opening}{self.join(items)}{closing})"

    def condition(self):
        kind = self.draw.uniform()
        left = self.expression(1) if self.draw.chance(0.3) else self.variable()
        if kind < 0.7:
            made = f"{left} {self.draw.pick(_COMPARISONS)} {self.atom()}"
        elif kind < 0.8:
            made = f"{self.variable()} {self.draw.pick(('in', 'not in'))} {self.variable()}"
        elif kind < 0.88:
            made = f"not {self.variable()}"
        elif kind < 0.94:
            made = f"{self.variable()} is {self.draw.pick(('None', 'not None'))}"
        else:
            made = self.variable()
        if kind < 0.6 and self.draw.chance(0.15):
            made += f" {self.draw.pick(('and', 'or'))} {self.variable()} {self.draw.pick(_COMPARISONS)} {self.atom()}"
        return made

    def iterable(self):
        kind = self.draw.uniform()
        if kind < 0.3:
            return self.call("range", self.number())
        if kind < 0.5:
            return self.call("range", self.variable())
        if kind < 0.6:
            return f"range(len({self.variable()}))"
        if kind < 0.7:
            return f"range({self.join([self.atom(), self.atom()])})"
        if kind < 0.78 and len(self.scope) > 1:
            return f"[{self.join(self.draw.sample(self.scope, 4))}]"
        return self.variable()

    # Statements, as lines.

    def statements(self, count, indent):
        lines = []
        for _ in range(count):
            lines += self.statement(indent)
        return lines

    def statement(self, indent):
        return self.draw.weighted(_STATEMENTS if len(indent) < 8 else _SIMPLE_STATEMENTS)(self, indent)

    def assignment(self, indent):
        value = self.expression(self.draw.between(1, 2))
        target = self.draw.pick(("total", "result", "value", "out", "x", "res")) if self.draw.chance(0.2) else self.new_name()
        if target not in self.scope:
            self.scope.append(target)
        return [f"{indent}{target} = {value}"]

    def augmented(self, indent):
        return [f"{indent}{self.variable()} {self.draw.pick(('+=', '+=', '-=', '*='))} {self.expression(1)}"]

    def list_of_names(self, indent):
        items = self.draw.sample(self.scope, self.draw.between(2, 6))
        if self.draw.chance(0.2):
            items = [self.expression(1) for _ in items]
        target = self.new_name()
        self.scope.append(target)
        return [f"{indent}{target} = [{self.join(items)}]"]

    def comprehension(self, indent):
        item = self.new_name()
        iterable = self.iterable()
        outer = len(self.scope)
        self.scope.append(item)
        element = self.expression(1)
        where = f" if {self.condition()}" if self.draw.chance(0.25) else ""
        del self.scope[outer:]
        target = self.new_name()
        self.scope.append(target)
        return [f"{indent}{target} = [{element} for {item} in {iterable}{where}]"]

    def loop(self, indent):
        item = self.draw.pick(("i", "j", "k", "x", "item", "n")) if self.draw.chance(0.6) else self.new_name()
        head = f"{indent}for {item} in {self.iterable()}:"
        lines = []
        if self.draw.chance(0.5):
            total = self.draw.pick(("total", "result", "count", "acc", self.new_name()))
            start, step = self.draw.pick((("0", "{} += {}"), ("[]", "{}.append({})"), ("1", "{} *= {}")))
            lines.append(f"{indent}{total} = {start}")
            if item not in self.scope:
                self.scope.append(item)
            lines.append(head)
            if self.draw.chance(0.25):
                lines.append(f"{indent}    if {self.condition()}:")
                lines.append(f"{indent}        {step.format(total, self.expression(1))}")
            else:
                lines.append(f"{indent}    {step.format(total, self.expression(self.draw.between(0, 1)))}")
            if total not in self.scope:
                self.scope.append(total)
            return lines
        if item not in self.scope:
            self.scope.append(item)
        return [head] + self.statements(self.draw.between(1, 2), indent + "    ")

    def condition_block(self, indent):
        lines = [f"{indent}if {self.condition()}:"]
        if self.draw.chance(0.5):
            lines.append(f"{indent}    return {self.expression(1)}")
        else:
            target = self.variable()
            lines.append(f"{indent}    {target} = {self.expression(1)}")
            if self.draw.chance(0.3):
                lines += [f"{indent}else:", f"{indent}    {target} = {self.expression(1)}"]
        return lines

    def method_call(self, indent):
        method = self.draw.pick(names.methods)
        arguments = [self.atom() for _ in range(self.draw.between(0, 3))]
        call = f"{self.variable()}.{method}({self.join(arguments)})"
        if self.draw.chance(0.4):
            target = self.new_name()
            self.scope.append(target)
            return [f"{indent}{target} = {call}"]
        return [indent + call]

    def function_of_one_line(self, indent):
        """A lambda, or a helper inside of the function."""
        name = names.function_name(self.draw)
        outer = list(self.scope)
        inner = self.parameters(self.draw.between(1, 2))
        self.scope += outer[:2]
        body = self.expression(2)
        self.scope = outer
        arguments = [self.atom() for _ in inner]
        target = self.new_name()
        if name in self.scope or target == name:
            return self.assignment(indent)
        self.scope.append(target)
        if self.draw.chance(0.4):
            lines = [f"{indent}{name} = lambda {self.join(inner)}: {body}"]
        else:
            lines = [f"{indent}def {name}({self.join(inner)}):", f"{indent}    return {body}"]
        return lines + [f"{indent}{target} = {self.call(name, *arguments)}"]

    def result(self, indent):
        kind = self.draw.uniform()
        if kind < 0.3:
            return [f"{indent}return {self.scope[-1]}"]
        if kind < 0.4 and len(self.scope) > 1:
            return [f"{indent}return {', '.join(self.draw.sample(self.scope, 3))}"]
        if kind < 0.47:
            return [f"{indent}return {self.condition()}"]
        return [f"{indent}return {self.expression(self.draw.between(1, 3))}"]


_SIMPLE_STATEMENTS = [
    (Author.assignment, 50), (Author.augmented, 12), (Author.method_call, 10), (Author.list_of_names, 8),
]  # fmt: skip
_STATEMENTS = _SIMPLE_STATEMENTS + [
    (Author.comprehension, 6), (Author.loop, 14), (Author.condition_block, 14), (Author.function_of_one_line, 4),
]  # fmt: skip


def random_function(draw, short):
    """The text of a function of random statements."""
    author = Author(draw, short)
    parameters = author.parameters()
    lines = [author.header(parameters)]
    count = draw.weighted([(0, 2), (1, 6), (2, 3)] if short else [(1, 2), (2, 3), (3, 3), (4, 2), (5, 2), (7, 1)])
    lines += author.statements(count, "    ")
    lines += author.result("    ")
    return "\n".join(lines)
