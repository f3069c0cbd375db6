// Server-sent events (HTML Standard, section 9.2): a text/event-stream body is a sequence of these. The
// server writes them with sse_event(), the client reads them with SseReader, whatever pieces the body comes
// in. Pure functions of the bytes. One thread per reader.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace samara {

inline constexpr char kEventStream[] = "text/event-stream";

/// One event. Every line of `data` gets its "data: ".
std::string sse_event(std::string_view data);

/// Takes a body piece by piece and calls back with the data of each event that is complete: its "data" lines
/// joined by line breaks. Other fields and comments are passed over, and so is an event that never ends.
class SseReader {
 public:
  /// @param max_event_bytes of a line and of an event's data; more is an error
  explicit SseReader(std::size_t max_event_bytes = std::size_t{1} << 20) : max_bytes_(max_event_bytes) {}

  /// False when an event is too large or `on_event` returned false; then the reader is of no more use.
  bool feed(std::string_view bytes, const std::function<bool(std::string_view data)>& on_event);

 private:
  bool end_line(const std::function<bool(std::string_view data)>& on_event);

  std::size_t max_bytes_;
  std::string line_;
  std::string data_;
  bool has_data_ = false;
  bool after_return_ = false;  ///< the last byte was '\r', which a '\n' may follow
};

}  // namespace samara
