"""Synthesized functions that build something: calls with numbers on one object, with helpers and loops.

They look like the code of drawing, layout and configuration libraries: an object is made, its methods are called
with coordinates and sizes, some results are kept in numbered variables, the object or a part of it is returned. Some
come as a file of two functions, of which one calls the other.
"""

import names
from synthesis import Author

_OBJECTS = (
    "canvas plot table page scene board figure form menu graph layout report window builder shape drawing image path "
    "printer chart panel grid tree list box config doc root sheet level mesh".split()
)


class _Built:
    """The object of one function: its name, its methods and how many arguments they take."""

    def __init__(self, author):
        draw = author.draw
        self.author = author
        self.name = draw.pick(_OBJECTS) if draw.chance(0.5) else author.new_name()
        if draw.chance(0.3):
            self.name = "".join(word[0] for word in self.name.split("_") if word) + draw.pick(names.words)[0]
            if not names.is_name(self.name):
                self.name = "obj"
        self.methods = [self._method() for _ in range(draw.between(1, 3))]
        self.kept = []  # variables that hold results of calls
        self.stem = draw.pick((None, draw.pick("abcdefghikmnpqrstuvw"), draw.pick(names.words)))
        self.number = draw.below(2)
        self.tuples = draw.chance(0.15)

    def _method(self):
        draw = self.author.draw
        name = draw.pick(names.methods) if draw.chance(0.6) else (
            draw.pick(("add", "draw", "set", "make", "put", "place", "create", "insert")) + "_" + draw.pick(names.words)
        )
        keyword = draw.pick(names.names) if draw.chance(0.12) else None
        return name, draw.between(1, 4), draw.chance(0.4), keyword

    def argument(self, wants_kept):
        draw = self.author.draw
        if wants_kept and self.kept and draw.chance(0.75):
            return draw.pick(self.kept)
        kind = draw.uniform()
        if kind < 0.72:
            number = self.author.number()
            return "-" + number if draw.chance(0.12) and number != "0" else number
        if kind < 0.88 and self.author.scope:
            return self.author.expression(1 if draw.chance(0.25) else 0)
        return draw.pick(("True", "False", "None", self.author.string(draw.pick(names.words))))

    def call(self):
        draw = self.author.draw
        name, count, wants_kept, keyword = draw.pick(self.methods)
        arguments = [self.argument(wants_kept and place < 2) for place in range(count)]
        if keyword:
            arguments[-1] = f"{keyword}={arguments[-1]}"
        elif self.tuples and count > 1:
            arguments[:2] = [f"({self.author.join(arguments[:2])})"]
        return f"{self.name}.{name}({self.author.join(arguments)})"

    def result_name(self):
        if self.stem is None:
            return names.fresh(self.author.draw, set(self.kept) | set(self.author.scope) | {self.name})
        self.number += 1
        return f"{self.stem}{self.number - 1}"


def _calls(built, count, indent):
    """Lines that call methods of the object."""
    draw = built.author.draw
    lines = []
    keep = draw.pick((0.2, 0.5, 0.9))
    while len(lines) < count:
        kind = draw.uniform()
        if kind < 0.1:
            item = draw.pick(("i", "j", "k", "n", "_"))
            lines.append(f"{indent}for {item} in range({draw.between(2, 8)}):")
            if item != "_":
                built.author.scope.append(item)
            lines.append(f"{indent}    {built.call()}")
            if item != "_":
                built.author.scope.pop()
        elif draw.chance(keep):
            name = built.result_name()
            lines.append(f"{indent}{name} = {built.call()}")
            built.kept.append(name)
        else:
            lines.append(indent + built.call())
    return lines


def builder_function(draw, short):
    """A function that makes an object, builds it up and returns it."""
    author = Author(draw, short)
    parameters = author.parameters(draw.between(1, 3)) if draw.chance(0.5) else []
    author.scope = list(parameters)
    built = _Built(author)
    lines = [author.header(parameters)]
    maker = draw.pick(names.methods) if draw.chance(0.5) else "".join(
        word.capitalize() for word in names.function_name(draw).split("_")
    )
    if draw.chance(0.3):
        maker = draw.pick(names.words) + "_" + draw.pick(("builder", "maker", "creator", "factory", "writer"))
    arguments = [author.atom() for _ in range(draw.below(3))] if author.scope else []
    lines.append(f"    {built.name} = {author.call(maker, *arguments)}")
    lines += _calls(built, draw.between(1, 3) if short else draw.between(3, 12), "    ")
    ending = draw.uniform()
    if ending < 0.5:
        lines.append(f"    return {built.name}")
    elif ending < 0.8:
        lines.append(f"    return {built.name}.{draw.pick(names.methods)}()")
    elif built.kept:
        lines.append(f"    return {', '.join(draw.sample(built.kept, 3))}")
    return "\n".join(lines)


def two_functions(draw, short):
    """A helper that builds a part from its parameters, and a function that uses it; two blank lines between."""
    author = Author(draw, short)
    parameters = author.parameters(draw.between(1, 4))
    built = _Built(author)
    if built.name in parameters:
        return builder_function(draw, short)
    helper = names.function_name(draw)
    lines = [author.header([built.name] + parameters, helper)]
    if draw.chance(0.15):
        lines.append(f"    # {draw.pick(('The', 'Some', 'All'))} {draw.pick(names.words)}s of the {draw.pick(names.words)}.")
    lines += _calls(built, draw.between(1, 2) if short else draw.between(2, 5), "    ")
    if built.kept:
        lines.append(f"    return {', '.join(built.kept[:4])}")
    lines += ["", ""]

    outer = Author(draw, short)
    outer.comma = author.comma
    outer.scope = outer.parameters(draw.between(1, 2)) if draw.chance(0.3) else []
    own = _Built(outer)
    own.methods = built.methods
    name = names.function_name(draw)
    lines.append(outer.header(outer.scope, name if name != helper else "main"))
    lines.append(f"    {own.name} = {outer.call(draw.pick(_OBJECTS).capitalize())}")
    for _ in range(draw.between(1, 2)):
        arguments = [own.argument(False) for _ in parameters]
        call = outer.call(helper, own.name, *arguments)
        if built.kept:
            kept = own.result_name()
            own.kept.append(kept)
            call = f"{kept} = {call}"
        lines.append(f"    {call}")
    if not short:
        lines += _calls(own, draw.between(1, 6), "    ")
    lines.append(f"    return {own.name}" + (f".{draw.pick(names.methods)}()" if draw.chance(0.4) else ""))
    return "\n".join(lines)
