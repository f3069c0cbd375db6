#include "samara/lm/serve/text_stream.h"

#include <algorithm>
#include <utility>

#include "samara/base/text.h"

namespace samara::lm {
namespace {

/// Bytes at the end of `text` that more bytes could complete to a UTF-8 sequence.
std::size_t unfinished_sequence(std::string_view text) {
  for (std::size_t length = 1; length <= std::min<std::size_t>(3, text.size()); ++length) {
    const auto byte = static_cast<unsigned char>(text[text.size() - length]);
    if ((byte & 0xC0) == 0x80) continue;  // continues what is before it
    const std::size_t needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return needed > length ? length : 0;
  }
  return 0;
}

/// Bytes at the end of `text` that `stop` begins with, not counting all of it.
std::size_t begun(std::string_view text, std::string_view stop) {
  for (std::size_t length = std::min(text.size(), stop.size() - 1); length > 0; --length) {
    if (text.ends_with(stop.substr(0, length))) return length;
  }
  return 0;
}

}  // namespace

std::string TextStream::push(std::string_view bytes) {
  if (stopped_) return {};
  pending_ += bytes;
  std::size_t stop_begin = std::string::npos, stop_end = std::string::npos,
              held = unfinished_sequence(pending_);
  for (const std::string& stop : stops_) {
    const std::size_t at = pending_.find(stop);
    if (at == std::string::npos) {
      held = std::max(held, begun(pending_, stop));
    } else if (at + stop.size() < stop_end || (at + stop.size() == stop_end && at < stop_begin)) {
      stop_begin = at;
      stop_end = at + stop.size();
    }
  }
  stopped_ = stop_begin != std::string::npos;
  if (stopped_) return sanitize_utf8(std::exchange(pending_, {}).substr(0, stop_begin));
  // What precedes the beginning of a stop string may itself end within a sequence.
  std::size_t certain = pending_.size() - held;
  certain -= unfinished_sequence(std::string_view(pending_).substr(0, certain));
  std::string text = sanitize_utf8(std::string_view(pending_).substr(0, certain));
  pending_.erase(0, certain);
  return text;
}

std::string TextStream::finish() {
  return sanitize_utf8(std::exchange(pending_, {}));
}

}  // namespace samara::lm
