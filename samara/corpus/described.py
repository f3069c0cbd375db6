"""Synthesized functions whose docstring says what they do, so that a docstring is worth reading to fix a bug.

An idea is a row: docstrings, parameters, and a body with the parameters' places in braces. Upper case letters in
braces are filled with names of the function's own, {k} with a number, {n} and {m} with small ones. Ideas over any number of
arguments are functions below the table.
"""

import re

import names
from synthesis import MODULI, Author

# (docstrings, parameters, lines of the body); a last line without "return" is returned or kept first.
# None of them is a task of the bug-fixing benchmark (samara/bugfix).
_IDEAS = [
    (("Return the area of a rectangle.", "Area of a rectangle with sides {a} and {b}."), "a b", "{a} * {b}"),
    (("Return the perimeter of a rectangle.", "Twice the sum of {a} and {b}."), "a b", "2 * ({a} + {b})"),
    (("Return the volume of a box.", "Return the product of {a}, {b} and {c}."), "a b c", "{a} * {b} * {c}"),
    (("Return {x} scaled by {a} and moved by {b}.", "Return {a} times {x} plus {b}."), "x a b", "{a} * {x} + {b}"),
    (("Return the mean of {a} and {b}.", "Return the point half way between {a} and {b}."), "a b", "({a} + {b}) / 2"),
    (("Return the distance between {a} and {b}.", "Return how far {a} is from {b}."), "a b", "abs({a} - {b})"),
    (("Return whether {x} lies between {a} and {b}.",), "x a b", "{a} <= {x} <= {b}"),
    (("Return whether {x} is outside of {a} and {b}.",), "x a b", "{x} < {a} or {x} > {b}"),
    (("Return {x} percent of {a}.",), "x a", "{a} * {x} / 100"),
    (("Return what share of {b} is {a}, in percent.",), "a b", "100 * {a} / {b}"),
    (("Return {a} minus {b}, but at least 0.", "Difference of {a} and {b}, never negative."), "a b", "max(0, {a} - {b})"),
    (("Return {a} to the power of {b}.", "Raise {a} to {b}."), "a b", "pow({a}, {b})"),
    (("Return {a} times the cube of {x}.",), "a x", "{a} * pow({x}, 3)"),
    (("Return the cube of {x} plus {a}.",), "x a", "pow({x}, 3) + {a}"),
    (("Return {a} times {x} to the power of {m}, plus {b}.",), "x a b", "{a} * pow({x}, {m}) + {b}"),
    (("Return the length of the hypotenuse.", "Length of the vector ({a}, {b})."), "a b", "pow({a} * {a} + {b} * {b}, 0.5)"),
    (("Return the sum of the fourth powers.",), "a b", "pow({a}, 4) + pow({b}, 4)"),
    (("Return {a} squared plus {b} squared.",), "a b", "pow({a}, 2) + pow({b}, 2)"),
    (("Return the area of a circle.", "Area of a circle of radius {x}."), "x", "3.14159 * pow({x}, 2)"),
    (("Return the square root of {x}.",), "x", "pow({x}, 0.5)"),
    (("Return half of {a} times the square of {b}.",), "a b", "0.5 * {a} * pow({b}, 2)"),
    (("Return the remainder of {a} divided by {b}.", "Return {a} modulo {b}."), "a b", "{a} % {b}"),
    (("Return how often {b} fits into {a}.", "Integer division of {a} by {b}."), "a b", "{a} // {b}"),
    (("Return the last digit of {x}.",), "x", "{x} % 10"),
    (("Return {x} without its last digit.",), "x", "{x} // 10"),
    (("Return the index after {x} in a ring of {a} places.",), "x a", "({x} + 1) % {a}"),
    (("Return whether {x} can be divided by {a}.", "Tell whether {a} divides {x}."), "x a", "{x} % {a} == 0"),
    (("Return whether {x} is a multiple of {k}.",), "x", "{x} % {k} == 0"),
    (("Return the hour that is {a} hours after {x}.",), "x a", "({x} + {a}) % 24"),
    (("Return the minutes of {a} hours and {b} minutes.",), "a b", "60 * {a} + {b}"),
    (("Return the seconds of {a} hours, {b} minutes and {c} seconds.",), "a b c", "3600 * {a} + 60 * {b} + {c}"),
    (("Convert degrees Celsius to Fahrenheit.",), "x", "{x} * 9 / 5 + 32"),
    (("Convert degrees Fahrenheit to Celsius.",), "x", "({x} - 32) * 5 / 9"),
    (("Return the larger of {a} and {b}.", "Maximum of two numbers."), "a b", "max({a}, {b})"),
    (("Return the larger of {a} and {b}.",), "a b", "{a} if {a} > {b} else {b}"),
    (("Return the smaller of {a} and {b}.", "Minimum of two numbers."), "a b", "min({a}, {b})"),
    (("Return the largest of three numbers.",), "a b c", "max({a}, {b}, {c})"),
    (("Return the middle of three numbers.",), "a b c", "sorted([{a}, {b}, {c}])[1]"),
    (("Return {x} without its sign.", "Absolute value."), "x", "if {x} < 0:|    return -{x}|return {x}"),
    (("Return 1, 0 or -1: the sign of {x}.",), "x", "if {x} > 0:|    return 1|if {x} < 0:|    return -1|return 0"),
    (("Interpolate between {a} and {b}.", "Go from {a} to {b} by the fraction {w}."), "a b w", "{a} + ({b} - {a}) * {w}"),
    (("Return {a} and {b} in opposite order.", "Swap {a} and {b}."), "a b", "return {b}, {a}"),
    (("Return the sum and the difference of {a} and {b}.",), "a b", "return {a} + {b}, {a} - {b}"),
    (("Return quotient and remainder of {a} and {b}.",), "a b", "return {a} // {b}, {a} % {b}"),
    (("Return the sum of the items.", "Add up all items of {xs}."), "xs", "sum({xs})"),
    (("Return the sum of the items.",), "xs", "{T} = 0|for {I} in {xs}:|    {T} += {I}|return {T}"),
    (("Return the product of the items.", "Multiply all items."), "xs", "{T} = 1|for {I} in {xs}:|    {T} *= {I}|return {T}"),
    (("Return the mean of the items.", "Average of {xs}."), "xs", "sum({xs}) / len({xs})"),
    (("Return the sum of the squares of the items.",), "xs", "sum([{I} * {I} for {I} in {xs}])"),
    (("Return the sum of the cubes of the items.",), "xs", "sum(pow({I}, 3) for {I} in {xs})"),
    (("Return the squares of the items.",), "xs", "[{I} ** 2 for {I} in {xs}]"),
    (("Return the items times {a}.", "Scale all items by {a}."), "xs a", "[{I} * {a} for {I} in {xs}]"),
    (("Add {a} to every item.",), "xs a", "[{I} + {a} for {I} in {xs}]"),
    (("Return the items larger than {a}.", "Keep items above {a}."), "xs a", "[{I} for {I} in {xs} if {I} > {a}]"),
    (("Return the items not larger than {a}.", "Keep items up to {a}."), "xs a", "[{I} for {I} in {xs} if {I} <= {a}]"),
    (("Return the items other than {a}.", "Remove {a} from the list."), "xs a", "[{I} for {I} in {xs} if {I} != {a}]"),
    (("Count the items larger than {a}.",), "xs a", "{T} = 0|for {I} in {xs}:|    if {I} > {a}:|        {T} += 1|return {T}"),
    (("Count the items that equal {a}.",), "xs a", "{T} = 0|for {I} in {xs}:|    if {I} == {a}:|        {T} += 1|return {T}"),
    (("Return the difference of largest and smallest item.", "Range of the items."), "xs", "max({xs}) - min({xs})"),
    (("Return the largest item.",), "xs", "{T} = {xs}[0]|for {I} in {xs}:|    if {I} > {T}:|        {T} = {I}|return {T}"),
    (("Return the smallest item.",), "xs", "{T} = {xs}[0]|for {I} in {xs}:|    if {I} < {T}:|        {T} = {I}|return {T}"),
    (("Return where {a} stands in {xs}, or -1.",), "xs a", "for {I} in range(len({xs})):|    if {xs}[{I}] == {a}:|        return {I}|return -1"),
    (("Return whether {a} is among the items.",), "xs a", "for {I} in {xs}:|    if {I} == {a}:|        return True|return False"),
    (("Return whether all items are larger than {a}.",), "xs a", "all({I} > {a} for {I} in {xs})"),
    (("Return whether any item is smaller than {a}.",), "xs a", "any({I} < {a} for {I} in {xs})"),
    (("Return the first item.",), "xs", "{xs}[0]"),
    (("Return the last item.",), "xs", "{xs}[-1]"),
    (("Return the first {n} items.",), "xs", "{xs}[:{n}]"),
    (("Return all but the first {n} items.",), "xs", "{xs}[{n}:]"),
    (("Return the items in reverse order.",), "xs", "{xs}[::-1]"),
    (("Return every item whose index is a multiple of {n}.",), "xs", "{xs}[::{n}]"),
    (("Return the items in order, largest first.",), "xs", "sorted({xs}, reverse=True)"),
    (("Return the items without repetition, in order.",), "xs", "sorted(set({xs}))"),
    (("Return the sum of the first and the last item.",), "xs", "{xs}[0] + {xs}[-1]"),
    (("Return the items of {xs} and {ys} in one list.",), "xs ys", "list({xs}) + list({ys})"),
    (("Return the sums of the pairs.", "Add {xs} and {ys} item by item."), "xs ys", "[{I} + {J} for {I}, {J} in zip({xs}, {ys})]"),
    (("Return the dot product.", "Sum of the products of the pairs."), "xs ys", "{T} = 0|for {I}, {J} in zip({xs}, {ys}):|    {T} += {I} * {J}|return {T}"),
    (("Return the items that are in both lists.",), "xs ys", "[{I} for {I} in {xs} if {I} in {ys}]"),
    (("Return the items of {xs} that are not in {ys}.",), "xs ys", "[{I} for {I} in {xs} if {I} not in {ys}]"),
    (("Return the running totals.",), "xs", "{T} = 0|{R} = []|for {I} in {xs}:|    {T} += {I}|    {R}.append({T})|return {R}"),
    (("Return the multiples of {a} below {b}.",), "a b", "list(range(0, {b}, {a}))"),
    (("Return the numbers from {a} to {b}, both included.",), "a b", "list(range({a}, {b} + 1))"),
    (("Return the sum of the numbers below {x}.",), "x", "{T} = 0|for {I} in range({x}):|    {T} += {I}|return {T}"),
    (("Return the factorial of {x}.",), "x", "{T} = 1|for {I} in range(2, {x} + 1):|    {T} *= {I}|return {T}"),
    (("Count down from {x} to 1.",), "x", "{R} = []|while {x} > 0:|    {R}.append({x})|    {x} -= 1|return {R}"),
    (("Return how often {x} can be halved before it is below 1.",), "x", "{T} = 0|while {x} >= 1:|    {x} = {x} / 2|    {T} += 1|return {T}"),
    (("Return the text in upper case.",), "s", "{s}.upper()"),
    (("Return the text without white space around it.",), "s", "{s}.strip()"),
    (("Return the text {n} times.",), "s", "{s} * {n}"),
    (("Return the words of the text.",), "s", "{s}.split()"),
    (("Join the items with {s} in between.",), "xs s", "{s}.join({xs})"),
    (("Return the number of words.",), "s", "len({s}.split())"),
    (("Put {a} in front of {s} and {b} behind it.",), "s a b", "{a} + {s} + {b}"),
    (("Return the value of {a}, or {b} where it is missing.",), "d a b", "{d}.get({a}, {b})"),
    (("Return a dictionary from keys to values.",), "xs ys", "dict(zip({xs}, {ys}))"),
    (("Return the sum of the values.",), "d", "sum({d}.values())"),
    (("Return {a}, or {b} where {a} is None.",), "a b", "if {a} is None:|    return {b}|return {a}"),
    (("Return whether both {a} and {b} hold.",), "a b", "{a} and {b}"),
    (("Return whether exactly one of {a} and {b} holds.",), "a b", "bool({a}) != bool({b})"),
    (("Return whether neither {a} nor {b} holds.",), "a b", "not {a} and not {b}"),
    (("Apply {f} to each item.",), "f xs", "[{f}({I}) for {I} in {xs}]"),
    (("Apply {f} {n} times to {x}.",), "f x", "for {I} in range({n}):|    {x} = {f}({x})|return {x}"),
]  # fmt: skip
_SPEAKING = {
    "xs": ("items", "values", "numbers", "xs", "data", "nums", "lst", "seq", "array"),
    "ys": ("others", "weights", "ys", "right", "second", "keys"),
    "s": ("text", "s", "line", "word", "string", "sep"),
    "d": ("table", "d", "mapping", "config", "counts"),
    "f": ("f", "func", "function", "fn", "callback"),
    "x": ("x", "n", "number", "value", "x", "t"),
    "I": ("x", "i", "item", "v", "n", "value", "e"),
    "J": ("y", "j", "other", "w", "m"),
    "T": ("total", "result", "count", "acc", "t", "res", "best", "s"),
    "R": ("result", "out", "res", "values", "found", "r"),
    "w": ("w", "weight", "t", "ratio"),
}  # fmt: skip
_SPACED_OPERATOR = re.compile(r" ([-+*/%]|//|\*\*) ")


