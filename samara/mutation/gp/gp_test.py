"""Tests of the edits without the sandbox; run by ctest as `python3 -m unittest gp_test` in this folder."""

import ast
import collections
import glob
import json
import os
import unittest
import warnings

import gp
import gp_names
import gp_source
from gp_source import Source

WALKER = '''\
def make_square(wc, left, bottom, right, top):
    # Four corners.
    j0 = wc.add_joint(left, bottom)
    j1 = wc.add_joint(left, top)
    return j0, j1


def make_walker():
    wc = walker_creator()
    corners = make_square(wc, 0, 0, 10, 10)
    for k in range(2):
        wc.add_muscle(corners[k], corners[(k + 1) % 2])  # a side
    wc.add_muscle(corners[0], corners[1], False, 5.0, -0.25)
    return wc.get_walker()
'''

# Programs that are awkward to edit as text. Every one compiles.
AWKWARD = {
    "empty": "",
    "comments only": "# one\n  # two\n",
    "no line break at the end": "x = 1\ny = x + 2",
    "tabs": "def f(a):\n\tb = a * 2\n\tif b > 3:\n\t\tb -= 1\n\treturn b\n",
    "crlf": "def f(a):\r\n    b = a * 2\r\n    if b > 3:\r\n        b -= 1\r\n    return b\r\n",
    "cr alone": "x = 1\ry = x * 2\rz = x - y\r",
    "one line": "x = 1; y = x + 2; z = y * 3\nif x: y = 1; z = 2;\n",
    "continuation": "x = 1 + \\\n    2 * \\\n  3\nif x: \\\n    y = x - 1\n",
    "decorators": "import functools\n@functools.lru_cache(maxsize=8)\n@staticmethod\ndef f(x): return x + 1\nclass C:\n    @property\n    def p(self):\n        return 1\n    q = 2\n",
    "f-string": "a = 3\nb = f'{a + 1:>{a * 2}} and {a!r}'\nc = 'x' f'{b}' 'y'\nd = a - 1\n",
    "walrus": "data = [1, 2]\nif (n := len(data)) > 1:\n    m = [y := 2, y ** 2]\nprint(f(x := 3) if n else -n)\n",
    "match": "def f(v):\n    match v:\n        case [1, x, *rest] if x > 2:\n            return x\n        case {'a': -1, **kw} | dict(kw) if kw:\n            y = 2\n        case _:\n            return -1\n    return y\n",
    "lambda": "f = lambda x, *a, k=2, **kw: (lambda y: x + y * k)\ng = sorted([3, 1], key=lambda v: -v)\n",
    "class": "class A(dict, metaclass=type):\n    '''Doc.'''\n    n: int = 3\n    def f(self, x=1, /, *, y=2) -> int:\n        return self.n + x * y\n",
    "async": "async def f(x):\n    async with x as y, x as z:\n        async for i in y:\n            await z(i + 1)\n    return [j async for j in x if j > 2]\n",
    "type hints": "from typing import List\ndef f(a: List[int], b: 'int | None' = None) -> List[int]:\n    c: int = 2\n    d: List[int]\n    return [a[0] + c]\n",
    "identifiers": "é = 1\nπ = 3.5\nname = é + π * 2  # ünï\nprint(name, 'ß' * 3, é)\n",
    "triple quotes": "def f():\n    '''Doc\n  of f.\n    '''\n    x = '''\n  keep\n\tthis''' + \"\"\"a\n b\"\"\"\n    if x:\n        y = [1,\n   2]  # odd\n    return x, y\n",
    "try": "try:\n    x = 1 / 2\nexcept (ValueError, TypeError) as e:\n    x = 2\nelse:\n    x += 1\nfinally:\n    del x\n",
    "loops": "for i in range(10):\n    if i % 2: continue\n    while i < 5:\n        i += 1\n        break\n    else:\n        i = 0\nelse:\n    i = 1\n",
    "glued": "x = 1if 2else 3\ny = [0for _ in()]\nz = 0x1for x\nw = not(x)or(y)\n",
    "generators": "s = sum(i * 2 for i in range(3))\nt = sum((i for i in range(3)), 4)\nu = {k: v for k, v in zip('ab', [1, 2])}\n",
    "yield": "def f():\n    x = yield 1\n    y = yield from f()\n    return (yield), x + y\n",
    "stars": "a, *b = [1, 2, 3]\nf(*b, **{'x': 1}, y=2)\nc = [*b, 1]\nd = {**{1: 2}, 3: 4}\nx[1:2, ::3] = 4\n",
    "scopes": "x = 1\ndef f():\n    global x\n    y = 2\n    def g():\n        nonlocal y\n        y = x\n        return y\n    return g\n",
    "powers": "x = -2 ** -3 ** 2\ny = (-2) ** 2 - -1\nz = (1 + 2) * (3 - 4) / -(5 % 6)\nw = 1 < 2 <= 3 != 4\nv = 1 .real + 2.5.real\n",
    "logic": "a = 1 and 2 or not 3 and (4 or 5)\nb = 1 not in [2] and a is not None # or\nc = (1\n  # and\n  and 2)\n",
    "numbers": "a = 0xff + 0b1 + 1_000 + 1e300 * 1e-300 + 1j\nb = 10 ** 20 + 123456789012345678901234567890\nc = -0.0 + 5.\n",
    "future": "'''Doc.'''\nfrom __future__ import annotations\nimport math as m, os.path\nx = m.pi * 2\n",
    "form feed": "x = 1\n\f\ndef f():\n    return x + 2\n",
    "semicolon after block": "def f():\n    x = 1;\n    y = 2 ; z = 3 # c\n    return x\n",
    "comment inside": "def f(a):\n# at the margin\n    b = (a +  # plus\n         2)\n      # deep\n    return b\n",
    "empty bodies": "class A: ...\ndef f(): pass\nif 1: pass\nelse: pass\n",
}  # fmt: skip


