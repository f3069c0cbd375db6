#include "samara/mutation/diff/name_faults.h"

#include <algorithm>
#include <string_view>

#include "samara/mutation/diff/internal/python_lexemes.h"
#include "samara/mutation/diff/internal/python_program_data.h"
#include "samara/mutation/diff/internal/python_surroundings.h"

namespace samara::diff {
namespace {

using internal::Around;
using internal::called_method;
using internal::is_name_byte;
using internal::PythonProgramData;
namespace use = internal::use;

/// Builtin functions (not types, exceptions or constants), sorted.
constexpr std::string_view kFunctions[] = {
    "abs",   "all",     "any",        "ascii",      "bin",     "callable", "chr",    "delattr",
    "dir",   "divmod",  "format",     "getattr",    "globals", "hasattr",  "hash",   "hex",
    "id",    "input",   "isinstance", "issubclass", "iter",    "len",      "locals", "max",
    "min",   "next",    "oct",        "open",       "ord",     "pow",      "print",  "repr",
    "round", "setattr", "sorted",     "sum",        "vars"};

bool is_function(std::string_view name) {
  return std::binary_search(std::begin(kFunctions), std::end(kFunctions), name);
}

/// A function's name is taken for a value: `len + 1`, `f(len)`; but not `len(x)`, `map(len, x)`, `key=len`.
bool is_uncalled(const Around& around) {
  return !around.after.starts_with('(') && !around.before.ends_with("map(") &&
         !around.before.ends_with("filter(") && !around.before.ends_with('=');
}

std::string_view name_at_end(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && is_name_byte(text[begin - 1])) --begin;
  return text.substr(begin);
}

/// The text stands among the arguments of a method of `name`: `name.method(..., ` is its end.
bool in_own_call(std::string_view before, std::string_view name) {
  std::size_t open = 0, scanned = 0;
  constexpr std::size_t kFar = 500;  // bytes; quotes are not looked at
  for (std::size_t i = before.size(); i-- > 0 && scanned++ < kFar;) {
    if (before[i] == ')') ++open;
    if (before[i] != '(' || open-- > 0) continue;
    std::string_view callee = before.substr(0, i);
    const std::string_view method = name_at_end(callee);
    callee.remove_suffix(method.size());
    if (method.empty() || !callee.ends_with('.')) return false;
    callee.remove_suffix(1);
    return name_at_end(callee) == name && !callee.substr(0, callee.size() - name.size()).ends_with('.');
  }
  return false;
}

/// An object with methods of its own is reckoned with, indexed, or handed to itself.
bool is_reckoned_with(const Around& around, std::string_view name) {
  constexpr std::string_view kOperators = "+-*/%<>";
  const std::string_view before = around.before, after = around.after;
  if (!after.empty() && (after[0] == '[' || kOperators.find(after[0]) != std::string_view::npos)) return true;
  if (before.ends_with("**") || before.ends_with("(*") || before.ends_with(",*")) return false;  // *arguments
  if (!before.empty() && kOperators.find(before.back()) != std::string_view::npos) return true;
  return in_own_call(before, name);
}

/// Counts of lines that bind a name, by name, for the outermost block that is being read.
class Scopes {
 public:
  explicit Scopes(const PythonProgramData& data)
      : data_(data), module_(data.names.size(), false), block_(data.names.size(), 0) {
    for (std::size_t i = 0; i < data.lines.size(); ++i) {
      if (!data.is_outermost(i)) continue;
      for (const std::uint16_t name : data.module_binds(i)) module_[name] = true;
    }
  }

  /// The block of line `first` is next. Returns the first line behind it.
  std::size_t enter(std::size_t first) {
    ++block_number_;
    std::size_t line = first;
    do {
      for (const std::uint16_t name : data_.lines[line].binds) block_[name] = block_number_;
    } while (++line < data_.lines.size() && !data_.is_outermost(line));
    return line;
  }
  bool binds(std::size_t name) const { return module_[name] || block_[name] == block_number_; }

 private:
  const PythonProgramData& data_;
  std::vector<bool> module_;
  std::vector<std::uint32_t> block_;  ///< number of the last block that binds the name
  std::uint32_t block_number_ = 0;
};

}  // namespace

std::vector<std::string> name_faults(const PythonProgram& program) {
  const PythonProgramData& data = program.data();
  const std::string_view source = data.source;

  // Names of objects that are no builtin containers or texts: some other method is called on them.
  std::vector<std::string_view> objects;
  for (const PythonProgramData::Read& read : data.reads) {
    const std::string_view method = called_method(source.substr(read.begin + read.length));
    const std::span<const std::string_view> of_builtins = internal::python_methods();
    if (method.empty() || std::binary_search(of_builtins.begin(), of_builtins.end(), method)) continue;
    objects.push_back(source.substr(read.begin, read.length));
  }
  std::sort(objects.begin(), objects.end());

  std::vector<std::string> faults;
  Scopes scopes(data);
  std::size_t block_end = 0;
  for (const PythonProgramData::Read& read : data.reads) {
    while (read.line >= block_end) block_end = scopes.enter(block_end);
    const std::string_view name = source.substr(read.begin, read.length);
    const std::size_t index = data.names.find(name);
    const bool known = index < data.names.size();
    const Around around(source, read);
    if (std::binary_search(objects.begin(), objects.end(), name) && is_reckoned_with(around, name)) {
      faults.push_back(std::string(name) + ".");
    }
    if (known && scopes.binds(index)) continue;
    if (!known || (data.names[index].uses & use::kAlways) == 0) {
      faults.emplace_back(name);
    } else if (is_function(name) && is_uncalled(around)) {
      faults.push_back(std::string(name) + "()");
    }
  }
  std::sort(faults.begin(), faults.end());
  faults.erase(std::unique(faults.begin(), faults.end()), faults.end());
  return faults;
}

}  // namespace samara::diff
