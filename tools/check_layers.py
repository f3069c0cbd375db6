#!/usr/bin/python3
"""Checks that includes point down only.

A module declares what it may use with samara_module(<name> DEPENDS <module>...) in its CMakeLists.txt. This fails on
an include of any other module, on a cycle between modules, and on an include of another module's internal/ folder.

usage: tools/check_layers.py [ROOT]     ROOT is the repository (default: the one this file is in)
"""

import pathlib
import re
import sys

DECLARATION = re.compile(r"samara_module\s*\(([^)]*)\)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
KEYWORDS = {"DEPENDS", "LIBS", "PRIVATE_LIBS"}


def read_modules(root, errors):
    """{module: modules it may use}, from every CMakeLists.txt below samara/."""
    modules = {}
    for path in sorted((root / "samara").rglob("CMakeLists.txt")):
        folder = path.parent.relative_to(root / "samara").as_posix()
        text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        for words in (match.group(1).split() for match in DECLARATION.finditer(text)):
            if words[0] != folder:
                errors.append(f"{path.relative_to(root)}: module {words[0]} is declared in the folder of "
                              f"{folder}; name a module after its folder")
            depends, keyword = [], None
            for word in words[1:]:
                if word in KEYWORDS:
                    keyword = word
                elif keyword == "DEPENDS":
                    depends.append(word)
            modules[folder] = depends
    for module, depends in modules.items():
        for unknown in set(depends) - set(modules):
            errors.append(f"samara/{module}/CMakeLists.txt: DEPENDS names {unknown}, and there is no such module")
    return modules


def module_of(path, modules):
    """The module whose folder holds `path` (relative to samara/), the innermost one, or None."""
    for parent in path.parents:
        if parent.as_posix() in modules:
            return parent.as_posix()
    return None


def find_cycle(modules):
    """A list of modules that lead back to the first, or None."""
    finished, trail = set(), []

    def visit(module):
        if module in trail:
            return trail[trail.index(module):] + [module]
        if module in finished or module not in modules:
            return None
        trail.append(module)
        for dependency in modules[module]:
            if cycle := visit(dependency):
                return cycle
        trail.pop()
        finished.add(module)
        return None

    for module in modules:
        if cycle := visit(module):
            return cycle
    return None


def check_include(where, module, quote, target, folder, modules):
    """The error for one include, or None."""
    if not target.startswith("samara/"):
        if quote == '"' and (folder / target).exists():
            return f"{where}: write the path from the repository's root: samara/..."
        return None
    path = pathlib.PurePosixPath(target).relative_to("samara")
    used = module_of(path, modules)
    if used is None:
        return f"{where}: no module has this folder; declare it with samara_module(...)"
    if used == module:
        return None
    if used not in modules[module]:
        return (f"{where}: module {module} may not use {used}. Move the code to where both are known, or, if "
                f"{used} lies below {module} (docs/architecture.md), add it to DEPENDS in "
                f"samara/{module}/CMakeLists.txt")
    if "internal" in path.relative_to(used).parts:
        return f"{where}: what is in {used}'s internal/ is for {used} alone; use a header beside it"
    return None


def check(root):
    """All that is wrong with the tree at `root`, a line each, and the number of modules."""
    errors = []
    modules = read_modules(root, errors)
    if cycle := find_cycle(modules):
        errors.append("modules depend on each other in a circle: " + " -> ".join(cycle))
    for path in sorted(p for p in (root / "samara").rglob("*") if p.suffix in {".h", ".cc"}):
        module = module_of(path.relative_to(root / "samara"), modules)
        if module is None:
            errors.append(f"{path.relative_to(root)}: belongs to no module; declare one with samara_module(...) "
                          f"in its folder's CMakeLists.txt")
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if match := INCLUDE.match(line):
                where = f"{path.relative_to(root)}:{number}: {line.strip()}"
                if error := check_include(where, module, *match.groups(), path.parent, modules):
                    errors.append(error)
    return errors, len(modules)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    errors, count = check(root)
    for error in errors:
        print(error, file=sys.stderr)
    if errors:
        return 1
    print(f"layers: {count} modules, every include points down")
    return 0


if __name__ == "__main__":
    sys.exit(main())
