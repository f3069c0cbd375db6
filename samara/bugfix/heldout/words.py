"""Held-out functions on text. make_tasks.py says how an entry is read."""

TASKS = [
    (
        '''
def initials(name):
    """Return the upper-case first letters of the words of a name, each followed by a dot."""
    letters = []
    for word in name.split():
        first = word[0]
        letters.append(first.upper() + ".")
    return "".join(letters)
''',
        [
            ("first.upper()", "first.lower()"),
            ('word[0]', 'word[1]'),
            ('+ "."', '+ ","'),
            ("in name.split()", "in name"),
            ('"".join', '" ".join'),
        ],
        [("ada lovelace",), ("grace brewster hopper",), ("Alan Mathison",), ("",)],
    ),
    (
        '''
def longest_word(text):
    """Return the longest word of a text; of words of the same length the first."""
    best = ""
    for word in text.split(" "):
        if len(word) > len(best):
            best = word
    return best
''',
        [
            ("len(word) > len(best)", "len(word) >= len(best)"),
            ("return best", "return word"),
            ('split(" ")', 'split(",")'),
            ('best = ""', 'best = text'),
            ("best = word", "best = len(word)"),
        ],
        [("a quick brown fox",), ("one two six ten",), ("here there",), ("solo",), ("to be or not",)],
    ),
    (
        '''
def squeeze(text):
    """Replace every run of equal characters by one of them."""
    kept = []
    last = None
    for letter in text:
        if letter != last:
            kept.append(letter)
        last = letter
    return "".join(kept)
''',
        [
            ("letter != last", "letter == last"),
            ("last = letter", "last = text"),
            ("kept.append(letter)", "kept.append(last)"),
            ("return \"\".join(kept)", "return \"\".join(text)"),
            ("for letter in text", "for letter in text[1:]"),
        ],
        [("aabbb",), ("hello moon",), ("xyz",), ("",), ("zzzzz",)],
    ),
    (
        '''
def shift_letters(text, steps):
    """Move each lower-case letter by some steps in the alphabet, from z on to a; keep the rest."""
    moved = ""
    for letter in text:
        if "a" <= letter <= "z":
            place = ord(letter) - ord("a")
            moved += chr((place + steps) % 26 + ord("a"))
        else:
            moved += letter
    return moved
''',
        [
            ("place + steps", "place - steps"),
            ("% 26", "% 25"),
            ('<= "z"', '< "z"'),
            ("moved += letter", "moved += place"),
            ('letter) - ord("a")', 'letter) - ord("b")'),
        ],
        [("abc", 1), ("xyz", 3), ("Go now!", 13), ("zebra", 25), ("", 4)],
    ),
    (
        '''
def count_vowels(text):
    """Count the vowels of a text, in lower and upper case."""
    total = 0
    for letter in text.lower():
        if letter in "aeiou":
            total += 1
    return total
''',
        [
            ("text.lower()", "text.upper()"),
            ("total += 1", "total += 2"),
            ('"aeiou"', '"aeio"'),
            ("if letter in", "if letter not in"),
            ("total = 0", "total = 1"),
        ],
        [("banana",), ("Under the Umbrella",), ("rhythm",), ("AEIOU",), ("",)],
    ),
    (
        '''
def title_case(sentence, small):
    """Capitalize the words of a sentence but the small ones; the first word always."""
    words = sentence.lower().split()
    done = []
    for index, word in enumerate(words):
        if index == 0 or word not in small:
            done.append(word.capitalize())
        else:
            done.append(word)
    return " ".join(done)
''',
        [
            ("word not in small", "word in small"),
            ("index == 0", "index == 1"),
            ('" ".join', '"".join'),
            ("sentence.lower()", "sentence.upper()"),
            ("done.append(word.capitalize())", "words.append(word.capitalize())"),
        ],
        [
            ("the lord of the flies", ["of", "the"]),
            ("A TALE OF TWO CITIES", ["of", "a"]),
            ("war and peace", ["and"]),
            ("emma", []),
        ],
    ),
    (
        '''
def frame(lines, border):
    """Put lines of text into a box whose walls are made of one character."""
    width = max(len(line) for line in lines)
    edge = border * (width + 4)
    box = [edge]
    for line in lines:
        box.append(border + " " + line.ljust(width) + " " + border)
    box.append(edge)
    return box
''',
        [
            ("width + 4", "width + 3"),
            ("ljust", "rjust"),
            ("max(len", "min(len"),
            ("box.append(edge)", "box.append(border)"),
            ("box = [edge]", "box = []"),
        ],
        [(["hi"], "*"), (["one", "three", "to"], "#"), (["", "abc"], "+")],
    ),
    (
        '''
def is_mirror(text):
    """Whether the letters of a text read the same from both ends; case and the rest do not count."""
    letters = [c.lower() for c in text if c.isalpha()]
    left = 0
    right = len(letters) - 1
    while left < right:
        if letters[left] != letters[right]:
            return False
        left += 1
        right -= 1
    return True
''',
        [
            ("c.isalpha()", "c.isdigit()"),
            ("len(letters) - 1", "len(letters) - 2"),
            ("return False", "return True"),
            ("letters[left] != letters[right]", "letters[left] == letters[right]"),
            ("c.lower()", "c"),
        ],
        [("Never odd or even",), ("level",), ("Was it a cat I saw?",), ("abca",), ("almost",), ("ab",)],
    ),
    (
        '''
def run_lengths(text):
    """Describe a text by its runs: "aaab" gives [["a", 3], ["b", 1]]."""
    runs = []
    for letter in text:
        if runs and runs[-1][0] == letter:
            runs[-1][1] += 1
        else:
            runs.append([letter, 1])
    return runs
''',
        [
            ("[letter, 1]", "[letter, 0]"),
            ("runs[-1][0] == letter", "runs[0][0] == letter"),
            ("runs[-1][1] += 1", "runs[-1][1] -= 1"),
            ("if runs and", "if runs or"),
            ("return runs", "return runs[0]"),
        ],
        [("aaab",), ("abba",), ("xyyyzz",), ("",), ("q",)],
    ),
    (
        '''
def abbreviate(text, limit):
    """Cut a text that is longer than the limit and end it with three dots, within the limit."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 3]
    return kept.rstrip() + "..."
''',
        [
            ("limit - 3", "limit + 3"),
            ("len(text) <= limit", "len(text) < limit"),
            ("kept.rstrip()", "kept.lstrip()"),
            ('"..."', '".."'),
            ("return text", "return limit"),
        ],
        [("short", 10), ("exactly", 7), ("a long sentence", 9), ("wind and rain", 8), ("abcdefghij", 5)],
    ),
    (
        '''
def parse_pairs(text):
    """Read "a=1; b=22" as a dictionary from names to whole numbers; parts without "=" are left out."""
    found = {}
    for part in text.split(";"):
        if "=" not in part:
            continue
        name, value = part.split("=")
        found[name.strip()] = int(value)
    return found
''',
        [
            ("name.strip()", "value.strip()"),
            ('split(";")', 'split(",")'),
            ('"=" not in part', '"=" in part'),
            ("int(value)", "int(value) + 1"),
            ("return found", "return part"),
        ],
        [("a=1; b=22",), ("width = 3;height = 4; note",), ("",), ("x=-7",)],
    ),
    (
        '''
def clock(seconds):
    """Write a number of seconds as hours, minutes and seconds: 3725 is "1:02:05"."""
    hours = seconds // 3600
    minutes = seconds % 3600 // 60
    rest = seconds % 60
    return str(hours) + ":" + str(minutes).zfill(2) + ":" + str(rest).zfill(2)
''',
        [
            ("% 3600 // 60", "% 3600 // 6"),
            ("str(hours)", "str(rest)"),
            ("seconds // 3600", "seconds / 3600"),
            ("str(minutes).zfill(2)", "str(minutes).zfill(3)"),
            ("seconds % 60\n", "minutes % 60\n"),
        ],
        [(3725,), (59,), (86399,), (600,), (7384,)],
    ),
]
