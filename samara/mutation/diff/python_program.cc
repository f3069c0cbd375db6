#include "samara/mutation/diff/python_program.h"

#include <algorithm>
#include <utility>

#include "samara/mutation/diff/internal/python_lexemes.h"
#include "samara/mutation/diff/internal/python_program_data.h"
#include "samara/mutation/diff/internal/python_scanner.h"
#include "samara/patch/line_diff.h"

namespace samara::diff {
namespace internal {
namespace {

constexpr std::uint32_t kUsualStep = 1U << 4;

/// Collects the names of a program.
class Collector : public NameListener {
 public:
  Collector(PythonProgramData& data, const PythonState& state) : data_(data), state_(state) {}

  void saw(std::uint8_t uses, std::uint32_t begin, std::uint8_t length) override {
    const std::string_view name = std::string_view(data_.source).substr(begin, length);
    if (uses == use::kRead) {
      data_.reads.push_back({begin, length, 0});
      return;
    }
    if (uses == use::kArgument) drop_read(begin);
    if (uses == use::kBound) {
      drop_read(begin);
      binds_.emplace_back(name, begin);
      // What a class binds are attributes of its objects.
      if (state_.indents[state_.blocks - 1].kind == Block::kClass) uses |= use::kAttribute;
    }
    data_.names.add(name, uses);
  }

  /// Every name of a line that could not be read counts as bound.
  void saw_broken(const PythonProgramData::Line& line) {
    while (!data_.reads.empty() && data_.reads.back().begin >= line.begin) data_.reads.pop_back();
    const std::uint32_t end = line.begin + line.length;
    for (std::uint32_t i = line.begin; i < end;) {
      std::uint32_t stop = i;
      while (stop < end && is_name_byte(data_.source[stop])) ++stop;
      if (stop > i && stop - i < 255 && is_name_start(data_.source[i])) {
        saw(use::kBound, i, static_cast<std::uint8_t>(stop - i));
      }
      i = std::max(stop, i + 1);
    }
  }

  /// Notes, when all names are there, which line binds which, and where reads stand.
  void finish() {
    for (const auto& [name, begin] : binds_) {
      const std::size_t index = data_.names.find(name);
      if (index == data_.names.size()) continue;
      data_.lines[line_of(begin)].binds.push_back(static_cast<std::uint16_t>(index));
    }
    for (PythonProgramData::Read& read : data_.reads) {
      read.line = static_cast<std::uint32_t>(line_of(read.begin));
    }
  }

 private:
  std::size_t line_of(std::uint32_t position) const {
    const auto after = std::upper_bound(data_.lines.begin(), data_.lines.end(), position,
                                        [](std::uint32_t at, const auto& line) { return at < line.begin; });
    return static_cast<std::size_t>(after - data_.lines.begin()) - 1;
  }

  /// What began there was no read after all.
  void drop_read(std::uint32_t begin) {
    auto& reads = data_.reads;
    auto read = reads.end();
    while (read != reads.begin() && std::prev(read)->begin > begin) --read;
    if (read != reads.begin() && std::prev(read)->begin == begin) reads.erase(std::prev(read));
  }

