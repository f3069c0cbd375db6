"""A small program as text and tree at once: where things stand in the text, and how to change it there.

Trees are CPython's own (`ast`) and only ever read. An edit is a list of replacements, (start, end, new text)
with offsets into the text, so lines that it does not touch stay as they were, to the byte. Texts are ASCII, in
which a column of the tree is a position in the line. Everything here is a pure function of the text.
"""

import ast
import re

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LEAVES = (ast.expr_context, ast.operator, ast.cmpop, ast.unaryop, ast.boolop)


class Program:
    """`text` has no final line break. Raises SyntaxError (or ValueError) where it does not parse."""

    def __init__(self, text):
        self.text = text
        self.tree = ast.parse(text)
        self.lines = text.split("\n")
        self.starts = starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line) + 1)
        self._index()

    def _index(self):
        """One walk over the tree: the nodes that edits ask for, by kind, in no particular order."""
        self.names, self.constants, self.operators, self.comparisons = [], [], [], []
        self.calls, self.logic, self.nots, self.functions = [], [], [], []
        self.arguments, self.augmented, self.other_names = [], [], set()
        self.lists, self.binders, self.inside_strings = [], [], False
        self.blocks = []  # (the statement around it, its list of statements)
        by_type = {
            ast.Name: self.names, ast.Constant: self.constants, ast.BinOp: self.operators,
            ast.Compare: self.comparisons, ast.Call: self.calls, ast.BoolOp: self.logic,
            ast.arg: self.arguments, ast.AugAssign: self.augmented, ast.List: self.lists,
            ast.FunctionDef: self.functions,
        }  # fmt: skip
        self.blocks.append((self.tree, self.tree.body))
        stack = list(self.tree.body)
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind in by_type:
                by_type[kind].append(node)
            if kind is ast.Name or kind is ast.Constant:
                continue
            if kind is ast.JoinedStr:  # positions inside an f-string are not to be trusted
                self._names_of_format(node)
                continue
            if kind is ast.UnaryOp and type(node.op) is ast.Not:
                self.nots.append(node)
            elif kind is ast.Attribute:
                self.other_names.add(node.attr)
            elif kind is ast.keyword and node.arg:
                self.other_names.add(node.arg)
            elif kind in (ast.Global, ast.Nonlocal, ast.ExceptHandler, ast.ImportFrom, ast.Import,
                          ast.ClassDef, ast.MatchAs, ast.MatchStar):  # fmt: skip
                self.binders.append(node)
            for field in node._fields:
                value = getattr(node, field)
                if type(value) is list:
                    if value:
                        if isinstance(value[0], ast.stmt):
                            self.blocks.append((node, value))
                        stack.extend(item for item in value if isinstance(item, ast.AST)
                                     and not isinstance(item, _LEAVES))  # fmt: skip
                elif isinstance(value, ast.AST) and not isinstance(value, _LEAVES):
                    stack.append(value)

    def _names_of_format(self, node):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                self.other_names.add(inner.id)
                self.inside_strings = True

    def comments(self):
        return comments(self.text)

    # Positions.

    def start(self, node):
        return self.starts[node.lineno - 1] + node.col_offset

    def end(self, node):
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def source(self, node):
        return self.text[self.start(node) : self.end(node)]

    def one_line(self, node):
        return node.lineno == node.end_lineno

    def indent(self, node):
        """The white space in front of a statement."""
        return self.lines[node.lineno - 1][: node.col_offset]

    # Statements as whole lines.

    def first_line(self, statement):
        """Number, from 1, of the statement's first line, decorators included."""
        decorators = getattr(statement, "decorator_list", None)
        return decorators[0].lineno if decorators else statement.lineno

    def owns_lines(self, statement):
        """Whether nothing but the statement stands on its lines."""
        first, last = self.lines[self.first_line(statement) - 1], self.lines[statement.end_lineno - 1]
        tail = last[statement.end_col_offset :]
        return not first[: statement.col_offset].strip() and (not tail.strip() or tail.lstrip()[0] == "#")

    def block_lines(self, statements):
        """The lines of consecutive statements, from the first's first to the last's last."""
        return self.lines[self.first_line(statements[0]) - 1 : statements[-1].end_lineno]

    def replace_lines(self, first, last, lines):
        """A replacement that puts `lines` in the place of lines first..last (from 1, inclusive); an insertion
        in front of `first` where last is first - 1."""
        start = self.starts[first - 1]
        if last < first:
            if start > len(self.text):  # behind the last line
                return (len(self.text), len(self.text), "".join("\n" + line for line in lines))
            return (start, start, "".join(line + "\n" for line in lines))
        end = self.starts[last] - 1
        if lines:
            return (start, end, "\n".join(lines))
        if last < len(self.lines):
            return (start, end + 1, "")
        return (max(start - 1, 0), end, "")

    # Names.

    def function(self):
        """The function that the program is about: the last one at the top."""
        for statement in reversed(self.tree.body):
            if isinstance(statement, _FUNCTIONS):
                return statement
        return None

    def parameters(self, function):
        arguments = function.args
        every = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
        every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
        return [argument.arg for argument in every if argument.arg not in ("self", "cls")]

    def bound(self, function, line=None):
        """Parameters and local variables, in order of their appearance; those bound before `line` where it is given."""
        found = dict.fromkeys(self.parameters(function))
        first, last = function.lineno, line - 1 if line else function.end_lineno
        stores = [name for name in self.names if type(name.ctx) is ast.Store and first <= name.lineno <= last]
        for name in sorted(stores, key=lambda name: (name.lineno, name.col_offset)):
            found[name.id] = None
        return list(found)

    def docstring(self, function):
        """The docstring's statement, or None."""
        first = function.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(
            first.value.value, str
        ):
            return first
        return None


def replaced(text, replacements):
    """The text with the replacements made; they must not overlap."""
    for start, end, new in sorted(replacements, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def parsed(text):
    """The program, or None where the text does not parse."""
    try:
        return Program(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_COMMENT_OR_STRING = re.compile(
    r"""'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\#[^\n]*""", re.S
)


def comments(text):
    """The spans of comments in a text that parses."""
    return [match.span() for match in _COMMENT_OR_STRING.finditer(text) if match.group()[0] == "#"]


_PIECE = re.compile(r"[A-Za-z_]{1,4}|\d{1,2}|\s+|[^\w\s]{1,2}")


def estimated_tokens(text):
    """About how many tokens a byte-level BPE vocabulary of some 1,500 tokens makes of the text; every line costs one
    more, for its number."""
    return len(_PIECE.findall(text)) + text.count("\n") + 1
