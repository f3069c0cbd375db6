// A program, a zero byte, and new lines for it: whatever the bytes, the guard answers, trials change nothing,
// and what was allowed is taken.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "samara/base/check.h"
#include "samara/mutation/diff/python_guard.h"

using samara::diff::PythonGuard;
using samara::diff::PythonProgram;

namespace {

void write(PythonGuard& guard, std::string_view text) {
  guard.begin_line();
  while (!text.empty()) {
    const std::string_view token = text.substr(0, 1 + text.size() % 3);
    text.remove_prefix(token.size());
    if (token.find('\n') != std::string_view::npos) {
      SAMARA_CHECK(!guard.allows_text(token));
      if (guard.allows_line_end()) guard.begin_line();
      continue;
    }
    const bool allowed = guard.allows_text(token);
    SAMARA_CHECK(guard.allows_text(token) == allowed);
    if (!allowed) continue;
    guard.accept_text(token);
    SAMARA_CHECK(guard.allows_text(""));  // what was allowed was taken
    const bool ends = guard.fits_until() == PythonGuard::kWholeProgram;
    SAMARA_CHECK(guard.allows_edit_end() == ends);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 4096));
  const std::size_t zero = std::min(bytes.find('\0'), bytes.size());
  const std::string_view text = zero < bytes.size() ? bytes.substr(zero + 1) : std::string_view();
  const PythonProgram program = PythonProgram::parse(bytes.substr(0, zero));
  const std::size_t lines = program.line_count();
  for (const bool names : {false, true}) {
    PythonGuard guard(program, {.names = names});
    const std::size_t first = size % (lines + 1);
    const std::size_t removed = std::min<std::size_t>(size / 7 % 3, lines - first);
    guard.begin_edit(first, removed);
    write(guard, text.substr(0, text.size() / 2));
    guard.begin_edit(first + removed + (lines - first - removed) / 2, 0);
    write(guard, text.substr(text.size() / 2));
  }
  return 0;
}
