// The edits of the operator `text`, one function each. docs/mutation-text.md says what they do. Each draws
// one edit and returns none where the text has no place for it or where what was drawn changes nothing.
// Deterministic in the random stream. Pure functions otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "samara/base/rng.h"
#include "samara/mutation/text/source_text.h"

namespace samara::text {

/// A changed text, and how it was changed in one line of plain words.
struct Edited {
  std::string text;
  std::string note;
};

std::optional<Edited> change_number(const SourceText& source, Rng& rng);
std::optional<Edited> change_sign(const SourceText& source, Rng& rng);
std::optional<Edited> change_name(const SourceText& source, Rng& rng);
std::optional<Edited> grow_expression(const SourceText& source, Rng& rng);
std::optional<Edited> change_piece(const SourceText& source, Rng& rng);
std::optional<Edited> delete_unit(const SourceText& source, Rng& rng);
std::optional<Edited> copy_unit(const SourceText& source, Rng& rng);
std::optional<Edited> move_unit(const SourceText& source, Rng& rng);
std::optional<Edited> swap_units(const SourceText& source, Rng& rng);
/// A unit of the donor that the source does not have, beside one of the source or in its place.
std::optional<Edited> cross_over(const SourceText& source, const SourceText& donor, Rng& rng);

}  // namespace samara::text
