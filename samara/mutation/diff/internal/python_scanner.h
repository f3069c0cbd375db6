// PythonScanner: moves a PythonState by bytes: cuts them into names, numbers, strings and operators, checks
// their spelling, and tells the grammar. What has been read can always be continued to something that is
// taken, with the exceptions named in docs/mutation-diff.md. It holds references only and is made per call.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "samara/mutation/diff/internal/python_grammar.h"
#include "samara/mutation/diff/internal/python_names.h"
#include "samara/mutation/diff/internal/python_state.h"

namespace samara::diff::internal {

/// Hears of the names in what is read, when their use is known.
class NameListener {
 public:
  virtual ~NameListener() = default;
  /// @param uses one of use::kBound, kAttribute, kArgument, kModule, kMember, kRead
  virtual void saw(std::uint8_t uses, std::uint32_t begin, std::uint8_t length) = 0;
};

/// The names that may be used.
struct NameRules {
  const PythonNames* known = nullptr;
  std::span<const std::uint16_t> live;  ///< per known name: lines in sight that bind it
  std::span<const std::string> added;   ///< bound by new lines, in no order
  bool has_modules = false;             ///< some known name may be imported
};

struct ScanRules {
  bool strict = false;      ///< new lines: ASCII outside of strings, no tabs, regular indentation
  std::uint32_t steps = 0;  ///< see is_step(); 0 unless strict
  const NameRules* names = nullptr;
  NameListener* listener = nullptr;
};

class PythonScanner {
 public:
  /// The text that positions count in is `before` and then `now`; only names are looked up in it.
  PythonScanner(const ScanRules& rules, std::string_view before, std::string_view now)
      : rules_(rules), before_(before), now_(now) {}

  /// False: the byte cannot stand here, and the state is spoiled.
  bool step(PythonState& state, char byte) const;
  /// The same for a line break.
  bool end_line(PythonState& state) const;
  /// Whether what was read had better go on to a longer new name: it ends with a keyword that cannot stand
  /// here. Only with names.
  bool ends_with_misplaced_keyword(const PythonState& state) const;

 private:
  bool begin_token(PythonState& state, char byte) const;
  bool begin_name(PythonState& state, char byte) const;
  bool continue_name(PythonState& state, char byte) const;
  bool end_name(PythonState& state) const;
  bool use_name(PythonState& state, Symbol symbol = Symbol::kName) const;
  void owe(PythonState& state) const;
  bool keyword_fits(const PythonState& state, Symbol symbol) const;
  /// `match` or `case` at the beginning of a statement, as the rules want it read.
  Symbol held(Symbol soft) const;
  bool name_fits(const PythonState& state) const;
  bool known_fits(const PythonState& state, bool complete, NameRole role) const;
  bool continue_operator(PythonState& state, char byte) const;
  bool end_operator(PythonState& state) const;
  bool begin_string(PythonState& state, char quote) const;
  bool string_byte(PythonState& state, char byte) const;
  unsigned max_column(const PythonState& state) const;
  bool feed(PythonState& state, Symbol symbol) const;
  void bind(PythonState& state, BoundName::Status status) const;
  bool spells(std::uint32_t begin, std::size_t length, std::string_view name, bool prefix) const;
  char at(std::uint32_t position) const {
    return position < before_.size() ? before_[position] : now_[position - before_.size()];
  }

  const ScanRules& rules_;
  std::string_view before_, now_;
};

}  // namespace samara::diff::internal
