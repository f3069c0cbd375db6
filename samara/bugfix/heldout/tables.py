"""Held-out functions on dictionaries and tables. make_tasks.py says how an entry is read."""

TASKS = [
    (
        '''
def tally(votes):
    """Count how often each name was voted for."""
    counts = {}
    for name in votes:
        if name not in counts:
            counts[name] = 0
        counts[name] += 1
    return counts
''',
        [
            ("name not in counts", "name in counts"),
            ("counts[name] += 1", "counts[name] += 2"),
            ("counts[name] = 0", "counts[name] = 1"),
            ("return counts", "return votes"),
            ("counts = {}", "counts = []"),
        ],
        [(["ann", "bob", "ann"],), (["x"],), ([],), (["c", "c", "c", "d"],)],
    ),
    (
        '''
def invert(table):
    """Turn a table from names to groups into one from groups to sorted lists of names."""
    groups = {}
    for name, group in table.items():
        groups.setdefault(group, []).append(name)
    for names in groups.values():
        names.sort()
    return groups
''',
        [
            (".append(name)", ".append(group)"),
            ("setdefault(group, [])", "setdefault(name, [])"),
            ("names.sort()", "names.reverse()"),
            ("groups.values()", "table.values()"),
            ("return groups", "return table"),
        ],
        [
            ({"zoe": "red", "ann": "red", "bob": "blue"},),
            ({"b": "x", "c": "x", "a": "x"},),
            ({},),
            ({"one": "odd", "two": "even"},),
        ],
    ),
    (
        '''
def winner(scores):
    """Return the name with the highest score; of equal scores the first in the alphabet."""
    best = None
    for name in sorted(scores):
        if best is None or scores[name] > scores[best]:
            best = name
    return best
''',
        [
            ("scores[name] > scores[best]", "scores[name] >= scores[best]"),
            ("best = name", "best = scores"),
            ("in sorted(scores)", "in scores"),
            ("best is None or", "best is None and"),
            ("return best", "return name"),
        ],
        [({"b": 3, "a": 5, "c": 1},), ({"y": 2, "x": 2, "w": 1},), ({"only": 0},), ({},), ({"k": 1, "j": 9, "m": 4},)],
    ),
    (
        '''
def stock_after(stock, orders):
    """Take orders out of a stock; an order for more than there is is left out. Return the new stock."""
    left = dict(stock)
    for item, amount in orders:
        if left.get(item, 0) >= amount:
            left[item] -= amount
    return left
''',
        [
            ("left[item] -= amount", "left[item] += amount"),
            (">= amount", "> amount"),
            ("left.get(item, 0)", "left.get(amount, 0)"),
            ("return left", "return orders"),
            ("dict(stock)", "dict(orders)"),
        ],
        [
            ({"nut": 5, "bolt": 2}, [["nut", 3], ["bolt", 4]]),
            ({"pen": 1}, [["pen", 1], ["pen", 1]]),
            ({"cup": 4}, [["jar", 2]]),
            ({}, []),
        ],
    ),
    (
        '''
def merge_counts(first, second):
    """Add two tables of counts; names of either are in the result."""
    both = {}
    for table in [first, second]:
        for name, count in table.items():
            both[name] = both.get(name, 0) + count
    return both
''',
        [
            ("both.get(name, 0) + count", "both.get(name, 0) - count"),
            ("get(name, 0)", "get(name, 1)"),
            ("[first, second]", "[first, first]"),
            ("in table.items()", "in both.items()"),
            ("both[name] =", "both[table] ="),
        ],
        [({"a": 1, "b": 2}, {"b": 5}), ({}, {"z": 3}), ({"q": 4}, {}), ({"m": 1}, {"m": 1})],
    ),
    (
        '''
def transpose(rows):
    """Swap the rows and the columns of a table."""
    if not rows:
        return []
    columns = []
    for c in range(len(rows[0])):
        column = []
        for row in rows:
            column.append(row[c])
        columns.append(column)
    return columns
''',
        [
            ("row[c]", "row[0]"),
            ("len(rows[0])", "len(rows)"),
            ("columns.append(column)", "columns.append(row)"),
            ("if not rows", "if rows"),
            ("return columns", "return column"),
        ],
        [([[1, 2, 3], [4, 5, 6]],), ([["a"], ["b"], ["c"]],), ([],), ([[7, 8], [9, 0]],)],
    ),
    (
        '''
def column_total(rows, name):
    """Add up one column of a list of records; a record without the column counts as 0."""
    total = 0
    for row in rows:
        if name in row:
            total += row[name]
    return total
''',
        [
            ("name in row", "name not in row"),
            ("total += row[name]", "total = row[name]"),
            ("total = 0", "total = len(rows)"),
            ("row[name]", "row[total]"),
            ("return total", "return name"),
        ],
        [
            ([{"price": 3}, {"price": 4}], "price"),
            ([{"a": 1, "b": 2}, {"b": 5}], "a"),
            ([], "x"),
            ([{"k": -1}, {"j": 2}, {"k": 6}], "k"),
        ],
    ),
    (
        '''
def diagonal_sums(grid):
    """Return the sums of the two diagonals of a square grid: the falling and the rising one."""
    size = len(grid)
    falling = 0
    rising = 0
    for i in range(size):
        falling += grid[i][i]
        rising += grid[i][size - 1 - i]
    return [falling, rising]
''',
        [
            ("size - 1 - i", "size - 2 - i"),
            ("falling += grid[i][i]", "falling += grid[0][i]"),
            ("rising = 0", "rising = size"),
            ("[falling, rising]", "[rising, falling]"),
            ("range(size)", "range(size - 1)"),
        ],
        [([[1, 2], [3, 4]],), ([[5]],), ([[1, 2, 3], [4, 5, 6], [7, 8, 9]],), ([[0, 2, 1], [3, 0, 0], [9, 1, 4]],)],
    ),
    (
        '''
def neighbors(grid, row, column):
    """Count the filled cells (1) among the up to eight around a cell of a grid."""
    count = 0
    for r in range(row - 1, row + 2):
        for c in range(column - 1, column + 2):
            if r == row and c == column:
                continue
            if 0 <= r < len(grid) and 0 <= c < len(grid[r]):
                count += grid[r][c]
    return count
''',
        [
            ("r == row and", "r == row or"),
            ("row + 2", "row + 1"),
            ("range(column - 1", "range(column"),
            ("grid[r][c]", "grid[c][r]"),
            ("count += grid", "count -= grid"),
        ],
        [
            ([[1, 0, 1], [0, 1, 0], [1, 1, 0]], 1, 1),
            ([[0, 1], [1, 1]], 0, 0),
            ([[1, 1, 1, 0], [0, 0, 1, 1]], 0, 2),
            ([[1]], 0, 0),
        ],
    ),
    (
        '''
def group_by_length(words):
    """Return the words of each length from 1 to the largest, sorted; a length without words is empty."""
    longest = max(len(word) for word in words)
    groups = []
    for length in range(1, longest + 1):
        same = [word for word in words if len(word) == length]
        groups.append(sorted(same))
    return groups
''',
        [
            ("longest + 1", "longest - 1"),
            ("len(word) == length", "len(word) >= length"),
            ("sorted(same)", "sorted(words)"),
            ("max(len", "min(len"),
            ("range(1, ", "range(0, "),
        ],
        [(["to", "a", "be", "sea"],), (["cat", "ant"],), (["x"],), (["four", "me", "he"],)],
    ),
]