def setUpModule():
    warnings.simplefilter("ignore")  # the compiler has its doubts about some of the programs


def propose(source, arm, seed, donor=WALKER, rate=0.02, **extra):
    request = {"source": source, "donor": donor, "arm": arm, "seed": seed, "rate": rate, **extra}
    return gp.entry(json.dumps(request))


def proposals(source, arm, count=25, **options):
    """[(text, note)] of the seeds that gave a proposal."""
    results = (propose(source, arm, seed, **options) for seed in range(count))
    return [result[:2] for result in results if not isinstance(result, str)]


def shape(source):
    """The tree without names, values, operators and the signs of numbers."""
    kinds, stack = [], [ast.parse(source)]
    while stack:
        node = stack.pop()
        while isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant) and not isinstance(node.op, ast.Not):
            node = node.operand
        if not isinstance(node, (ast.operator, ast.cmpop, ast.boolop, ast.unaryop)):
            kinds.append(type(node).__name__)
        stack.extend(ast.iter_child_nodes(node))
    return kinds


def simple_statements(source):
    """How often each statement that contains no others occurs, however it is indented."""
    return collections.Counter(
        ast.dump(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and not isinstance(node, ast.Match)
    )


def corpus():
    """Some real programs, the same on every run: (name, text)."""
    paths = sorted(glob.glob("/usr/lib/python3.11/*.py"))[::7]
    for path in paths:
        if os.path.getsize(path) < 15000:
            with open(path, encoding="utf-8", newline="") as file:
                yield os.path.basename(path), file.read()


class EveryArmTest(unittest.TestCase):
    def check(self, name, source, seeds):
        before_shape, before_statements = shape(source), simple_statements(source)
        for arm in gp.ARMS:
            for seed in seeds:
                result = propose(source, arm, seed)
                if isinstance(result, str):
                    continue
                text, note, used_donor = result
                with self.subTest(name=name, arm=arm, seed=seed, note=note):
                    self.assertNotEqual(text, source)
                    compile(text, name, "exec", dont_inherit=True)
                    self.assertTrue(note)
                    self.assertEqual(used_donor, arm == "gp.crossover")
                    if arm in ("gp.node", "gp.swap", "gp.constant"):
                        self.assertEqual(shape(text), before_shape)
                    if arm == "gp.duplicate":
                        after = simple_statements(text)
                        self.assertFalse(before_statements - after)
                        self.assertLessEqual(set(after), set(before_statements))

    def test_awkward_programs_give_programs_that_compile(self):
        for name, source in AWKWARD.items():
            compile(source, name, "exec", dont_inherit=True)
            self.check(name, source, range(12))

    def test_real_programs_give_programs_that_compile(self):
        for name, source in corpus():
            self.check(name, source, range(2))

    def test_awkward_donors_fit_in(self):
        for name, donor in AWKWARD.items():
            for seed in range(12):
                result = propose(WALKER, "gp.crossover", seed, donor=donor)
                if not isinstance(result, str):
                    with self.subTest(name=name, seed=seed, note=result[1]):
                        compile(result[0], name, "exec", dont_inherit=True)

    def test_hostile_text_is_no_proposal(self):
        hostile = ["x = (", "\0", "x = 1\0", "\ufeff(", "\ud800", "if x:\n  y\n z", "(" * 3000 + ")" * 3000, "x = " + "-" * 20000 + "1"]
        for source in hostile:
            for arm in gp.ARMS:
                self.assertIsInstance(propose(source, arm, 1), str, source[:20])

    def test_proposals_repeat_whatever_was_asked_before(self):
        first = {}
        for order in (1, -1):
            for name in sorted(AWKWARD)[::order]:
                for arm in list(gp.ARMS)[::order]:
                    result = propose(AWKWARD[name], arm, 5)
                    self.assertEqual(first.setdefault((name, arm), result), result)

    def test_every_arm_finds_something_in_a_walker(self):
        for arm in gp.ARMS:
            self.assertGreater(len(proposals(WALKER, arm)), 20, arm)


class LocalEditsTest(unittest.TestCase):
    def test_an_edit_of_one_node_leaves_the_other_lines_alone(self):
        for name, source in AWKWARD.items():
            for arm in ("gp.swap", "gp.expression"):
                for text, note in proposals(source, arm, 8):
                    if name != "triple quotes":  # whose lines a swapped string brings along
                        old, new = source.split("\n"), text.split("\n")
                        self.assertEqual(len(old), len(new), note)
                        self.assertLessEqual(sum(a != b for a, b in zip(old, new)), 3, (name, note))

    def test_comments_survive_what_is_added(self):
        for arm in ("gp.constant", "gp.duplicate", "gp.grow", "gp.node", "gp.expression"):
            for text, note in proposals(WALKER, arm):
                self.assertIn("# Four corners.", text, note)
                self.assertIn("# a side", text, note)

    def test_line_breaks_stay_those_of_the_program(self):
        for arm in gp.ARMS:
            for text, note in proposals(AWKWARD["crlf"], arm, 10):
                self.assertEqual(text.count("\n"), text.count("\r\n"), note)


class ConstantTest(unittest.TestCase):
    def test_integers_stay_integers_and_always_change(self):
        draw = gp.Draw(1)
        for value in (0, 1, -1, 7, -10, 10**6, 2**52):
            for _ in range(200):
                changed = gp.perturb(value, draw)
                self.assertIs(type(changed), int)
                self.assertNotEqual(changed, value)

    def test_floats_stay_finite_floats_and_always_change(self):
        draw = gp.Draw(1)
        for value in (0.0, 1.0, -0.25, 1e-9, 123.456):
            for _ in range(200):
                changed = gp.perturb(value, draw)
                self.assertIs(type(changed), float)
                self.assertNotEqual(changed, value)
                self.assertLess(abs(changed), 1e6)

    def test_the_sign_belongs_to_the_number(self):
        for text, _ in proposals("x = -5\n", "gp.constant", 60):
            self.assertNotIn("--", text)

    def test_a_negative_number_keeps_its_place_in_a_power(self):
        for text, _ in proposals("x = 2 ** 2\n", "gp.constant", 60):
            self.assertEqual(shape(text), shape("x = 2 ** 2\n"), text)


class SwapTest(unittest.TestCase):
    def test_operators_change_but_the_tree_does_not(self):
        source = "y = (a + b) * c - d ** e / f\nz = a and b or c and (d or e)\n"
        texts = [text for text, _ in proposals(source, "gp.node", 300, rate=0.0)]
        for text in texts:
            self.assertEqual(shape(text), shape(source), text)
        self.assertTrue(any("and (b or c)" in t or "(a or b)" in t for t in texts))

    def test_names_are_swapped_for_names_of_their_kind(self):
        for text, note in proposals(WALKER, "gp.swap", 200):
            self.assertNotIn("add_joint(wc", text, note)
            self.assertNotIn("add_joint(j", text, note)

    def test_extra_names_are_terminals_where_variables_stand(self):
        source = "def f(a, b):\n    return g(a) + b * 2\n"
        for arm in ("gp.node", "gp.swap", "gp.expression"):
            texts = [text for text, _ in proposals(source, arm, 200, names=["c1", "c2"])]
            for name in ("c1", "c2"):
                self.assertTrue(any(name in text for text in texts), (arm, name))
            self.assertFalse(any("c1(" in text or "def f(c" in text for text in texts), arm)
            self.assertFalse(any("c1" in text for text, _ in proposals(source, arm, 200)), arm)

    def test_parameters_that_nobody_reads_are_terminals_on_request(self):
        source = "def f(a, *, unread, **rest):\n    def g(inner=1):\n        return a + d\n    return g\n"
        for parameters in (True, False):
            notes = {note for _, note in proposals(source, "gp.node", 200, rate=0.0, parameters=parameters)}
            for name in ("unread", "rest", "inner"):
                self.assertEqual(f"d -> {name} on line 3" in notes, parameters, name)

    def test_truth_values_flip(self):
        self.assertEqual({text for text, _ in proposals("x = True\n", "gp.swap")}, {"x = False\n"})


class StatementTest(unittest.TestCase):
    def test_the_last_statement_of_a_block_leaves_pass(self):
        source = "for i in range(3):\n    f(i)  # why\n"
        self.assertIn("for i in range(3):\n    pass  # why\n", [text for text, _ in proposals(source, "gp.delete")])

    def test_grown_statements_bind_names_of_their_own(self):
        texts = [text for text, _ in proposals("a1 = f(1)\ng(a1)\n", "gp.grow", 60)]
        self.assertTrue(any("a2 = f(" in text for text in texts))
        for text in texts:
            self.assertEqual(text.count("a1 = "), 1, text)

    def test_deleting_spares_what_is_needed(self):
        kept = sum("j0 = " in text for text, _ in proposals(WALKER, "gp.delete", 100))
        self.assertGreater(kept, 85)

    def test_a_new_value_is_read_as_the_original_is(self):
        source = "def f():\n    a1 = g(1)\n    use(a1, 2)\n"
        texts = [text for text, _ in proposals(source, "gp.grow", 60)]
        self.assertTrue(any("a2 = g(" in text and "use(a2, " in text for text in texts))

    def test_lists_grow_but_unpacked_ones_do_not(self):
        texts = [text for text, _ in proposals("a, b = (1, 2)\nc = [3, 4]\n", "gp.insert", 60)]
        self.assertTrue(any("[3, 4, " in text for text in texts))
        self.assertFalse(any("(1, 2, " in text for text in texts))

    def test_strings_of_several_lines_are_moved_as_they_are(self):
        source = "x = '''\n  two\n four'''\nif x:\n    y = 1\n"
        lines = gp.Fragment(Source(source), [ast.parse(source).body[0]]).lines(b"\n", b"        ")
        self.assertEqual(lines, b"        x = '''\n  two\n four'''\n")

    def test_moving_between_blocks_indents_anew(self):
        source = "if a:\n  if b:\n    c(1)\n"
        inner = Source(source).tree.body[0].body[0]
        self.assertEqual(gp.Fragment(Source(source), [inner]).lines(b"\r\n", b"\t"), b"\tif b:\r\n\t  c(1)\r\n")

    def test_crossover_renames_what_the_parent_does_not_know(self):
        parent = "def f():\n    n = 3\n    return n\n"
        donor = "def g():\n    count = 5\n    use(count)\n"
        texts = [text for text, _ in proposals(parent, "gp.crossover", 60, donor=donor)]
        self.assertTrue(any("use(n)" in text for text in texts))

    def test_a_function_of_the_same_name_is_taken_over_whole(self):
        texts = [text for text, _ in proposals("def f():\n    return 1\n\nx = 1\n", "gp.crossover", 60, donor="def f():\n    return 2 + 3\n")]
        self.assertIn("def f():\n    return 2 + 3\n\nx = 1\n", texts)


class NamesTest(unittest.TestCase):
    def kinds(self, source):
        parsed = Source(source)
        kinds = gp_names.Kinds(parsed)
        return lambda name: kinds.of_name(name, parsed.uses[-1].scope)

    def test_kinds_follow_assignments_and_calls(self):
        kind = self.kinds("def f(p):\n    q = p * 2\n    r = g(q)\n    s, t = 'a', [r]\n    return q\nf(1.5)\n")
        self.assertEqual(kind("f"), gp_names.CALLABLE)
        inner = self.kinds("def f(p):\n    q = p * 2\n    r = g(q)\n    s, t = 'a', [r]\n    return q")
        self.assertEqual([inner(n) for n in "pqrst"], ["number", "number", "result of g", "string", "list"])

    def test_a_name_counts_from_its_first_binding_on(self):
        source = "def f(a):\n    g(a)\n    b = 1\n    g(b)\nc = 2\n"
        parsed = Source(source)
        scope = parsed.uses[0].scope
        self.assertEqual(list(gp_names.visible(scope, source.index("g(a)"))), ["a", "f", "c"])
        self.assertEqual(list(gp_names.visible(scope, source.index("g(b)"))), ["a", "b", "f", "c"])

    def test_positions_are_those_of_the_bytes(self):
        source = "é = 'ü'; ñ = é\n"
        for use in Source(source).uses:
            self.assertEqual(source.encode()[use.offset :][: len(use.name.encode())].decode(), use.name)


class ApplyEditsTest(unittest.TestCase):
    def test_words_do_not_grow_together(self):
        self.assertEqual(gp_source.apply_edits(b"x = 1if y else 2", [(4, 5, b"ab")]), b"x = ab if y else 2")

    def test_what_is_inserted_stands_before_what_is_replaced(self):
        self.assertEqual(gp_source.apply_edits(b"a+b", [(0, 1, b"x"), (0, 0, b"("), (1, 1, b")")]), b"(x)+b")


if __name__ == "__main__":
    unittest.main()
