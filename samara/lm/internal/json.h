// Parsing of JSON that strangers wrote: whatever is wrong with the text becomes a Result. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "samara/base/result.h"

namespace samara::lm::internal {

/// Deeper than any file that we read.
inline constexpr int kMaxJsonDepth = 64;

/// Errors: kInvalidData with the place in the text.
Result<nlohmann::json> parse_json(std::string_view text);

/// The member `key` of an object, or nullptr where it is missing or null.
const nlohmann::json* find_member(const nlohmann::json& object, std::string_view key);

/// `text` as a JSON string, quotes included. Text that is not UTF-8 gets replacement characters.
std::string json_string(std::string_view text);

}  // namespace samara::lm::internal
