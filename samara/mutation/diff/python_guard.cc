#include "samara/mutation/diff/python_guard.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "samara/base/check.h"
#include "samara/mutation/diff/internal/python_program_data.h"
#include "samara/mutation/diff/internal/python_scanner.h"

namespace samara::diff {

using internal::NameRules;
using internal::PythonProgramData;
using internal::PythonScanner;
using internal::PythonState;
using internal::ScanRules;

struct PythonGuard::Impl : internal::NameListener {
  Impl(PythonProgram of, PythonGuardOptions with)
      : program(std::move(of)),
        options(with),
        state(data().before(0)),
        removed(data().lines.size(), false),
        live(data().names.size(), 0) {
    text.reserve(1024);
  }

  const PythonProgramData& data() const { return program.data(); }

  NameRules names() const { return {&data().names, live, added, data().has_modules}; }
  ScanRules rules(const NameRules& names) const {
    ScanRules rules;
    rules.strict = true;
    rules.steps = data().steps;
    rules.names = options.names ? &names : nullptr;
    return rules;
  }

  void saw(std::uint8_t uses, std::uint32_t begin, std::uint8_t length) override {
    if (uses == internal::use::kBound) added.push_back(text.substr(begin, length));
  }

  void end_line() {
    const NameRules allowed = names();
    ScanRules with = rules(allowed);
    with.listener = this;
    const std::string comment = comment_at(state);
    fits = fits && comment_may_end_so(comment);
    if (const auto free = std::find(free_comments.begin(), free_comments.end(), comment);
        free != free_comments.end()) {
      free_comments.erase(free);
    }
    fits = fits && PythonScanner(with, text, {}).end_line(state);
    text += '\n';
    line_open = false;
  }

  /// Reads a kept line; one that could not be read before need not be now.
  bool read_kept(PythonState& reader, std::size_t line) const {
    const ScanRules rules;
    const PythonScanner scanner(rules, data().source, {});
    reader.position = data().lines[line].begin;
    std::string_view bytes = data().text(line);
    if (bytes.ends_with('\r')) bytes.remove_suffix(1);
    const bool read =
        std::all_of(bytes.begin(), bytes.end(), [&](char byte) { return scanner.step(reader, byte); }) &&
        scanner.end_line(reader);
    if (!read && data().lines[line].broken) {
      reader = data().before(line + 1);
      return true;
    }
    return read;
  }

  /// Reads kept lines from `line` on until the reader stands as it did in the unchanged program: then the
  /// rest is as it was. `line` becomes the first that does not fit, or the one where reading stopped, at most
  /// `end`.
  bool read_kept_until(PythonState& reader, std::size_t& line, std::size_t end) const {
    for (; line < end; ++line) {
      if (internal::same_situation(reader, data().before(line))) {
        line = end;
        reader = data().before(end);
        return true;
      }
      if (!read_kept(reader, line)) return false;
    }
    return true;
  }

  /// Finds the names that a new line in front of `line` may read: bound by a kept line that stands before it
  /// in its function, or at the top level. Of other functions only the names of their own.
  void see_names(std::size_t line) {
    std::size_t function = line;  // the header of the function or class that the line stands in, if any
    for (std::size_t i = line; i-- > 0;) {
      if (removed[i] || !data().is_outermost(i)) continue;
      if (data().is_definition(i)) function = i;
      break;
    }
    std::fill(live.begin(), live.end(), std::uint16_t{0});
    for (std::size_t i = 0; i < data().lines.size(); ++i) {
      if (removed[i]) continue;
      const bool here = i >= function && i < line;
      if (!here && !data().is_outermost(i)) continue;
      const auto binds =
          here ? std::span<const std::uint16_t>(data().lines[i].binds) : data().module_binds(i);
      for (const std::uint16_t name : binds) ++live[name];
    }
  }

  /// The comment that the reader is in, with `bytes` behind the new lines; empty: none, or any will do.
  std::string comment_at(const PythonState& reader, std::string_view bytes = {}) const {
    if (options.new_comments || reader.lexeme != internal::Lexeme::kComment) return {};
    std::string comment = text.substr(std::min<std::size_t>(reader.comment_begin, text.size()));
    return comment.append(bytes.substr(reader.comment_begin - (text.size() - comment.size())));
  }
  bool comment_may_begin_so(const std::string& comment) const {
    return comment.empty() || std::any_of(free_comments.begin(), free_comments.end(),
                                          [&](std::string_view free) { return free.starts_with(comment); });
  }
  bool comment_may_end_so(const std::string& comment) const {
    return comment.empty() ||
           std::find(free_comments.begin(), free_comments.end(), comment) != free_comments.end();
  }

