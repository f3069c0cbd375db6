#include "samara/mutation/diff/internal/python_names.h"

#include <algorithm>

namespace samara::diff::internal {
namespace {

constexpr std::size_t kMaxNames = 65535;

constexpr std::string_view kBuiltins[] = {"ArithmeticError",
                                          "AssertionError",
                                          "AttributeError",
                                          "BaseException",
                                          "BaseExceptionGroup",
                                          "BlockingIOError",
                                          "BrokenPipeError",
                                          "BufferError",
                                          "BytesWarning",
                                          "ChildProcessError",
                                          "ConnectionAbortedError",
                                          "ConnectionError",
                                          "ConnectionRefusedError",
                                          "ConnectionResetError",
                                          "DeprecationWarning",
                                          "EOFError",
                                          "Ellipsis",
                                          "EncodingWarning",
                                          "EnvironmentError",
                                          "Exception",
                                          "ExceptionGroup",
                                          "FileExistsError",
                                          "FileNotFoundError",
                                          "FloatingPointError",
                                          "FutureWarning",
                                          "GeneratorExit",
                                          "IOError",
                                          "ImportError",
                                          "ImportWarning",
                                          "IndentationError",
                                          "IndexError",
                                          "InterruptedError",
                                          "IsADirectoryError",
                                          "KeyError",
                                          "KeyboardInterrupt",
                                          "LookupError",
                                          "MemoryError",
                                          "ModuleNotFoundError",
                                          "NameError",
                                          "NotADirectoryError",
                                          "NotImplemented",
                                          "NotImplementedError",
                                          "OSError",
                                          "OverflowError",
                                          "PendingDeprecationWarning",
                                          "PermissionError",
                                          "ProcessLookupError",
                                          "RecursionError",
                                          "ReferenceError",
                                          "ResourceWarning",
                                          "RuntimeError",
                                          "RuntimeWarning",
                                          "StopAsyncIteration",
                                          "StopIteration",
                                          "SyntaxError",
                                          "SyntaxWarning",
                                          "SystemError",
                                          "SystemExit",
                                          "TabError",
                                          "TimeoutError",
                                          "TypeError",
                                          "UnboundLocalError",
                                          "UnicodeDecodeError",
                                          "UnicodeEncodeError",
                                          "UnicodeError",
                                          "UnicodeTranslateError",
                                          "UnicodeWarning",
                                          "UserWarning",
                                          "ValueError",
                                          "Warning",
                                          "ZeroDivisionError",
                                          "__name__",
                                          "abs",
                                          "aiter",
                                          "all",
                                          "anext",
                                          "any",
                                          "ascii",
                                          "bin",
                                          "bool",
                                          "bytearray",
                                          "bytes",
                                          "callable",
                                          "chr",
                                          "classmethod",
                                          "complex",
                                          "delattr",
                                          "dict",
                                          "dir",
                                          "divmod",
                                          "enumerate",
                                          "filter",
                                          "float",
                                          "format",
                                          "frozenset",
                                          "getattr",
                                          "globals",
                                          "hasattr",
                                          "hash",
                                          "hex",
                                          "id",
                                          "input",
                                          "int",
                                          "isinstance",
                                          "issubclass",
                                          "iter",
                                          "len",
                                          "list",
                                          "locals",
                                          "map",
                                          "max",
                                          "memoryview",
                                          "min",
                                          "next",
                                          "object",
                                          "oct",
                                          "open",
                                          "ord",
                                          "pow",
                                          "print",
                                          "property",
                                          "range",
                                          "repr",
                                          "reversed",
                                          "round",
                                          "set",
                                          "setattr",
                                          "slice",
                                          "sorted",
                                          "staticmethod",
                                          "str",
                                          "sum",
                                          "super",
                                          "tuple",
                                          "type",
                                          "vars",
                                          "zip"};

constexpr std::string_view kMethods[] = {"add",
                                         "append",
                                         "capitalize",
                                         "casefold",
                                         "center",
                                         "clear",
                                         "copy",
                                         "count",
                                         "difference",
                                         "difference_update",
                                         "discard",
                                         "encode",
                                         "endswith",
                                         "expandtabs",
                                         "extend",
                                         "find",
                                         "format",
                                         "format_map",
                                         "fromkeys",
                                         "get",
                                         "index",
                                         "insert",
                                         "intersection",
                                         "intersection_update",
                                         "isalnum",
                                         "isalpha",
                                         "isascii",
                                         "isdecimal",
                                         "isdigit",
                                         "isdisjoint",
                                         "isidentifier",
                                         "islower",
                                         "isnumeric",
                                         "isprintable",
                                         "isspace",
                                         "issubset",
                                         "issuperset",
                                         "istitle",
                                         "isupper",
                                         "items",
                                         "join",
                                         "keys",
                                         "ljust",
                                         "lower",
                                         "lstrip",
                                         "maketrans",
                                         "partition",
                                         "pop",
                                         "popitem",
                                         "remove",
                                         "removeprefix",
                                         "removesuffix",
                                         "replace",
                                         "reverse",
                                         "rfind",
                                         "rindex",
                                         "rjust",
                                         "rpartition",
                                         "rsplit",
                                         "rstrip",
                                         "setdefault",
                                         "sort",
                                         "split",
                                         "splitlines",
                                         "startswith",
                                         "strip",
                                         "swapcase",
                                         "symmetric_difference",
                                         "symmetric_difference_update",
                                         "title",
                                         "translate",
                                         "union",
                                         "update",
                                         "upper",
                                         "values",
                                         "zfill"};

constexpr std::string_view kMathMembers[] = {
    "acos",      "acosh",    "asin",   "asinh", "atan",      "atan2",    "atanh",     "cbrt",  "ceil",
    "comb",      "copysign", "cos",    "cosh",  "degrees",   "dist",     "e",         "erf",   "erfc",
    "exp",       "exp2",     "expm1",  "fabs",  "factorial", "floor",    "fmod",      "frexp", "fsum",
    "gamma",     "gcd",      "hypot",  "inf",   "isclose",   "isfinite", "isinf",     "isnan", "isqrt",
    "lcm",       "ldexp",    "lgamma", "log",   "log10",     "log1p",    "log2",      "modf",  "nan",
    "nextafter", "perm",     "pi",     "pow",   "prod",      "radians",  "remainder", "sin",   "sinh",
    "sqrt",      "tan",      "tanh",   "tau",   "trunc",     "ulp"};

}  // namespace

void PythonNames::add(std::string_view name, std::uint8_t uses) {
  entries_.push_back({std::string(name), uses});
}

void PythonNames::seal() {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.text < b.text; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (kept > 0 && entries_[kept - 1].text == entries_[i].text) {
      entries_[kept - 1].uses = static_cast<std::uint8_t>(entries_[kept - 1].uses | entries_[i].uses);
    } else {
      if (kept != i) entries_[kept] = std::move(entries_[i]);
      ++kept;
    }
  }
  entries_.resize(std::min(kept, kMaxNames));
}

std::size_t PythonNames::find(std::string_view name) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), name,
                                   [](const Entry& entry, std::string_view n) { return entry.text < n; });
  return at != entries_.end() && at->text == name ? static_cast<std::size_t>(at - entries_.begin()) : size();
}

void PythonNames::narrow(std::uint16_t& low, std::uint16_t& high, std::size_t length, char byte) const {
  const auto next = [&](const Entry& entry) {  // the byte at `length`; ended names come first
    return entry.text.size() > length ? static_cast<unsigned char>(entry.text[length]) : -1;
  };
  const int wanted = static_cast<unsigned char>(byte);
  const auto begin = entries_.begin();
  const auto first =
      std::partition_point(begin + low, begin + high, [&](const Entry& e) { return next(e) < wanted; });
  const auto last =
      std::partition_point(first, begin + high, [&](const Entry& e) { return next(e) == wanted; });
  low = static_cast<std::uint16_t>(first - begin);
  high = static_cast<std::uint16_t>(last - begin);
}

std::span<const std::string_view> python_builtins() {
  return kBuiltins;
}
std::span<const std::string_view> python_methods() {
  return kMethods;
}
std::span<const std::string_view> python_math_members() {
  return kMathMembers;
}

}  // namespace samara::diff::internal
