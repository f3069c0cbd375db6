"""Tests of the extraction of functions; see exclusions_test.py for how they are run."""

import ast
import glob
import unittest
import warnings

import exclusions
import functions

SOURCE = '''
import os

class Box:
    @property
    def width(self):
        """Width of the box.

        It is measured in pixels, and this paragraph is long.
        """
        left = self.left  # where it begins
        # The right side:
        right = self.right
        return right - left

def tiny(): return 1

def uses_string():
    text = """one
two"""
    value = len(text)
    return value

def umlaut(a):
    b = "\u00e4"
    c = a + b
    return c

def parity_of(a):
    b = a
    c = b
    return c

def with_hash(a):
    b = "# not a comment"
    c = b + a  # one
    return c
'''


def standard_library(limit):
    files = sorted(glob.glob("/usr/lib/python3*/*.py"))[:limit]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in files:
            with open(path, encoding="utf-8", errors="replace") as file:
                yield from functions.functions_of(file.read())


class FunctionsTest(unittest.TestCase):
    def texts(self, source):
        return {name: text for text, name, _, _ in functions.functions_of(source)}

    def test_functions_are_reduced_to_code_at_the_left_margin(self):
        text = self.texts(SOURCE)["width"]
        self.assertTrue(text.startswith("def width(self):\n"))
        self.assertNotIn("pixels", text)
        self.assertNotIn("property", text)
        self.assertIn("\n    return right - left", text)

    def test_what_a_small_model_cannot_use_is_left_out(self):
        self.assertEqual(set(self.texts(SOURCE)), {"width", "with_hash"})

    def test_a_hash_inside_a_string_is_no_comment(self):
        self.assertIn('"# not a comment"', self.texts(SOURCE)["with_hash"])

    def test_broken_sources_have_no_functions(self):
        for source in ("def f(:\n  pass", "\0", "(" * 5000):
            self.assertEqual(functions.functions_of(source), [])

    def test_names_and_methods_are_those_of_the_function(self):
        source = "def f(a, *b, c=1, **d):\n    e = a.get(c)\n    for g in b:\n        e.append(g)\n    return e\n"
        _, name, bound, methods = functions.functions_of(source)[0]
        self.assertEqual(name, "f")
        self.assertEqual(set(bound), {"a", "b", "c", "d", "e", "g"})
        self.assertEqual(methods, ["append", "get"])

    def test_every_function_of_the_standard_library_keeps_the_rules(self):
        count = docstrings = 0
        for text, name, _, _ in standard_library(60):
            lines = text.split("\n")
            self.assertTrue(3 <= len(lines) <= 40 and text.isascii() and "\t" not in text, text)
            self.assertLessEqual(max(map(len, lines)), 110)
            function = ast.parse(text).body[0]
            self.assertEqual(function.name, name)
            self.assertFalse(exclusions.excluded(text))
            count += 1
            docstrings += ast.get_docstring(function) is not None
        self.assertGreater(count, 500)
        self.assertGreater(docstrings, count // 20)


if __name__ == "__main__":
    unittest.main()
