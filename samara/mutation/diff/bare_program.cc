#include "samara/mutation/diff/bare_program.h"

#include "samara/mutation/diff/internal/python_program_data.h"
#include "samara/mutation/diff/python_program.h"

namespace samara::diff {
namespace {

bool is_comment_alone(const internal::PythonProgramData& data, std::size_t line) {
  const std::string_view text = data.text(line), comment = data.lines[line].comment;
  const std::size_t first = text.find_first_not_of(" \t\f");
  // Behind a backslash the comment ends the line that goes on.
  return !comment.empty() && text.data() + first == comment.data() && !data.lines[line].before.continued;
}

}  // namespace

BareProgram bare_program(std::string_view whole) {
  const PythonProgram program = PythonProgram::parse(whole);
  const auto& lines = program.data().lines;  // in the program's own copy of the text
  BareProgram bare;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_comment_alone(program.data(), i)) continue;
    const std::size_t end = i + 1 < lines.size() ? lines[i + 1].begin : whole.size();
    bare.source += whole.substr(lines[i].begin, end - lines[i].begin);
    bare.line_of.push_back(i);
  }
  bare.line_of.push_back(lines.size());
  return bare;
}

std::vector<Hunk> hunks_of_whole(const BareProgram& bare, std::vector<Hunk> hunks) {
  for (Hunk& hunk : hunks) {
    const std::size_t first = bare.line_of[hunk.line];
    if (hunk.removed > 0) hunk.removed = bare.line_of[hunk.line + hunk.removed - 1] + 1 - first;
    hunk.line = first;
  }
  return hunks;
}

}  // namespace samara::diff
