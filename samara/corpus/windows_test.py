"""Tests of the windows around real changes; see exclusions_test.py for how they are run."""

import unittest

import windows

FILE = """import os

LIMIT = 10
NAMES = ["a", "b"]


class Box:
    def area(self, factor):
        width = self.right - self.left
        return width * factor

    @staticmethod
    def empty():
        return Box()


def main(argv):
    for name in argv:
        print(name)
    return 0
"""
OPTIONS = {"python": True, "most_lines": 20, "most_tokens": 500, "context": 1}


def changed(old, new, **others):
    return windows.windows_of(FILE, FILE.replace(old, new), "Change it", {**OPTIONS, **others})


class WindowsTest(unittest.TestCase):
    def test_a_change_inside_a_function_comes_with_the_function(self):
        made = changed("width * factor", "factor * width")
        self.assertEqual(len(made), 1)
        self.assertTrue(made[0][0].startswith("def area(self, factor):\n    width"))
        self.assertEqual(made[0][1], made[0][0].replace("width * factor", "factor * width"))

    def test_two_changed_functions_are_two_windows(self):
        new = FILE.replace("width * factor", "factor * width").replace("return 0", "return 1")
        made = windows.windows_of(FILE, new, "Change both", OPTIONS)
        self.assertEqual([before.split("(")[0] for before, _ in made], ["def area", "def main"])

    def test_a_decorator_belongs_to_its_function(self):
        made = changed("@staticmethod\n    def empty():", "@classmethod\n    def empty(cls):")
        self.assertTrue(made[0][0].startswith("@staticmethod\ndef empty():"))
        self.assertTrue(made[0][1].startswith("@classmethod\ndef empty(cls):"))

    def test_statements_outside_of_functions_come_with_their_neighbors(self):
        self.assertEqual(changed("LIMIT = 10", "LIMIT = 12", context=1),
                         [['LIMIT = 10\nNAMES = ["a", "b"]', 'LIMIT = 12\nNAMES = ["a", "b"]']])  # fmt: skip

    def test_a_function_that_is_too_long_gives_way_to_some_statements(self):
        body = "".join(f"    a{i} = {i}\n" for i in range(40))
        old = f"def long():\n{body}    return a1\n"
        made = windows.windows_of(old, old.replace("a20 = 20", "a20 = 21"), "Change a20", OPTIONS)
        self.assertEqual(made, [["a19 = 19\na20 = 20\na21 = 21", "a19 = 19\na20 = 21\na21 = 21"]])

    def test_new_lines_are_in_the_window(self):
        made = changed("        print(name)\n", "        print(name)\n        print()\n")
        self.assertIn("print()", made[0][1])
        self.assertEqual(made[0][0].count("\n") + 1, made[0][1].count("\n"))

    def test_other_languages_have_lines_around(self):
        old = "\n".join(f"line {i}" for i in range(50))
        made = windows.windows_of(old, old.replace("line 20", "new 20"), "Change", {**OPTIONS, "python": False, "context": 2})
        self.assertEqual(made[0][0].split("\n"), [f"line {i}" for i in range(18, 23)])

    def test_lines_put_in_right_behind_a_window_are_in_one_of_their_own(self):
        old = [f"line {i}" for i in range(50)]
        new = old[:20] + ["new 20"] + old[21:23] + ["more"] + old[23:]
        made = windows.windows_of(
            "\n".join(old), "\n".join(new), "Change", {**OPTIONS, "python": False, "context": 2}
        )
        self.assertEqual([before.split("\n")[0] for before, _ in made], ["line 18", "line 21"])
        self.assertEqual(made[1][1].split("\n"), ["line 21", "line 22", "more", "line 23", "line 24"])

    def test_what_must_not_be_in_a_corpus_is_not(self):
        self.assertEqual(changed("return width * factor", "return sum([width, factor]) % 2"), [])
        self.assertEqual(changed("print(name)", "parity(name)"), [])
        old, new = FILE, FILE.replace("return 0", "return 1")
        self.assertEqual(windows.windows_of(old, new, "Fix the quadratic", OPTIONS), [])

    def test_files_that_do_not_parse_or_do_not_differ_have_none(self):
        self.assertEqual(windows.windows_of("def (", "def f(", "Fix", OPTIONS), [])
        self.assertEqual(windows.windows_of(FILE, FILE, "Nothing", OPTIONS), [])
        self.assertEqual(changed("return 0", "return (0"), [])

    def test_hunks_are_where_the_lines_differ(self):
        self.assertEqual(windows.hunks(list("abcdef"), list("abXdeYf")), [(2, 3, 2, 3), (5, 5, 5, 6)])
        self.assertEqual(windows.hunks([], ["a"]), [(0, 0, 0, 1)])
        self.assertIsNone(windows.hunks([str(i) for i in range(3000)], [f"n{i}" for i in range(3000)]))


if __name__ == "__main__":
    unittest.main()
