#include "samara/mutation/diff/call_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "samara/mutation/diff/internal/python_surroundings.h"

namespace samara::diff {
namespace {

using internal::Around;
using internal::is_name_byte;
using internal::PythonProgramData;

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  while (text.ends_with(' ') || text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

std::string_view name_at_start(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_name_byte(text[end])) ++end;
  return text.substr(0, end);
}

/// The end of the text literal that begins with a quote at `begin`.
std::size_t end_of_literal(std::string_view source, std::size_t begin) {
  const std::string_view three = source.substr(begin, 3);
  const bool is_long = three.size() == 3 && three[1] == three[0] && three[2] == three[0];
  const std::string_view quote = is_long ? three : three.substr(0, 1);
  for (std::size_t i = begin + quote.size(); i < source.size(); ++i) {
    if (source[i] == '\\') {
      ++i;
    } else if (source.substr(i).starts_with(quote)) {
      return i + quote.size();
    }
  }
  return source.size();
}

/// The pieces between commas of a text, up to the bracket that closes it or, outside of brackets, the end.
struct Pieces {
  std::vector<std::string_view> texts;  ///< trimmed, none of them empty
  std::size_t end = 0;                  ///< of the text with its closing bracket; 0 where none closes it

  Pieces(std::string_view source, std::size_t begin) {
    std::size_t depth = 0, start = begin;
    const auto finish = [&](std::size_t at) {
      if (const std::string_view text = trimmed(source.substr(start, at - start)); !text.empty())
        texts.push_back(text);
      start = at + 1;
    };
    std::size_t i = begin;
    for (; i < source.size(); ++i) {
      const char c = source[i];
      if (c == '"' || c == '\'') {
        i = end_of_literal(source, i) - 1;
      } else if (c == '#') {
        i = std::min(source.find('\n', i), source.size() - 1);
      } else if (c == '(' || c == '[' || c == '{') {
        ++depth;
      } else if (c == ')' || c == ']' || c == '}') {
        if (depth-- == 0) {
          end = i + 1;
          break;
        }
      } else if (c == ',' && depth == 0) {
        finish(i);
      }
    }
    finish(std::min(i, source.size()));
  }
};

/// The arguments of a call, or nothing where they cannot be counted: behind stars, or with commas of a lambda
/// or a comprehension.
struct Arguments {
  std::size_t positional = 0;
  std::vector<std::string_view> keywords;

  static std::optional<Arguments> of(const Pieces& pieces) {
    Arguments arguments;
    if (pieces.end == 0) return std::nullopt;
    for (const std::string_view piece : pieces.texts) {
      for (const std::string_view mark : {"lambda", " for "}) {
        if (piece.find(mark) != std::string_view::npos) return std::nullopt;
      }
      if (piece[0] == '*') return std::nullopt;
      const std::string_view name = name_at_start(piece);
      const std::string_view rest = trimmed(piece.substr(name.size()));
      if (!name.empty() && rest.starts_with('=') && !rest.starts_with("==")) {
        arguments.keywords.push_back(name);
      } else {
        ++arguments.positional;
      }
    }
    return arguments;
  }
  std::size_t count() const { return positional + keywords.size(); }
};

/// An outermost function.
struct Function {
  struct Parameter {
    std::string_view name;
    bool is_optional = false;
  };
  std::vector<Parameter> parameters;  ///< positional ones
  bool is_open = false;          ///< takes what it does not name, or has parameters that need their names
  std::size_t straight_end = 0;  ///< the line behind those that every call of it runs
  bool gives_value = false;
  bool gives_sequence = false;  ///< a list or tuple, whatever it returns

  bool takes(const Arguments& arguments) const {
    if (is_open) return true;
    if (arguments.positional > parameters.size()) return false;
    std::size_t named = 0;
    for (std::size_t i = arguments.positional; i < parameters.size(); ++i) {
      const bool is_given = std::find(arguments.keywords.begin(), arguments.keywords.end(),
                                      parameters[i].name) != arguments.keywords.end();
      if (!is_given && !parameters[i].is_optional) return false;
      named += is_given ? 1U : 0U;
    }
    return named == arguments.keywords.size();
  }
};

bool begins_with_word(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), name_at_start(text)) != words.end();
}

