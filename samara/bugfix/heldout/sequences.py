"""Held-out functions on lists. make_tasks.py says how an entry is read."""

TASKS = [
    (
        '''
def running_peak(values):
    """Return for each place the largest value up to there."""
    peaks = []
    highest = None
    for value in values:
        if highest is None or value > highest:
            highest = value
        peaks.append(highest)
    return peaks
''',
        [
            ("value > highest", "value < highest"),
            ("peaks.append(highest)", "peaks.append(value)"),
            ("highest is None or", "highest is None and"),
            ("return peaks", "return highest"),
            ("highest = value", "highest = values"),
        ],
        [([3, 1, 4, 1, 5],), ([-2, -7, -1],), ([6],), ([],)],
    ),
    (
        '''
def rotate(items, steps):
    """Move items from the front to the end, one per step."""
    if not items:
        return []
    cut = steps % len(items)
    return items[cut:] + items[:cut]
''',
        [
            ("items[cut:] + items[:cut]", "items[:cut] + items[:cut]"),
            ("steps % len(items)", "steps // len(items)"),
            ("if not items", "if items"),
            ("return []", "return steps"),
            ("+ items[:cut]", "+ items[:steps]"),
        ],
        [([1, 2, 3, 4], 1), (["a", "b", "c"], 5), ([7, 8, 9], 0), ([], 3), ([5, 6], 2)],
    ),
    (
        '''
def pair_up(first, second):
    """Take turns between two lists; what is left of the longer one comes last."""
    mixed = []
    shared = min(len(first), len(second))
    for i in range(shared):
        mixed.append(first[i])
        mixed.append(second[i])
    mixed.extend(first[shared:])
    mixed.extend(second[shared:])
    return mixed
''',
        [
            ("mixed.append(second[i])", "mixed.append(first[i])"),
            ("min(len(first)", "max(len(first)"),
            ("mixed.extend(first[shared:])", "mixed.append(first[shared:])"),
            ("range(shared)", "range(1, shared)"),
            ("second[shared:]", "second[:shared]"),
        ],
        [([1, 3], [2, 4]), ([1, 2, 3, 4], [9]), ([], [5, 6]), (["x"], ["y", "z", "w"])],
    ),
    (
        '''
def chunks(items, size):
    """Cut a list into pieces of a size; the last one may be shorter."""
    pieces = []
    for start in range(0, len(items), size):
        pieces.append(items[start : start + size])
    return pieces
''',
        [
            ("start + size", "start - size"),
            ("range(0, len(items), size)", "range(1, len(items), size)"),
            ("pieces.append", "pieces.extend"),
            ("pieces = []", "pieces = [size]"),
            ("return pieces", "return items"),
        ],
        [([1, 2, 3, 4, 5], 2), ([1, 2, 3], 3), ([], 4), ([4, 5, 6, 7], 1)],
    ),
    (
        '''
def second_largest(values):
    """Return the second largest of the different values, or None if there is no such."""
    first = None
    second = None
    for value in values:
        if first is None or value > first:
            second = first
            first = value
        elif value != first and (second is None or value > second):
            second = value
    return second
''',
        [
            ("second = first", "second = value"),
            ("value != first", "value == first"),
            ("return second", "return first"),
            ("or value > second", "or value < second"),
            ("first = value", "first = second"),
        ],
        [([4, 9, 2, 7],), ([5, 5, 5],), ([1, 2],), ([8],), ([3, 8, 8, 6, 1],)],
    ),
    (
        '''
def split_by(values, limit):
    """Return the values below a limit and the others, each in their order."""
    below = []
    others = []
    for value in values:
        if value < limit:
            below.append(value)
        else:
            others.append(value)
    return [below, others]
''',
        [
            ("value < limit", "value <= limit"),
            ("others.append(value)", "below.append(value)"),
            ("[below, others]", "[others, below]"),
            ("below = []", "below = [limit]"),
            ("in values:", "in limit:"),
        ],
        [([5, 1, 8, 3], 4), ([2, 2, 3], 2), ([], 1), ([9, 7], 10)],
    ),
    (
        '''
def insert_sorted(numbers, extra):
    """Return a sorted list with one more number at its place."""
    place = 0
    while place < len(numbers) and numbers[place] < extra:
        place += 1
    return numbers[:place] + [extra] + numbers[place:]
''',
        [
            ("numbers[place] < extra", "numbers[place] > extra"),
            ("[extra]", "[place]"),
            ("numbers[place:]", "numbers[place + 1:]"),
            ("place = 0", "place = 1"),
            ("numbers[:place]", "numbers[1:place]"),
        ],
        [([1, 4, 9], 5), ([2, 3], 1), ([], 6), ([1, 2], 8), ([3, 3, 5], 3)],
    ),
    (
        '''
def differences(values):
    """Return how much each value is above the one before it."""
    steps = []
    for i in range(1, len(values)):
        steps.append(values[i] - values[i - 1])
    return steps
''',
        [
            ("range(1, len", "range(2, len"),
            ("values[i] - values", "values[i] + values"),
            ("[i - 1]", "[i - 2]"),
            ("return steps", "return values"),
            ("len(values)):", "len(steps)):"),
        ],
        [([1, 4, 9, 16],), ([5, 3],), ([7],), ([2, 2, 8, 1],)],
    ),
    (
        '''
def flatten_once(rows):
    """Join the rows of a table into one list; single values in between are kept."""
    flat = []
    for row in rows:
        if isinstance(row, list):
            flat.extend(row)
        else:
            flat.append(row)
    return flat
''',
        [
            ("flat.extend(row)", "flat.append(row)"),
            ("isinstance(row, list)", "isinstance(rows, list)"),
            ("flat.append(row)", "flat.append(rows)"),
            ("if isinstance", "if not isinstance"),
            ("in rows:", "in rows[1:]:"),
        ],
        [([[1, 2], [3]],), ([[1], 2, [3, [4]]],), ([],), ([5, 6],)],
    ),
    (
        '''
def window_sums(values, width):
    """Return the sums of all neighbors of a width, from left to right."""
    sums = []
    last = len(values) - width
    for start in range(last + 1):
        total = 0
        for value in values[start : start + width]:
            total += value
        sums.append(total)
    return sums
''',
        [
            ("range(last + 1)", "range(last)"),
            ("total += value", "total -= value"),
            ("total = 0", "total = start"),
            ("len(values) - width", "len(values) + width"),
            ("start + width", "start + last"),
        ],
        [([1, 2, 3, 4], 2), ([5, 5, 5], 3), ([7, 1], 1), ([1, 2], 5), ([2, 4, 8, 16, 32], 3)],
    ),
    (
        '''
def drop_repeats(items):
    """Keep the first of all equal items, in their order."""
    seen = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen
''',
        [
            ("item not in seen", "item in seen"),
            ("seen.append(item)", "seen.append(items)"),
            ("return seen", "return item"),
            ("seen = []", "seen = [items]"),
            ("in items:", "in reversed(items):"),
        ],
        [([1, 2, 1, 3, 2],), (["b", "a", "b"],), ([[1], [2], [1]],), ([4],)],
    ),
    (
        '''
def merge_sorted(left, right):
    """Join two sorted lists into a sorted one."""
    merged = []
    i = 0
    j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    return merged + left[i:] + right[j:]
''',
        [
            ("left[i] <= right[j]", "left[i] >= right[j]"),
            ("merged.append(right[j])", "merged.append(left[j])"),
            ("+ left[i:]", "+ left[j:]"),
            ("j = 0\n", "j = 1\n"),
            ("and j < len(right)", "or j < len(right)"),
        ],
        [([1, 4, 6], [2, 3, 7]), ([], [1, 2]), ([5], []), ([1, 1], [1, 2]), ([8, 9], [1, 2, 3])],
    ),
]
