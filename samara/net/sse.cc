#include "samara/net/sse.h"

#include <algorithm>

namespace samara {

std::string sse_event(std::string_view data) {
  std::string event = "data: ";
  for (const char c : data) {
    if (c == '\r') continue;  // would end a line too
    event += c;
    if (c == '\n') event += "data: ";
  }
  return event + "\n\n";
}

bool SseReader::feed(std::string_view bytes, const std::function<bool(std::string_view data)>& on_event) {
  for (const char c : bytes) {
    const bool second_of_pair = c == '\n' && after_return_;
    after_return_ = c == '\r';
    if (second_of_pair) continue;
    if (c == '\n' || c == '\r') {
      if (!end_line(on_event)) return false;
    } else {
      if (line_.size() >= max_bytes_) return false;
      line_ += c;
    }
  }
  return true;
}

bool SseReader::end_line(const std::function<bool(std::string_view data)>& on_event) {
  constexpr std::string_view kField = "data";
  if (line_.empty()) {
    const bool go_on = !has_data_ || on_event(data_);
    data_.clear();
    has_data_ = false;
    return go_on;
  }
  if (line_.starts_with(kField) && (line_.size() == kField.size() || line_[kField.size()] == ':')) {
    std::string_view value = std::string_view(line_).substr(std::min(line_.size(), kField.size() + 1));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (data_.size() + value.size() >= max_bytes_) return false;
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  }
  line_.clear();
  return true;
}

}  // namespace samara
