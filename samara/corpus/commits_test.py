"""Tests of whole examples, by the thousand; see exclusions_test.py for how they are run."""

import ast
import collections
import itertools
import random
import re
import unittest
import warnings

import bugs
import builders
import commits
import described
import messages
import program
import rewriting
import statements
import synthesis
import tidying
import values
from draw import Draw
from functions_test import standard_library

OPTIONS = {"slips": True, "most_lines": 60}
EDITS = [
    edit
    for module in (values, statements, rewriting, tidying)
    for name, edit in sorted(vars(module).items())
    if callable(edit) and not name.startswith("_") and getattr(edit, "__code__", None)
    and edit.__code__.co_varnames[: edit.__code__.co_argcount] == ("draw", "program", "function")
]  # fmt: skip
WRITERS = (synthesis.random_function, described.described_function, builders.builder_function, builders.two_functions)


def parses(text):
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


class Corpus:
    """A few thousand examples, made once."""

    made = None

    @classmethod
    def get(cls):
        if cls.made is None:
            real = [text for text, *_ in standard_library(40)]
            choice = random.Random(5)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                cls.made = [
                    commits.example(
                        seed, choice.choice(real) if seed % 2 else None, short, 110 if short else 350, OPTIONS
                    )
                    for seed in range(3000)
                    for short in [seed % 4 < 2]
                ]
        return cls.made


def grows_like_a_quadratic(expression, variable, others, choice):
    """Whether the expression, evaluated, is a polynomial of degree 2 in the variable with a linear term: third
    differences vanish, second ones do not, and it is not the same at x and -x."""
    code = compile(ast.Expression(expression), "<expression>", "eval")
    names = {name: choice.randint(3, 9) + 0.5 for name in others}

    def at(x):
        return eval(code, {"__builtins__": {"pow": pow, "abs": abs, "float": float}}, {**names, variable: x})

    try:
        y = [at(10.0 + 1736.6 * step) for step in range(12)]  # far enough apart that a remainder is no line
        asymmetry = at(7.0) - at(-7.0)
        differences = y
        for _ in range(2):
            differences = [b - a for a, b in itertools.pairwise(differences)]
        third = [b - a for a, b in itertools.pairwise(differences)]
        curved = abs(differences[0])
        return curved > 1e-6 and max(map(abs, third)) < 1e-9 * curved and abs(asymmetry) > 1e-6
    except (ArithmeticError, TypeError, ValueError, NameError, AttributeError):
        return False


