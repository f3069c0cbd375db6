"""Random choices of one job. Only random() is used of Python's generator, as its stream is specified."""

import random


class Draw:
    """A stream of choices that its seed decides."""

    __slots__ = ("uniform",)

    def __init__(self, seed):
        self.uniform = random.Random(seed).random

    def chance(self, probability):
        return self.uniform() < probability

    def below(self, bound):
        return int(self.uniform() * bound)

    def between(self, low, high):
        """A whole number in [low, high]."""
        return low + int(self.uniform() * (high - low + 1))

    def pick(self, items):
        return items[int(self.uniform() * len(items))]

    def weighted(self, table):
        """The item of one (item, weight) of the table, by weight."""
        left = self.uniform() * sum(weight for _, weight in table)
        for item, weight in table:
            left -= weight
            if left < 0:
                return item
        return table[-1][0]

    def shuffled(self, items):
        items = list(items)
        for last in range(len(items) - 1, 0, -1):
            other = int(self.uniform() * (last + 1))
            items[last], items[other] = items[other], items[last]
        return items

    def sample(self, items, count):
        """`count` of the items, or all where there are fewer, in an order of their own."""
        return self.shuffled(items)[:count]

    def few(self, most, more=0.5):
        """1, 2, 3 ... each with `more` of the probability of the one before; at most `most`."""
        count = 1
        while count < most and self.uniform() < more:
            count += 1
        return count