def _filled(author, parameters, inner):
    """Names for the placeholders of an idea."""
    draw = author.draw
    filled = {}
    if draw.chance(0.35) and len(parameters) > 1:
        filled = dict(zip(parameters, names.series(draw, len(parameters), set())))
    for place in list(parameters) + inner:
        if place in filled:
            continue
        taken = set(filled.values())
        speaking = [name for name in _SPEAKING.get(place, place) if name not in taken]
        filled[place] = draw.pick(speaking) if speaking and draw.chance(0.5) else names.fresh(draw, taken)
    filled["k"] = str(draw.between(3, 12))
    filled["n"] = str(draw.between(2, 6))
    filled["m"] = str(draw.between(3, 6))
    return filled


def _of_any_number(author, short):
    """(docstrings, parameters, body) over a number of arguments of its own choice."""
    draw = author.draw
    count = draw.between(2, 5 if short else 8)
    parameters = names.series(draw, count, set()) if draw.chance(0.7) else author.parameters(count)
    every = author.join(parameters)
    kind = draw.below(9)
    what, those = draw.pick(("numbers", "values", "arguments", "inputs", "terms")), ", ".join(parameters[:-1])
    those += " and " + parameters[-1]
    if kind == 0:
        return (f"Return the sum of the {what}.", f"Add up {those}."), parameters, f"sum([{every}])"
    if kind == 1:
        return (f"Return the sum of the {what}.",), parameters, author.pad.join(" + ".join(parameters).split(" "))
    if kind == 2:
        function, word = draw.pick((("max", "largest"), ("min", "smallest")))
        opening, closing = draw.pick(("()", ("([", "])")))
        return (f"Return the {word} of the {what}.",), parameters, f"{function}{opening}{every}{closing}"
    if kind == 3:
        number = draw.between(3, 12)
        way = draw.pick((f"sum([{every}]) * {number}", f"{number} * sum([{every}])"))
        return (f"Return {number} times the sum of the {what}.",), parameters, way
    if kind == 4:
        return (f"Return the mean of the {what}.",), parameters, f"sum([{every}]) / {count}"
    if kind == 5:
        return (f"Return the {what} in a list.", f"List of {those}."), parameters, f"[{every}]"
    if kind == 6:
        pad = author.pad
        return (f"Return the product of the {what}.",), parameters, f"{pad}*{pad}".join(parameters)
    if kind == 7:
        return _remainder_of_several(author, parameters, what)
    half = max(1, count // 2)
    first, second = parameters[:half], parameters[half:]
    body = f"sum([{author.join(first)}]) - sum([{author.join(second)}])"
    return (f"Sum of the first {half} minus the sum of the others.",), parameters, body


def _remainder_of_several(author, parameters, what):
    """Of a sum by other numbers than 2 and 3, which exclusions.py keeps out; of the largest and the like by any."""
    draw = author.draw
    every = author.join(parameters)
    kind = draw.uniform()
    if kind < 0.4:
        number = draw.pick((4, 5, 6, 7, 8, 9, 10, 10, 10, 11, 12, 16, 60, 97, 100))
        docstrings = [f"Return the sum of the {what} modulo {number}.", f"Sum of the {what}, counted round and round up to {number}."]
        if number == 10:
            docstrings += [f"Return the last digit of the sum of the {what}.", "Return the check digit."]
        value = f"sum([{every}])"
    else:
        number = draw.weighted(MODULI)
        value, word = draw.weighted([
            ((f"max([{every}])", "largest"), 4), ((f"min([{every}])", "smallest"), 4),
            ((f"max({every})", "largest"), 1), ((f"min({every})", "smallest"), 1),
        ])  # fmt: skip
        docstrings = [f"Divide the {word} of the {what} by {number}, return the rest.",
                      f"Return what is left when the {word} of the {what} is divided by {number}."]  # fmt: skip
    if draw.chance(0.5):
        return docstrings, parameters, author.operation(value, "%", number)
    name = draw.pick(_SPEAKING["T"]) if draw.chance(0.5) else author.new_name()
    if name in parameters:
        name = "answer"
    return docstrings, parameters, f"{name} = {value}|return {author.operation(name, '%', number)}"


def described_function(draw, short):
    """The text of a function with a docstring that says what it does."""
    author = Author(draw, short)
    if draw.chance(0.3):
        docstrings, parameters, body = _of_any_number(author, short)
    else:
        docstrings, places, body = draw.pick(_IDEAS)
        places = places.split()
        filled = _filled(author, places, [place for place in "IJTR" if "{" + place + "}" in body])
        docstrings = [text.format(**filled) for text in docstrings]
        parameters = [filled[place] for place in places]
        body = body.format(**filled)
        if author.comma == ",":
            body = body.replace(", ", ",")
        if not author.pad:
            body = _SPACED_OPERATOR.sub(r"\1", body)
    lines = [author.header(parameters)]
    if draw.chance(0.75):
        lines.append(f'    """{draw.pick(docstrings)}"""')
    author.scope = list(parameters)
    body = body.split("|")
    if body[-1].startswith("return") or len(body) > 1:
        lines += ["    " + line for line in body]
    elif draw.chance(0.45):
        result = draw.pick(_SPEAKING["T"]) if draw.chance(0.6) else author.new_name()
        if result in parameters:
            result = "answer"
        lines += [f"    {result} = {body[0]}", f"    return {result}"]
    else:
        lines.append(f"    return {body[0]}")
    if draw.chance(0.08):
        lines[-1:] = [f"    print({author.variable()})", lines[-1]]
    return "\n".join(lines)
