"""Tests of what is kept out of corpora; run by ctest as `python3 -m unittest discover` in this folder."""

import ast
import unittest

import exclusions

QUADRATICS = [
    "y = a*x*x + b*x + c",
    "y = a * x ** 2 + b * x + c",
    "return_value = a*pow(x,2)+b*x+c",
    "y = a*pow(x, 2) - b*x - c",
    "y = c + k * t + m * t * t",
    "y = (a * x + b) * x + c",
    "y = x * (x + 1)",
    "y = pow(first - second, 2)",
    "y = math.pow(u, 2) + u",
    "y = self.a * self.a + self.a",
    "y = v[0] * v[0] - v[0]",
    "y = a * float(x) ** 2 + x",
    "f = lambda p, q, r, z: p * z * z + q * z + r",
]
PARITIES = [
    "y = sum([a, b, c, d]) % 2",
    "y = sum(bits) % 3",
    "y = sum(bits) % n",
    "y = (a ^ b) % 2",
    "y = sum(bits) & 1",
    "total = sum(bits)\ny = total % 2",
    "ones = 0\nfor bit in bits:\n    ones += bit\ny = ones % 2",
    "y = (a + b + c + d) % 2",
    "y = bits.count(1) % 2",
    "y = text.count('1') % 2",
    "y = a ^ b ^ c ^ d",
    "y = 0\nfor bit in bits:\n    y ^= bit",
    "y = functools.reduce(operator.xor, bits)",
    "quotient, rest = divmod(sum(bits), 2)",
    "y = sum(x > 0 for x in bits) % 2 == 0",
]
WORDS = [
    "def parity(a): return a",
    "def check_parity_bit(a): return a",
    "def quadraticForm(a): return a",
    "def f(a):\n    '''Return a polynomial.'''",
    "walker_creator()",
    "wc.add_muscle(a, b)",
    "make_walker()",
    "x.add_joint(0, 0)",
    "SODARACE = 1",
    "def xor_sum(a): return a",
    "# counts modulo 2",
]
USUAL = [
    "y = pow(x, 2)",
    "y = pow(x, 3) + x",
    "y = a % b",
    "if n % 2 == 0: pass",
    "y = sum(values)",
    "y = sum(values) / len(values)",
    "y = sum(v * v for v in values)",
    "y = a * x + b",
    "y = a * a + b * b",
    "place = (place + 1) % size",
    "check = sum(digits) % 10",
    "total = sum(digits)\ncheck = total % 11",
    "y = (a + b + c) % 7",
    "'%d of %d' % (a + b, c)",
    "'%s' % sum(a)",
    "y = a ^ b",
    "def isdisjoint(a): pass",
    "os.walk(path)",
    "mode = model.mod",
]


class ExclusionsTest(unittest.TestCase):
    def tearDown(self):
        exclusions.forget_held_out()

    def test_quadratics_in_any_form_and_names_are_excluded(self):
        for text in QUADRATICS:
            self.assertTrue(exclusions.excluded(text), text)

    def test_parities_in_any_form_and_names_are_excluded(self):
        for text in PARITIES:
            self.assertTrue(exclusions.excluded(text), text)

    def test_words_of_the_domains_are_excluded_also_inside_of_names(self):
        for text in WORDS:
            self.assertTrue(exclusions.excluded(text), text)

    def test_other_uses_of_the_same_operators_stay(self):
        for text in USUAL:
            self.assertFalse(exclusions.excluded(text), text)

    def test_a_tree_at_hand_gives_the_same_answer(self):
        for text in QUADRATICS + PARITIES + WORDS + USUAL:
            self.assertEqual(exclusions.excluded(text), exclusions.excluded(text, ast.parse(text)), text)

    def test_a_text_that_does_not_parse_is_judged_by_its_words(self):
        self.assertTrue(exclusions.excluded("def parity(:"))
        self.assertFalse(exclusions.excluded("def other(a:\n    return sum(a) % 2"))

    def test_held_out_functions_are_excluded_by_name_and_by_body(self):
        held_out = 'def depth_of(items):\n    """Doc."""\n    most = 0\n    for item in items:\n        most = max(most, item)\n    return most\n'
        renamed = "def g(a):\n    b = 0\n    for c in a:\n        b = max(b, c)\n    return b"
        other = "def g(a):\n    b = 0\n    for c in a:\n        b = min(b, c)\n    return b"
        crossed = "def g(a):\n    b = 0\n    for c in a:\n        b = max(c, b)\n    return b"
        same_name = "def DepthOf(x):\n    return 1"
        inside = "class C:\n    def m(self):\n        pass\n    " + renamed.replace("\n", "\n    ")
        for text in (renamed, same_name, inside):
            self.assertFalse(exclusions.excluded(text), text)
        exclusions.set_held_out([held_out])
        for text in (held_out, renamed, same_name, inside):
            self.assertTrue(exclusions.excluded(text), text)
        for text in (other, crossed):
            self.assertFalse(exclusions.excluded(text), text)


if __name__ == "__main__":
    unittest.main()
