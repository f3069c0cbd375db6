#include "samara/patch/patch.h"

#include <algorithm>

#include "samara/patch/internal/hunk.h"

namespace samara {
namespace {

/// A reply whose lines all end with "\r\n" came that way; the line ends are no part of what it says.
bool is_carriage_return_text(std::string_view reply) {
  std::size_t lines = 0;
  for (std::size_t i = reply.find('\n'); i != std::string_view::npos; i = reply.find('\n', i + 1)) {
    if (i == 0 || reply[i - 1] != '\r') return false;
    ++lines;
  }
  return lines > 0;
}

PatchResult apply_parsed(std::string_view before, const internal::ParsedHunks& parsed) {
  if (const auto* refusal = std::get_if<PatchRefusal>(&parsed)) return *refusal;
  return internal::apply_hunks(before, std::get<std::vector<internal::Hunk>>(parsed));
}

PatchResult rewrite(std::string_view reply) {
  auto code = internal::extract_code(reply);
  if (const auto* refusal = std::get_if<PatchRefusal>(&code)) return *refusal;
  Patched patched;
  patched.text = std::get<std::string>(std::move(code));
  patched.edits = 1;
  return patched;
}

}  // namespace

PatchFormat recognize_patch(std::string_view reply) {
  if (internal::starts_search_replace(reply)) return PatchFormat::kSearchReplace;
  if (internal::starts_unified_diff(reply)) return PatchFormat::kUnifiedDiff;
  return PatchFormat::kRewrite;
}

PatchResult apply_patch(std::string_view before, std::string_view reply) {
  return apply_patch(before, reply, recognize_patch(reply));
}

PatchResult apply_patch(std::string_view before, std::string_view reply, PatchFormat format) {
  std::string plain;
  if (is_carriage_return_text(reply)) {
    plain = reply;
    std::erase(plain, '\r');
    reply = plain;
  }
  PatchResult result =
      format == PatchFormat::kUnifiedDiff ? apply_parsed(before, internal::parse_unified_diff(before, reply))
      : format == PatchFormat::kSearchReplace ? apply_parsed(before, internal::parse_search_replace(reply))
                                              : rewrite(reply);
  if (auto* patched = std::get_if<Patched>(&result)) patched->format = format;
  return result;
}

}  // namespace samara
