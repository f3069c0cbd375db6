#include "samara/lm/internal/json.h"

#include "samara/base/text.h"

namespace samara::lm::internal {

Result<nlohmann::json> parse_json(std::string_view text) {
  if (json_depth(text) > kMaxJsonDepth) {
    return make_error(ErrorCode::kInvalidData, "JSON nested deeper than {} levels", kMaxJsonDepth);
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    return make_error(ErrorCode::kInvalidData, "malformed JSON: {}",
                      sanitize_utf8(one_line(error.what(), 200)));
  }
}

const nlohmann::json* find_member(const nlohmann::json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace samara::lm::internal