  PythonProgram program;
  PythonGuardOptions options;
  PythonState state;           ///< of the reader, at the end of `text`
  std::string text;            ///< the new lines of all edits
  std::size_t line_begin = 0;  ///< of the open line, in `text`
  std::size_t resume = 0;      ///< the kept line behind the edit
  bool line_open = false;
  bool fits = true;                             ///< nothing was accepted that was not allowed
  std::vector<bool> removed;                    ///< lines of the program
  std::vector<std::string_view> free_comments;  ///< of removed lines, that no new line has yet
  std::vector<std::uint16_t> live;  ///< per known name: lines that bind it and are in sight of the edit
  std::vector<std::string> added;   ///< names that new lines bind
};

PythonGuard::PythonGuard(PythonProgram program, PythonGuardOptions options)
    : impl_(std::make_unique<Impl>(std::move(program), options)) {}
PythonGuard::PythonGuard(const PythonGuard& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
PythonGuard& PythonGuard::operator=(const PythonGuard& other) {
  *impl_ = *other.impl_;
  return *this;
}
PythonGuard::PythonGuard(PythonGuard&&) noexcept = default;
PythonGuard& PythonGuard::operator=(PythonGuard&&) noexcept = default;
PythonGuard::~PythonGuard() = default;

void PythonGuard::begin_edit(std::size_t first_line, std::size_t removed_lines) {
  const PythonProgramData& data = impl_->data();
  SAMARA_CHECK(first_line >= impl_->resume && first_line <= data.lines.size());
  SAMARA_CHECK(removed_lines <= data.lines.size() - first_line);
  if (impl_->line_open) impl_->end_line();
  std::size_t line = impl_->resume;
  if (!impl_->read_kept_until(impl_->state, line, first_line)) impl_->state = data.before(first_line);
  impl_->state.names = 0;
  impl_->state.owed = 0;
  impl_->state.position = static_cast<std::uint32_t>(impl_->text.size());
  for (std::size_t i = first_line; i < first_line + removed_lines; ++i) {
    impl_->removed[i] = true;
    if (!data.lines[i].comment.empty()) impl_->free_comments.push_back(data.lines[i].comment);
  }
  impl_->see_names(first_line);
  impl_->resume = first_line + removed_lines;
}

void PythonGuard::begin_line() {
  if (impl_->line_open) impl_->end_line();
  impl_->line_open = true;
  impl_->line_begin = impl_->text.size();
}

bool PythonGuard::allows_text(std::string_view bytes) const {
  if (!impl_->fits || !impl_->line_open) return false;
  if (impl_->text.size() - impl_->line_begin + bytes.size() > kMaxLineBytes) return false;
  const NameRules names = impl_->names();
  const ScanRules rules = impl_->rules(names);
  const PythonScanner scanner(rules, impl_->text, bytes);
  PythonState state = impl_->state;
  return std::all_of(bytes.begin(), bytes.end(), [&](char byte) { return scanner.step(state, byte); }) &&
         impl_->comment_may_begin_so(impl_->comment_at(state, bytes)) &&
         !scanner.ends_with_misplaced_keyword(state);
}

void PythonGuard::accept_text(std::string_view bytes) {
  if (!allows_text(bytes)) {
    impl_->fits = false;
    return;
  }
  const NameRules names = impl_->names();
  const ScanRules rules = impl_->rules(names);
  const PythonScanner scanner(rules, impl_->text, bytes);
  for (const char byte : bytes) scanner.step(impl_->state, byte);
  impl_->text += bytes;
}

bool PythonGuard::allows_line_end() const {
  if (!impl_->fits) return false;
  if (!impl_->line_open) return true;
  const NameRules names = impl_->names();
  const ScanRules rules = impl_->rules(names);
  PythonState state = impl_->state;
  return impl_->comment_may_end_so(impl_->comment_at(state)) &&
         PythonScanner(rules, impl_->text, {}).end_line(state);
}

std::size_t PythonGuard::fits_until() const {
  const PythonProgramData& data = impl_->data();
  std::size_t line = impl_->resume;
  if (!impl_->fits) return line;
  PythonState reader = impl_->state;
  if (impl_->line_open) {
    const NameRules names = impl_->names();
    const ScanRules rules = impl_->rules(names);
    if (!impl_->comment_may_end_so(impl_->comment_at(reader)) ||
        !PythonScanner(rules, impl_->text, {}).end_line(reader))
      return line;
  }
  // Where comments are kept as they are, one that the program here lacks may come between.
  if (impl_->line_open && reader.continued && !impl_->options.new_comments) return line;
  if (!impl_->read_kept_until(reader, line, data.lines.size())) return line;
  if (may_end_program(reader) || !may_end_program(data.end)) return kWholeProgram;
  return data.lines.size();
}

}  // namespace samara::diff