class ExamplesTest(unittest.TestCase):
    def test_every_example_parses_before_and_after_and_changes_something(self):
        for example in Corpus.get():
            before, message, after, kind = example
            self.assertNotEqual(before, after)
            self.assertTrue(parses(before) and parses(after), after)
            self.assertTrue(message and message.isascii() and "\n" not in message, message)
            for text in (before, after):
                self.assertTrue(text.isascii() and not text.endswith("\n") and text.count("\n") < 60)

    def test_short_examples_are_short(self):
        for seed, (before, message, after, _) in enumerate(Corpus.get()):
            most = 110 if seed % 4 < 2 else 350
            self.assertLessEqual(program.estimated_tokens(before) + program.estimated_tokens(message), most)

    def test_an_example_is_a_function_of_its_seed(self):
        for seed in range(30):
            self.assertEqual(
                commits.example(seed, None, True, 110, OPTIONS), commits.example(seed, None, True, 110, OPTIONS)
            )

    def test_most_messages_have_one_of_the_fixed_forms(self):
        forms = collections.Counter(
            re.sub(r"(in|to|Changed) \w+ function", r"\1 X function", message) for _, message, _, _ in Corpus.get()
        )
        fixed = [forms[form.format(name="X")] for form in (
            messages.CHANGED, messages.CHANGED_PARAMETERS, messages.SMALL_CHANGE, messages.FIXED_BUGS
        )]  # fmt: skip
        self.assertGreater(sum(fixed), len(Corpus.get()) / 2)
        self.assertGreater(min(fixed), len(Corpus.get()) / 30)
        self.assertGreater(len(forms), 200)

    def test_every_kind_of_change_occurs(self):
        kinds = {kind for _, _, _, kind in Corpus.get()}
        self.assertGreater(len(kinds), 30)

    def test_no_example_is_a_quadratic(self):
        """Looks with numbers where exclusions.py looks at the form."""
        choice = random.Random(1)
        looked = 0
        for before, _, after, _ in Corpus.get():
            for node in itertools.chain(ast.walk(ast.parse(before)), ast.walk(ast.parse(after))):
                if not isinstance(node, ast.BinOp):
                    continue
                names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - {"pow", "abs", "float"}
                allowed = (ast.BinOp, ast.UnaryOp, ast.Name, ast.Constant, ast.Call, ast.operator, ast.unaryop, ast.Load)
                if not names or not all(isinstance(part, allowed) for part in ast.walk(node)):
                    continue
                for name in names:
                    looked += 1
                    self.assertFalse(
                        grows_like_a_quadratic(node, name, names - {name}, choice), ast.unparse(node)
                    )
        self.assertGreater(looked, 1000)

    def test_no_example_is_a_parity_or_of_the_domain(self):
        for before, message, after, _ in Corpus.get():
            for text in (before, message, after):
                self.assertNotRegex(text.lower(), r"parit|quadratic|polynom|walker|muscle|sodarac|add_joint")
                self.assertNotRegex(text, r"\bsum\(.*\)\s*%\s*[23]\b|\bsum\(.*\)\s*&\s*1\b|\.count\(.*\)\s*%\s*2\b|\^=|\^.*\^")

    def test_what_the_excluded_tasks_are_written_with_occurs_otherwise(self):
        texts = [after for _, _, after, _ in Corpus.get()]
        for word in ("pow(", " % ", "sum([", "sum(", "return ", "for ", "lambda ", "if ", '"""'):
            self.assertGreater(sum(word in text for text in texts), 5, word)

    def test_without_slips_no_name_is_nearly_another(self):
        """Wrong names of such fixes are bound ones or have nothing to do with the right ones."""
        near = {True: 0, False: 0}
        for slips in near:
            for seed in range(400):
                before, _, after, kind = commits.example(seed, None, True, 110, {"slips": slips, "most_lines": 60})
                if kind == "bugs":
                    old, new = set(re.findall(r"\w+", before)), set(re.findall(r"\w+", after))
                    near[slips] += any(
                        len(a) > 3 and len(a) == len(b) and sum(x != y for x, y in zip(a, b)) == 1
                        for a in old - new if not a.isdigit() for b in new
                    )  # fmt: skip
        self.assertGreater(near[True], 10)
        self.assertLess(near[False], near[True] / 4)


