#!/usr/bin/python3
"""Writes the held-out tasks of the bug-fixing benchmark, or checks the ones that are there.

usage: make_tasks.py          writes samara/bugfix/tasks/heldout/<function>/ (docs/bug-fixing.md has the format)
       make_tasks.py --check  fails if these folders are not what this program writes, or if a bug does not matter

The functions and their bugs are written by hand in the modules beside this file, each with a list TASKS of

    (source, [(right, wrong), ...], [arguments of a call, ...])

The bugs are applied in their order, so buggy_k.py has the first k. `right` must occur exactly once in the source. What a
call is expected to return is what the correct function returns.
"""

import json
import os
import pathlib
import re
import signal
import sys

import arithmetic
import recursion
import sequences
import tables
import words

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tasks" / "heldout"
MODULES = (words, sequences, arithmetic, tables, recursion)
SECONDS = 0.1  # of one call; a function that needs longer is caught in a loop


class Bug:
    """A replacement in the correct source, cut down to the characters that differ."""

    def __init__(self, source, right, wrong):
        assert source.count(right) == 1, f"{right!r} occurs {source.count(right)} times in\n{source}"
        before = len(os.path.commonprefix([right, wrong]))
        shorter = min(len(right), len(wrong))
        after = len(os.path.commonprefix([right[::-1], wrong[::-1]])[: shorter - before])
        self.start = source.index(right) + before
        self.end = source.index(right) + len(right) - after
        self.text = wrong[before : len(wrong) - after]


def with_bugs(source, bugs):
    for bug in sorted(bugs, key=lambda bug: bug.start, reverse=True):
        source = source[: bug.start] + bug.text + source[bug.end :]
    return source


def overlap(a, b):
    return a.start < b.end and b.start < a.end


def outcomes(source, name, inputs):
    """What each call returns, as JSON, or the name of what it raises."""

    def give_up(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    namespace = {}
    exec(compile(source, name, "exec"), namespace)
    results = []
    for arguments in inputs:
        arguments = json.loads(json.dumps(arguments))  # calls must not see what others did to their arguments
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            results.append(json.dumps(namespace[name](*arguments)))
        except Exception as error:
            results.append(type(error).__name__)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return results


def check_bugs(name, source, bugs, inputs):
    """Every bug, alone and with those before it, makes a call go wrong; the bugs touch different places.

    No version loops for ever: nearly all of its children would, too, which costs hours and tells nothing.
    """
    right = outcomes(source, name, inputs)
    for k, bug in enumerate(bugs):
        assert not any(overlap(bug, other) for other in bugs[:k]), f"{name}: bug {k + 1} overlaps another"
        assert outcomes(with_bugs(source, [bug]), name, inputs) != right, f"{name}: bug {k + 1} alone does not matter"
        found = outcomes(with_bugs(source, bugs[: k + 1]), name, inputs)
        assert found != right, f"{name}: buggy_{k + 1} is right"
        assert "TimeoutError" not in found, f"{name}: buggy_{k + 1} loops for ever"


def files_of(source, replacements, inputs):
    """{path below the folder: text} of one task."""
    source = source.lstrip("\n")
    name = re.match(r"def (\w+)\(", source).group(1)
    bugs = [Bug(source, right, wrong) for right, wrong in replacements]
    assert 1 <= len(bugs) <= 5, name
    check_bugs(name, source, bugs, inputs)
    expected = [json.loads(result) for result in outcomes(source, name, inputs)]
    cases = [json.dumps({"args": list(args), "expected": value}) for args, value in zip(inputs, expected)]
    files = {"task.toml": f'function = "{name}"\n', "correct.py": source, "cases.json": "[" + ",\n ".join(cases) + "]\n"}
    for k in range(1, len(bugs) + 1):
        files[f"buggy_{k}.py"] = with_bugs(source, bugs[:k])
    return {f"{name}/{file}": text for file, text in files.items()}


def main():
    files = {}
    for module in MODULES:
        for task in module.TASKS:
            made = files_of(*task)
            assert not files.keys() & made.keys(), f"two tasks make {min(made)}"
            files.update(made)
    if sys.argv[1:] == ["--check"]:
        there = {path.relative_to(FOLDER).as_posix(): path.read_text() for path in FOLDER.rglob("*") if path.is_file()}
        different = sorted(path for path in files.keys() | there.keys() if files.get(path) != there.get(path))
        if different:
            sys.exit(f"not what {sys.argv[0]} writes: {', '.join(different)}; run it without --check")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        for path, text in files.items():
            (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
            (FOLDER / path).write_text(text)
    print(f"{len(files)} files of {sum(path.endswith('correct.py') for path in files)} tasks")


if __name__ == "__main__":
    main()
