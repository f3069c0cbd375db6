"""Held-out functions that call themselves or keep a stack. make_tasks.py says how an entry is read."""

TASKS = [
    (
        '''
def nested_sum(items):
    """Add up all numbers in lists within lists."""
    total = 0
    for item in items:
        if isinstance(item, list):
            total += nested_sum(item)
        else:
            total += item
    return total
''',
        [
            ("nested_sum(item)", "len(item)"),
            ("total += item", "total -= item"),
            ("total = 0", "total = 1"),
            ("if isinstance", "if not isinstance"),
            ("return total", "return items"),
        ],
        [([1, [2, 3]],), ([[[4]], 5],), ([],), ([[1, [1, [1]]], -1],)],
    ),
    (
        '''
def depth(items):
    """Return how deep lists are nested: 1 for a flat list."""
    deepest = 0
    for item in items:
        if isinstance(item, list):
            deepest = max(deepest, depth(item))
    return deepest + 1
''',
        [
            ("deepest + 1", "deepest + 2"),
            ("max(deepest", "min(deepest"),
            ("depth(item))", "len(item))"),
            ("deepest = 0", "deepest = 3"),
            ("isinstance(item, list)", "isinstance(item, int)"),
        ],
        [([],), ([1, 2],), ([[1, 2, 3, 4], 2],), ([1, [2, [3, 4, 5]]],), ([[], [[[]]]],)],
    ),
    (
        '''
def power(base, exponent):
    """Raise a number to a whole exponent from 0 on by repeated squaring."""
    if exponent == 0:
        return 1
    half = power(base, exponent // 2)
    if exponent % 2 == 1:
        return half * half * base
    return half * half
''',
        [
            ("return 1", "return 0"),
            ("exponent // 2", "exponent // 3"),
            ("half * half * base", "half * half + base"),
            ("exponent % 2 == 1", "exponent % 2 == 0"),
            ("half * half\n", "half + half\n"),
        ],
        [(2, 10), (3, 3), (5, 0), (7, 1), (10, 6)],
    ),
    (
        '''
def balanced(text):
    """Whether the round and square brackets of a text are closed in the right order."""
    partner = {")": "(", "]": "["}
    stack = []
    for letter in text:
        if letter in "([":
            stack.append(letter)
        elif letter in partner:
            if not stack or stack.pop() != partner[letter]:
                return False
    return not stack
''',
        [
            ("return not stack", "return stack"),
            ("stack.append(letter)", "stack.append(text)"),
            ('"]": "["', '"]": "("'),
            ("stack.pop() != partner", "stack.pop() == partner"),
            ("return False", "return True"),
        ],
        [("(a[b]c)",), ("([)]",), ("((",), ("",), ("[x](y)",), (")",)],
    ),
    (
        '''
def subsets_with_sum(numbers, target):
    """Count the ways to choose some of the numbers so that they add up to a target."""
    if not numbers:
        return 1 if target == 0 else 0
    first = numbers[0]
    rest = numbers[1:]
    return subsets_with_sum(rest, target) + subsets_with_sum(rest, target - first)
''',
        [
            ("target - first", "target + first"),
            ("numbers[1:]", "numbers[2:]"),
            ("1 if target == 0", "1 if target == 1"),
            ("subsets_with_sum(rest, target) +", "subsets_with_sum(rest, target) *"),
            ("numbers[0]", "numbers[-1]"),
        ],
        [([1, 2, 3], 3), ([5, 5, 5], 10), ([], 0), ([2, 4], 7), ([1, 1, 2, 4], 4), ([3, 1, 4], 5)],
    ),
    (
        '''
def hanoi(disks, source, target, spare):
    """Return the moves [from, to] that carry a tower of disks to the target, one disk at a time."""
    if disks == 0:
        return []
    before = hanoi(disks - 1, source, spare, target)
    after = hanoi(disks - 1, spare, target, source)
    return before + [[source, target]] + after
''',
        [
            ("[[source, target]]", "[[target, source]]"),
            ("source, spare, target)", "source, target, spare)"),
            ("before + [", "after + ["),
            ("disks == 0", "disks == 1"),
            ("spare, target, source)", "source, target, spare)"),
        ],
        [(1, "a", "c", "b"), (2, "a", "c", "b"), (3, "x", "y", "z"), (0, "a", "b", "c")],
    ),
    (
        '''
def postfix(tokens):
    """Evaluate whole-number arithmetic written in postfix order: ["2", "3", "+"] is 5."""
    stack = []
    for token in tokens:
        if token in ["+", "-", "*"]:
            right = stack.pop()
            left = stack.pop()
            if token == "+":
                stack.append(left + right)
            elif token == "-":
                stack.append(left - right)
            else:
                stack.append(left * right)
        else:
            stack.append(int(token))
    return stack[-1]
''',
        [
            ("left - right", "right - left"),
            ("left * right", "left * left"),
            ('token == "+"', 'token != "+"'),
            ("int(token)", "len(token)"),
            ("left + right", "left - right"),
        ],
        [(["2", "3", "+"],), (["9", "4", "-"],), (["2", "3", "4", "*", "+"],), (["12"],), (["5", "1", "2", "+", "4", "*", "-"],)],
    ),
    (
        '''
def count_paths(rows, columns):
    """Count the ways from one corner of a grid of cells to the opposite, going right or down only."""
    if rows == 1 or columns == 1:
        return 1
    return count_paths(rows - 1, columns) + count_paths(rows, columns - 1)
''',
        [
            ("rows == 1 or", "rows == 2 or"),
            ("return 1", "return 2"),
            (", columns) +", ", columns) *"),
            ("(rows, columns - 1)", "(rows - 1, columns - 1)"),
            ("or columns == 1", "or columns == rows"),
        ],
        [(1, 1), (2, 2), (3, 3), (2, 5), (4, 3)],
    ),
    (
        '''
def find_path(tree, name):
    """Return the names from the root of a tree [name, children] down to a name, or [] if it is not there."""
    if tree[0] == name:
        return [name]
    for child in tree[1]:
        path = find_path(child, name)
        if path:
            return [tree[0]] + path
    return []
''',
        [
            ("[tree[0]] + path", "path + [tree[0]]"),
            ("if path:", "if not path:"),
            ("tree[0] == name", "tree[0] != name"),
            ("in tree[1]:", "in tree[1][1:]:"),
            ("return [name]", "return name"),
        ],
        [
            (["a", [["b", []], ["c", [["d", []]]]]], "d"),
            (["a", [["b", []]]], "b"),
            (["r", []], "r"),
            (["r", [["s", []]]], "x"),
        ],
    ),
]