class EditsTest(unittest.TestCase):
    def programs(self):
        for seed in range(60):
            yield WRITERS[seed % len(WRITERS)](Draw(seed), seed % 3 == 0)

    def test_every_edit_makes_programs_that_parse_and_leaves_other_lines_alone(self):
        self.assertGreater(len(EDITS), 35)
        done = collections.Counter()
        for number, text in enumerate(self.programs()):
            parsed = program.Program(text)
            for edit in EDITS:
                for seed in range(3):
                    change = edit(Draw(1000 * number + seed), parsed, parsed.function())
                    if change is None:
                        continue
                    done[edit.__name__] += 1
                    self.assertTrue(parses(change.before), f"{edit.__name__}\n{text}\n---\n{change.before}")
                    self.assertTrue(parses(change.after), f"{edit.__name__}\n{text}\n---\n{change.after}")
                    self.assertIn(change.kind, messages.kinds())
                    self.assertIn(text, (change.before, change.after) if "loop" not in edit.__name__
                                  and edit is not rewriting.unroll else (text,))  # fmt: skip
        for edit in EDITS:
            self.assertGreater(done[edit.__name__], 0, edit.__name__)

    def test_every_kind_has_a_message_whatever_its_facts_are(self):
        draw = Draw(3)
        for kind in messages.kinds():
            for _ in range(20):
                self.assertNotIn("{", messages.free(draw, "area", kind, {}))

    def test_renaming_keeps_the_meaning(self):
        text = "def f(a, b=2):\n    c = a * b\n    for d in range(c):\n        c += d\n    return [c for e in range(a)]"
        parsed = program.Program(text)
        for seed in range(20):
            change = rewriting.rename(Draw(seed), parsed, parsed.function())
            self.assertEqual(run(change.after, "f", 3), run(text, "f", 3))

    def test_deleting_and_moving_mostly_keep_definitions_before_their_uses(self):
        text = "def f(a):\n    b = a\n    c = b\n    d = c\n    a.g(1)\n    return d"
        parsed = program.Program(text)
        good = bad = 0
        for seed in range(300):
            for edit in (statements.delete, statements.move, statements.swap):
                change = edit(Draw(seed), parsed, parsed.function())
                if change is not None:
                    kept = statements.keeps_definitions(parsed, parsed.function(), change.after)
                    good, bad = good + kept, bad + (not kept)
        self.assertGreater(good, 10 * bad / 3)
        self.assertGreater(bad, 0)
        self.assertFalse(statements.keeps_definitions(parsed, parsed.function(), text.replace("    b = a\n", "")))
        self.assertTrue(statements.keeps_definitions(parsed, parsed.function(), text.replace("    a.g(1)\n", "")))

    def test_loops_do_what_the_repeated_lines_did(self):
        text = "def f(log):\n    log.add(3, 1)\n    return log.total"
        parsed = program.Program(text)
        for seed in range(40):
            change = rewriting.loop(Draw(seed), parsed, parsed.function())
            self.assertEqual(run(change.before, "f", Log()), run(change.after, "f", Log()), change.after)

    def test_extracting_and_introducing_keep_the_meaning(self):
        text = "def f(a, b):\n    c = a + b\n    d = c * a - 1\n    e = max(c, d) + len(str(d))\n    return e + c"
        parsed = program.Program(text)
        tried = 0
        for edit in (
            rewriting.extract_expression, rewriting.extract_statements, rewriting.introduce_variable,
            rewriting.add_parameter, rewriting.mirror_comparison, tidying.remove_dead_code, tidying.add_comment,
        ):  # fmt: skip
            for seed in range(15):
                change = edit(Draw(seed), parsed, parsed.function())
                if edit is rewriting.add_parameter and change is not None and "=" not in change.after.split(":")[0]:
                    continue  # without a default the callers change too
                if change is not None and " = None" not in change.before and "= 0" not in change.before:
                    tried += 1
                    self.assertEqual(run(change.after, "f", 3, 4), run(change.before, "f", 3, 4), change.after)
        self.assertGreater(tried, 40)

    def test_comprehensions_and_loops_are_the_same(self):
        text = "def f(v):\n    w = [x * 2 for x in v if x > 1]\n    return w"
        parsed = program.Program(text)
        change = rewriting.comprehension_to_loop(Draw(1), parsed, parsed.function())
        self.assertEqual(run(change.after, "f", [1, 2, 3]), [4, 6])

    def test_fixes_have_as_many_bugs_as_are_asked_for_where_there_is_room(self):
        text = "def f(a, b, c, d):\n    total = sum([a, b, c, d])\n    return total * 3 - a"
        parsed = program.Program(text)
        numbers_of_bugs = set()
        for count in range(1, 6):
            for seed in range(20):
                before, made = bugs.with_bugs(Draw(seed), parsed, parsed.function(), count, True)
                self.assertTrue(1 <= len(made) <= (3 if count == 2 else count))
                numbers_of_bugs.add((count, len(made)))
                self.assertNotEqual(before, text)
                self.assertEqual(before.count("\n"), text.count("\n"))
        self.assertIn((2, 3), numbers_of_bugs, "a wrong number beside two wrong names")


class SynthesisTest(unittest.TestCase):
    def test_synthesized_functions_parse(self):
        for seed in range(600):
            text = WRITERS[seed % len(WRITERS)](Draw(seed), seed % 3 == 0)
            self.assertTrue(parses(text), text)

    def test_docstrings_are_true_where_that_is_easily_told(self):
        facts = {
            "Return the sum of the items.": lambda v: (sum(v),),
            "Return the largest item.": lambda v: (max(v),),
            "Return the items in reverse order.": lambda v: (v[::-1],),
            "Return the sum of the squares of the items.": lambda v: (sum(x * x for x in v),),
            "Multiply all items.": lambda v: (v[0] * v[1] * v[2] * v[3],),
        }
        checked = collections.Counter()
        for seed in range(3000):
            text = described.described_function(Draw(seed), True)
            function = ast.parse(text).body[0]
            words = ast.get_docstring(function)
            if words in facts and len(function.args.args) == 1 and "print" not in text:
                items = [5, 2, 9, 4]
                self.assertEqual((run(text, function.name, items),), facts[words](items), text)
                checked[words] += 1
        self.assertEqual(set(checked), set(facts))


class Log:
    """Remembers what is added to it, in order."""

    def __init__(self):
        self.total = []

    def add(self, *numbers):
        self.total.append(numbers)


def run(text, name, *arguments):
    names = {}
    exec(compile(text, "<program>", "exec"), names)
    return names[name](*arguments)


if __name__ == "__main__":
    unittest.main()