  PythonProgramData& data_;
  const PythonState& state_;
  std::vector<std::pair<std::string, std::uint32_t>> binds_;
};

/// Where to go on behind a line that could not be read: as if it had been a statement at its indentation.
PythonState behind_broken(const PythonState& before, std::string_view line) {
  PythonState state = before;
  const std::size_t spaces = std::min(line.find_first_not_of(' '), line.size());
  const auto column = static_cast<std::uint8_t>(std::min<std::size_t>(spaces, 255));
  while (state.blocks > 1 && state.indents[state.blocks - 1].column > column) --state.blocks;
  if (state.indents[state.blocks - 1].column < column && state.blocks < PythonState::kMaxBlocks) {
    const Block kind = before.opens == Block::kNone ? Block::kElse : before.opens;
    state.indents[state.blocks++] = {column, kind};
  }
  state.depth = state.names = state.used_count = state.fields = 0;
  state.need = Need::kStatement;
  state.lexeme = Lexeme::kIndent;
  state.column = 0;
  state.utf8_due = 0;
  state.header = state.predecessor = Block::kNone;
  state.opens = line.ends_with(':') ? Block::kElse : Block::kNone;
  state.simple_only = state.is_async = state.decorated = state.line_begun = state.continued = state.soft =
      false;
  return state;
}

void add_names(PythonNames& names, std::span<const std::string_view> list, std::uint8_t uses) {
  for (const std::string_view name : list) names.add(name, uses);
}

}  // namespace
}  // namespace internal

using internal::PythonProgramData;
using internal::PythonState;

PythonProgram PythonProgram::parse(std::string_view source, std::span<const std::string> known_names) {
  namespace use = internal::use;
  auto data = std::make_shared<PythonProgramData>();
  data->source = std::string(source);
  const std::string_view text = data->source;
  for (const std::string_view line : split_lines(text)) {
    data->lines.emplace_back();
    data->lines.back().begin = static_cast<std::uint32_t>(line.data() - text.data());
    data->lines.back().length = static_cast<std::uint32_t>(line.size());
  }

  PythonState state;
  internal::Collector collector(*data, state);
  internal::ScanRules rules;
  rules.listener = &collector;
  const internal::PythonScanner scanner(rules, text, {});
  for (PythonProgramData::Line& line : data->lines) {
    line.before = state;
    state.position = line.begin;
    std::string_view bytes = text.substr(line.begin, line.length);
    if (bytes.ends_with('\r')) bytes.remove_suffix(1);
    const bool bytes_fit =
        std::all_of(bytes.begin(), bytes.end(), [&](char byte) { return scanner.step(state, byte); });
    if (bytes_fit && state.lexeme == internal::Lexeme::kComment) {
      line.comment = bytes.substr(state.comment_begin - line.begin);
    }
    if (!bytes_fit || !scanner.end_line(state)) {
      line.broken = true;
      state = internal::behind_broken(line.before, bytes);
      collector.saw_broken(line);
    } else if (state.blocks > line.before.blocks) {
      const unsigned by = state.indents[state.blocks - 1].column - state.indents[state.blocks - 2].column;
      if (by < 32) data->steps |= 1U << by;
    }
  }
  data->end = state;
  // Where the program's first line stands is the outermost indentation, whatever edits remove.
  for (PythonProgramData::Line& line : data->lines) {
    line.before.program_begun = true;
    line.before.indents[0] = state.indents[0];
  }
  data->end.program_begun = true;
  if (data->steps == 0) data->steps = internal::kUsualStep;

  internal::PythonNames& names = data->names;
  internal::add_names(names, internal::python_builtins(), use::kAlways);
  internal::add_names(names, internal::python_methods(), use::kAttribute);
  for (const std::string& name : known_names) names.add(name, use::kAlways);
  names.seal();
  const std::size_t math = names.find("math");
  if (math < names.size() && (names[math].uses & (use::kModule | use::kAlways)) != 0) {
    internal::add_names(names, internal::python_math_members(), use::kAttribute | use::kMember);
    names.seal();
  }
  for (std::size_t i = 0; i < names.size(); ++i) data->has_modules |= (names[i].uses & use::kModule) != 0;
  collector.finish();
  return PythonProgram(std::move(data));
}

std::size_t PythonProgram::line_count() const {
  return data_->lines.size();
}

std::size_t PythonProgram::first_broken_line() const {
  const auto& lines = data_->lines;
  return static_cast<std::size_t>(
      std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.broken; }) - lines.begin());
}

bool PythonProgram::well_formed() const {
  return first_broken_line() == line_count() && internal::may_end_program(data_->end);
}

}  // namespace samara::diff
