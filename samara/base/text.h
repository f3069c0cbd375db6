// Small helpers for text that people or models wrote.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace samara {

/// The candidate nearest to `name` by edit distance (Levenshtein), or nothing when none is near enough to be
/// a likely typo (more than a third of the longer word differs). For "unknown key X, did you mean Y?".
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

/// The text on one line of at most `max_bytes`: line breaks and control characters become spaces.
std::string one_line(std::string_view text, std::size_t max_bytes = 400);

/// Valid UTF-8: every malformed byte becomes U+FFFD. JSON writers refuse anything else.
std::string sanitize_utf8(std::string_view bytes);

/// Greatest nesting of brackets in a JSON text, outside of its strings. For what strangers wrote: parsing it
/// does not recurse, but copying, comparing and printing the values does.
int json_depth(std::string_view text);

}  // namespace samara
