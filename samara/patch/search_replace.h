// Search/replace blocks that turn one text into another, in the form that language models write and
// apply_patch() takes. Read patch.h first; line_diff.h makes unified diffs of the same edits. Pure.
#pragma once

#include <string>
#include <string_view>

namespace samara {

/// The blocks, in the order of the text; empty for equal texts. Each names lines around its
/// change until it fits in one place only. Lines are compared without their line breaks, so a missing final
/// line break is no difference, and texts that hold a block's own markers are not quoted: whoever needs
/// certainty compares apply_patch(before, search_replace_blocks(before, after)) with `after`.
std::string search_replace_blocks(std::string_view before, std::string_view after);

}  // namespace samara
