// A model's reply against a program: whatever the bytes, the patch applies or is refused with a reason. The
// input is the program, a NUL, and the reply; besides, the exact diff between the two must lead from one to
// the other.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "samara/base/check.h"
#include "samara/patch/line_diff.h"
#include "samara/patch/patch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace samara;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t split = input.find('\0');
  const std::string_view before = input.substr(0, split);
  const std::string_view reply = split == std::string_view::npos ? input : input.substr(split + 1);
  for (const PatchFormat format :
       {PatchFormat::kUnifiedDiff, PatchFormat::kSearchReplace, PatchFormat::kRewrite}) {
    const PatchResult result = apply_patch(before, reply, format);
    if (const auto* refusal = std::get_if<PatchRefusal>(&result)) {
      SAMARA_CHECK(!refusal->reason.empty());
      SAMARA_CHECK(refusal->reason.find('\n') == std::string::npos);
    }
  }
  const std::string diff = exact_unified_diff(before, reply);
  if (diff.empty()) {
    SAMARA_CHECK(before == reply);
    return 0;
  }
  const PatchResult result = apply_patch(before, diff);
  const auto* patched = std::get_if<Patched>(&result);
  SAMARA_CHECK(patched != nullptr);
  SAMARA_CHECK(patched->text == reply);
  return 0;
}
