"""Tests of which variables are used alike; run by ctest as `python3 -m unittest discover` in this folder."""

import unittest

import likeness
from draw import Draw
from program import Program

TEXT = """def build(kit, width):
    a = kit.post(0, 0)
    b = kit.post(width, 0)
    step = width * 2
    label = "bench"
    kit.join(a, b, step)
    return label"""


class LikenessTest(unittest.TestCase):
    def setUp(self):
        self.program = Program(TEXT)
        self.function = self.program.function()

    def test_what_is_made_or_used_in_one_way_is_alike(self):
        signs = likeness.uses(self.program, self.function)
        for one, other in (("a", "b"), ("width", "step")):
            self.assertTrue(signs[one] & signs[other], (one, other))
        for one, other in (("a", "step"), ("kit", "a"), ("label", "width"), ("label", "a")):
            self.assertFalse(signs[one] & signs[other], (one, other))

    def test_a_variable_is_mostly_taken_for_one_like_it(self):
        known = self.program.bound(self.function)
        drawn = [likeness.another(Draw(seed), self.program, self.function, known, "a") for seed in range(400)]
        self.assertGreater(drawn.count("b"), 300)
        self.assertEqual(set(drawn), set(known))

    def test_where_nothing_is_like_it_any_is_taken(self):
        known = self.program.bound(self.function)
        drawn = {likeness.another(Draw(seed), self.program, self.function, known, "label") for seed in range(200)}
        self.assertEqual(drawn, set(known))


if __name__ == "__main__":
    unittest.main()
