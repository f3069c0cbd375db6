// What stands around the names that a program reads, as text.
#pragma once

#include <algorithm>
#include <string_view>

#include "samara/mutation/diff/internal/python_lexemes.h"
#include "samara/mutation/diff/internal/python_program_data.h"

namespace samara::diff::internal {

/// What stands around a read, without spaces.
struct Around {
  std::string_view before, after;

  Around(std::string_view source, const PythonProgramData::Read& read)
      : before(source.substr(0, read.begin)), after(source.substr(read.begin + read.length)) {
    while (before.ends_with(' ')) before.remove_suffix(1);
    after.remove_prefix(std::min(after.find_first_not_of(' '), after.size()));
  }
};

/// The method that is called on the name that was read, if one is.
inline std::string_view called_method(std::string_view after) {
  if (!after.starts_with('.')) return {};
  std::size_t end = 1;
  while (end < after.size() && is_name_byte(after[end])) ++end;
  return end < after.size() && after[end] == '(' ? after.substr(1, end - 1) : std::string_view();
}

}  // namespace samara::diff::internal
