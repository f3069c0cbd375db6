// Bootstrap: the Python that runs once in the warm process, before any harness. It makes what programs see of
// the world: their builtins and the modules that they may import. docs/sandbox.md lists these for people.
#pragma once

namespace samara::sandbox {

/// Defines BUILTINS, MODULES and Forbidden in the namespace that it is executed in. Reads WITH_NUMPY there.
inline constexpr char kBootstrap[] = R"py(
import builtins, sys, types, unicodedata, warnings
import bisect, cmath, collections, collections.abc, copy, dataclasses, fractions, functools, heapq
import itertools, math, operator, random, string, typing
import __future__

warnings.simplefilter("ignore")
sys.stdin = sys.stdout = sys.stderr = None
sys.__stdin__ = sys.__stdout__ = sys.__stderr__ = None


class Forbidden(ImportError):
    """An import that programs may not make."""


def public(module):
    return getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]


def facade(module, names, **replaced):
    """A module with the public names only: no way from it to sys or os by ordinary names."""
    copy = types.ModuleType(module.__name__, module.__doc__)
    for name in names:
        value = getattr(module, name)
        if not isinstance(value, types.ModuleType):
            setattr(copy, name, value)
    for name, value in replaced.items():
        setattr(copy, name, value)
    return copy


def without(module, *dropped):
    return [n for n in public(module) if n not in dropped]


def wraps(wrapped):
    """functools.wraps for the program's own functions; attributes are not chosen by the caller."""
    def decorate(wrapper):
        if isinstance(wrapper, types.FunctionType) and wrapper.__module__ == "candidate":
            functools.update_wrapper(wrapper, wrapped)
        return wrapper
    return decorate


# What is left out takes attribute names as text, keeps a registry, or hands out the system's randomness.
abc = facade(collections.abc, public(collections.abc))
MODULES = {
    "__future__": facade(__future__, __future__.all_feature_names),
    "bisect": facade(bisect, public(bisect)),
    "cmath": facade(cmath, public(cmath)),
    "collections": facade(collections, public(collections), abc=abc),
    "collections.abc": abc,
    "copy": facade(copy, ["copy", "Error"], deepcopy=lambda x: copy.deepcopy(x)),
    "dataclasses": facade(dataclasses, without(dataclasses, "make_dataclass")),
    "fractions": facade(fractions, public(fractions)),
    "functools": facade(functools, without(functools, "update_wrapper", "singledispatch", "singledispatchmethod"),
                        wraps=wraps),
    "heapq": facade(heapq, public(heapq)),
    "itertools": facade(itertools, public(itertools)),
    "math": facade(math, public(math)),
    "operator": facade(operator, without(operator, "attrgetter", "methodcaller")),
    "random": facade(random, without(random, "SystemRandom")),
    "string": facade(string, without(string, "Formatter", "Template")),
    "typing": facade(typing, [
        "Any", "AnyStr", "Callable", "ClassVar", "Collection", "DefaultDict", "Deque", "Dict", "Final",
        "FrozenSet", "Generator", "Generic", "Hashable", "Iterable", "Iterator", "List", "Mapping",
        "MutableMapping", "MutableSequence", "NamedTuple", "NewType", "NoReturn", "Optional", "Protocol",
        "Reversible", "Sequence", "Set", "Sized", "SupportsFloat", "SupportsIndex", "SupportsInt", "Text",
        "Tuple", "Type", "TypeAlias", "TypeVar", "Union", "cast", "final"]),
}
AVAILABLE = ", ".join(sorted(n for n in MODULES if n != "__future__")) + " and numpy"

if WITH_NUMPY:
    sys.path.append("/usr/lib/python3/dist-packages")
    import numpy
    import numpy.random, numpy.linalg, numpy.fft, numpy.polynomial
    numpy.random.seed(0)
    numpy.seterr(all="ignore")
    for name in ("numpy", "numpy.random", "numpy.linalg", "numpy.fft", "numpy.polynomial"):
        MODULES[name] = sys.modules[name]


def import_module(name, globals=None, locals=None, fromlist=(), level=0):
    module = MODULES.get(name) if type(name) is str and level == 0 else None
    if module is None and WITH_NUMPY and str(name).startswith("numpy."):
        module = sys.modules.get(name)  # numpy imports parts of itself when they are first used
    if module is None:
        raise Forbidden(f"module {str(name)!r} is not available to programs, only {AVAILABLE}")
    return module if fromlist or "." not in name else MODULES[name.partition(".")[0]]


def refused(name):
    def call(*args, **kwargs):
        raise PermissionError(f"{name}() is not available to programs")
    call.__name__ = call.__qualname__ = name
    return call


BUILTINS = {n: v for n, v in vars(builtins).items() if not n.startswith("_")}
for name in ("breakpoint", "compile", "eval", "exec", "exit", "help", "input", "open", "quit"):
    BUILTINS[name] = refused(name)
BUILTINS["print"] = lambda *args, **kwargs: None
BUILTINS["__build_class__"] = builtins.__build_class__
BUILTINS["__debug__"] = True
BUILTINS["__import__"] = import_module
BUILTINS["__name__"] = "builtins"


def close_doors():
    """`from typing import io` would fall back to the real sys.modules["typing.io"]."""
    for name in [n for n in sys.modules if "." in n and n.partition(".")[0] in MODULES]:
        if name.partition(".")[0] != "numpy":
            del sys.modules[name]
)py";

}  // namespace samara::sandbox
