"""Names: the vocabulary of a corpus, fresh names for variables and functions, and renaming.

The vocabulary is counted from real functions (vocabulary.cc) and set once, before the first job.
"""

import ast
import builtins
import keyword
import re

import exclusions

_RESERVED = set(keyword.kwlist) | set(keyword.softkwlist) | {name for name in dir(builtins)} | {"self", "cls"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SERIES_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_VERBS = (
    "add apply build calc check collect combine compute convert count create draw fill filter find fold format get "
    "group handle init join load make map mark measure merge move pack parse pick place plot prepare process push read "
    "reduce render reset resize run scale score select set setup shift show sort split step store total trim update "
    "wrap write"
).split()
_NOUNS = (
    "area average bar block board box buffer bytes cell chunk color column config cost count curve data depth distance "
    "edge entry error event factor field file frame grid group height image index item key label layer length level "
    "limit line list mean name node number offset order page pair part path pixel point position price price_list "
    "queue range rate ratio record region result row sample scale score segment shape sides size speed state step sum "
    "table text time token total tree unit value vector volume weight width window word"
).split()
_WHOLE = re.compile(r"[a-z]{2,7}")

names = list(_NOUNS)  # of variables; frequent ones stand in it more than once
methods = ["append", "update", "get", "add", "pop", "insert", "remove", "close", "write", "extend"]
words = list(_NOUNS)


def set_vocabulary(variables, called):
    """@param variables, called: names of variables and of methods, most frequent first"""
    usable = [name for name in variables if len(name) < 15 and _usable(name)]
    if usable:
        names[:] = usable[:1500] + usable[:150] * 4
    usable = [name for name in called if len(name) < 18 and _usable(name)]
    if usable:
        methods[:] = usable[:1000] + usable[:60] * 3
    parts = {part for name in names for part in name.split("_") if _WHOLE.fullmatch(part)}
    words[:] = sorted(part for part in parts | set(_NOUNS) if _usable(part))


def _usable(name):
    return name not in _RESERVED and not name.startswith("_") and not exclusions.has_forbidden_words(name)


def fresh(draw, avoid):
    """A name that is none of `avoid`."""
    for _ in range(20):
        kind = draw.uniform()
        if kind < 0.55:
            name = draw.pick(names)
        elif kind < 0.72:
            name = draw.pick(_LETTERS)
        elif kind < 0.86:
            name = draw.pick(_SERIES_LETTERS) + str(draw.below(10))
        elif kind < 0.95:
            name = draw.pick(words) + "_" + draw.pick(words)
        else:
            name = draw.pick(names) + draw.pick(("_", "_new", "s", "1", "2", "_2", "x", "_old", "0"))
        if name not in avoid and name not in _RESERVED:
            return name
    return f"v{draw.below(1000)}"


def series(draw, count, avoid):
    """`count` names that belong together: x1, x2, x3; a, b, c; total_0, total_1."""
    for _ in range(20):
        if draw.chance(0.3):
            first = draw.below(26 - count)
            made = list(_LETTERS[first : first + count])
        else:
            stem = draw.pick(_SERIES_LETTERS) if draw.chance(0.65) else draw.pick(names)
            first = draw.below(3)
            made = [f"{stem}{number}" for number in range(first, first + count)]
        if not avoid.intersection(made) and not _RESERVED.intersection(made):
            return made
    return [f"v{number}" for number in range(count)]


def successor(draw, name, avoid):
    """The next name of a series that `name` begins or is in; another one where that is taken."""
    digits = len(name) - len(name.rstrip("0123456789"))
    if digits:
        made = name[:-digits] + str(int(name[-digits:]) + 1)
    else:
        made = name + draw.pick("123")
    return made if made not in avoid else fresh(draw, avoid)


def misspelt(draw, name):
    """The name with a slip: a letter replaced, left out, doubled, swapped or added."""
    at = draw.below(len(name))
    kind = draw.below(6)
    if kind == 0 or len(name) < 2:
        return draw.pick(_LETTERS) + name[1:]
    if kind == 1:
        return name[:at] + draw.pick(_LETTERS) + name[at + 1 :]
    if kind == 2:
        return name[:at] + name[at + 1 :]
    if kind == 3:
        return name[:at] + name[at] + name[at:]
    if kind == 4:
        at = min(at, len(name) - 2)
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return draw.pick(_LETTERS) + name if draw.chance(0.5) else name + draw.pick(_LETTERS + "0123456789_")


def is_name(text):
    return text.isidentifier() and text not in _RESERVED


def function_name(draw):
    kind = draw.uniform()
    if kind < 0.2:
        name = draw.pick(words)
    elif kind < 0.65:
        name = draw.pick(_VERBS) + "_" + draw.pick(words)
    elif kind < 0.8:
        name = draw.pick(words) + "_" + draw.pick(words)
    elif kind < 0.9:
        name = draw.pick(_VERBS) + "_" + draw.pick(words) + "_" + draw.pick(words)
    else:
        name = draw.pick(methods)
    return name if name not in _RESERVED else "make_" + draw.pick(_NOUNS)


def renamable(program, function):
    """The bound names of a function that occur where renamed() finds them."""
    elsewhere = set()
    for binder in program.binders:
        for field in ("names", "name"):
            value = getattr(binder, field, None)
            for item in value if isinstance(value, list) else [value]:
                elsewhere.add(item if isinstance(item, str) else getattr(item, "asname", None))
                elsewhere.add(getattr(item, "name", None))
    elsewhere |= program.other_names
    return [name for name in program.bound(function) if name not in elsewhere]


def renamed(program, mapping):
    """Replacements that rename variables everywhere in the program."""
    made = [
        (program.start(name), program.end(name), mapping[name.id]) for name in program.names if name.id in mapping
    ]
    for argument in program.arguments:
        if argument.arg in mapping:
            start = program.start(argument)
            made.append((start, start + len(argument.arg), mapping[argument.arg]))
    return made


def disguised(draw, program, function):
    """Replacements that give most variables, and often the function, other names."""
    bound = renamable(program, function)
    avoid = set(bound) | {name.id for name in program.names} | program.other_names
    mapping = {}
    parameters = set(program.parameters(function))
    if draw.chance(0.25) and len(parameters) > 1:
        own = [name for name in bound if name in parameters]
        for name, new in zip(own, series(draw, len(own), avoid) if len(own) < 20 else ()):
            mapping[name] = new
            avoid.add(new)
    for name in bound:
        if name not in mapping and draw.chance(0.8):
            mapping[name] = fresh(draw, avoid)
            avoid.add(mapping[name])
    made = renamed(program, mapping)
    calls_itself = any(name.id == function.name for name in program.names)
    if draw.chance(0.5) and not calls_itself and not function.name.startswith("__"):
        start = program.text.index(function.name, program.start(function) + 3)
        made.append((start, start + len(function.name), function_name(draw)))
    return made