/// Whether `name` gets its value in the lines [begin, end) only by `name = [...`.
bool is_list(const PythonProgramData& data, std::size_t begin, std::size_t end, std::string_view name) {
  const std::size_t index = data.names.find(name);
  std::size_t bound = 0;
  for (std::size_t line = begin; line < end; ++line) {
    const auto& binds = data.lines[line].binds;
    if (std::find(binds.begin(), binds.end(), index) == binds.end()) continue;
    const std::string_view text = trimmed(data.text(line));
    if (!text.starts_with(name) || !trimmed(text.substr(name.size())).starts_with("= [")) return false;
    ++bound;
  }
  return bound > 0;
}

bool is_sequence(const PythonProgramData& data, std::size_t begin, std::size_t end, std::string_view value) {
  if (value.starts_with('[')) return value.ends_with(']') && value.find('[', 1) == std::string_view::npos;
  const Pieces pieces(value, 0);
  if (pieces.end != 0) return false;
  if (pieces.texts.size() > 1) return true;
  return name_at_start(value) == value && is_list(data, begin, end, value);
}

/// The function whose header is line `header`, with its lines up to `end`; nothing where its body stands in
/// the header.
std::optional<Function> function_at(const PythonProgramData& data, std::size_t header, std::size_t end) {
  Function function;
  const std::string_view source = data.source;
  const Pieces parameters(source, source.find('(', data.lines[header].begin) + 1);
  const std::string_view behind =
      source.substr(parameters.end, source.find('\n', parameters.end) - parameters.end);
  if (!trimmed(behind.substr(0, behind.find('#'))).ends_with(':')) return std::nullopt;
  for (const std::string_view piece : parameters.texts) {
    const std::string_view name = name_at_start(piece);
    if (name.empty()) {
      function.is_open = true;
    } else {
      function.parameters.push_back({name, piece.find('=') != std::string_view::npos});
    }
  }
  bool all_sequences = true;
  function.straight_end = end;
  for (std::size_t line = header + 1; line < end; ++line) {
    const std::string_view text = trimmed(data.text(line));
    if (begins_with_word(text, {"if", "while", "try", "match", "async", "def", "class", "raise"})) {
      function.straight_end = std::min(function.straight_end, line);
    }
    if (!begins_with_word(text, {"return"})) {
      if (text.find("yield") == std::string_view::npos && text.find("return ") == std::string_view::npos)
        continue;
      function.gives_value = true;
      all_sequences = false;
      continue;
    }
    function.straight_end = std::min(function.straight_end, line + 1);
    const std::string_view value = trimmed(text.substr(6));
    if (value.empty() || value == "None") continue;
    function.gives_value = true;
    all_sequences = all_sequences && is_sequence(data, header + 1, end, value);
  }
  function.gives_sequence = function.gives_value && all_sequences;
  return function;
}

/// The outermost functions that one line alone binds and nothing decorates, by name.
std::unordered_map<std::string_view, Function> functions_of(const PythonProgramData& data) {
  std::vector<std::size_t> bound(data.names.size(), 0);
  for (const PythonProgramData::Line& line : data.lines) {
    for (const std::uint16_t name : line.binds) ++bound[name];
  }
  std::unordered_map<std::string_view, Function> functions;
  for (std::size_t header = 0; header < data.lines.size(); ++header) {
    constexpr std::string_view kDef = "def ";
    if (!data.is_outermost(header) || !data.text(header).starts_with(kDef)) continue;
    if (header > 0 && data.text(header - 1).starts_with('@')) continue;
    const std::string_view name = name_at_start(data.text(header).substr(kDef.size()));
    const std::size_t index = data.names.find(name);
    if (index == data.names.size() || bound[index] != 1) continue;
    std::size_t end = header + 1;
    while (end < data.lines.size() && !data.is_outermost(end)) ++end;
    if (auto function = function_at(data, header, end)) functions.emplace(name, std::move(*function));
  }
  return functions;
}

bool has_entry(const PythonProgramData& data, std::string_view entry) {
  for (std::size_t line = 0; line < data.lines.size(); ++line) {
    if (!data.is_outermost(line)) continue;
    for (const std::uint16_t name : data.module_binds(line)) {
      if (data.names[name].text == entry) return true;
    }
  }
  return false;
}

bool may_not_be_reached(std::string_view line) {
  for (const std::string_view word : {" if ", " and ", " or ", " for ", "lambda"}) {
    if (line.find(word) != std::string_view::npos) return true;
  }
  return false;
}

bool ends_with_any(std::string_view text, std::string_view bytes) {
  return !text.empty() && bytes.find(text.back()) != std::string_view::npos;
}

bool starts_with_any(std::string_view text, std::string_view bytes) {
  return !text.empty() && bytes.find(text.front()) != std::string_view::npos;
}

bool is_unusual(const MethodCalls& usual, std::size_t arguments) {
  const bool always_as_many = usual.calls > 1 && usual.fewest == usual.most;
  return arguments < usual.fewest || (always_as_many && arguments > usual.most);
}

struct MethodCall {
  std::string_view method;
  std::size_t arguments;
};

/// The call of a method on the name that was read, but none of a builtin container's or text's.
std::optional<MethodCall> method_call(std::string_view source, const Around& around) {
  const std::string_view method = internal::called_method(around.after);
  const auto of_builtins = internal::python_methods();
  if (method.empty() || std::binary_search(of_builtins.begin(), of_builtins.end(), method))
    return std::nullopt;
  const std::size_t open = source.size() - around.after.size() + 1 + method.size();
  const auto arguments = Arguments::of(Pieces(source, open + 1));
  if (!arguments) return std::nullopt;
  return MethodCall{method, arguments->count()};
}

}  // namespace

CallHabits call_habits(const PythonProgram& program) {
  CallHabits habits;
  for (const PythonProgramData::Read& read : program.data().reads) {
    const std::string_view source = program.data().source;
    const auto call = method_call(source, Around(source, read));
    if (!call) continue;
    MethodCalls& calls = habits[std::string(call->method)];
    calls.fewest = calls.calls == 0 ? call->arguments : std::min(calls.fewest, call->arguments);
    calls.most = std::max(calls.most, call->arguments);
    ++calls.calls;
  }
  return habits;
}

std::vector<std::string> call_faults(const PythonProgram& program, std::string_view entry,
                                     const CallHabits& habits) {
  const PythonProgramData& data = program.data();
  const std::string_view source = data.source;
  const auto functions = functions_of(data);
  std::vector<std::string> faults;
  if (!has_entry(data, entry)) faults.push_back(fmt::format("def {}", entry));

  std::string_view block;  // the outermost function that is being read
  std::size_t next_line = 0;
  for (const PythonProgramData::Read& read : data.reads) {
    for (; next_line <= read.line; ++next_line) {
      if (!data.is_outermost(next_line)) continue;
      const std::string_view text = data.text(next_line);
      block = text.starts_with("def ") ? name_at_start(text.substr(4)) : std::string_view();
    }
    const Around around(source, read);
    if (const auto call = method_call(source, around)) {
      const auto usual = habits.find(call->method);
      if (usual != habits.end() && is_unusual(usual->second, call->arguments)) {
        faults.push_back(fmt::format(".{}({})", call->method, call->arguments));
      }
      continue;
    }
    const std::string_view name = source.substr(read.begin, read.length);
    const auto found = functions.find(name);
    if (found == functions.end() || !around.after.starts_with('(')) continue;
    const Function& function = found->second;
    const Pieces pieces(source, source.size() - around.after.size() + 1);
    if (const auto arguments = Arguments::of(pieces); arguments && !function.takes(*arguments)) {
      faults.push_back(fmt::format("{}({})", name, arguments->count()));
    }
    if (name == block && read.line < function.straight_end && !may_not_be_reached(data.text(read.line))) {
      faults.push_back(fmt::format("{0}() in {0}", name));
    }
    if (pieces.end == 0) continue;
    std::string_view after = source.substr(pieces.end);
    after.remove_prefix(std::min(after.find_first_not_of(' '), after.size()));
    if (!function.gives_value &&
        (ends_with_any(around.before, "=([,+-*/%<>") || starts_with_any(after, "[.+-*/%<>="))) {
      faults.push_back(fmt::format("{}() = None", name));
    }
    if (function.gives_sequence && (ends_with_any(around.before, "-/%") || starts_with_any(after, "-/%"))) {
      faults.push_back(fmt::format("{}() = []", name));
    }
  }
  std::sort(faults.begin(), faults.end());
  faults.erase(std::unique(faults.begin(), faults.end()), faults.end());
  return faults;
}

}  // namespace samara::diff
