// Server-sent events (HTML Standard, section 9.2): a text/event-stream body is a sequence of these. A pure
// function.
#pragma once

#include <string>
#include <string_view>

namespace samara {

inline constexpr char kEventStream[] = "text/event-stream";

/// One event. Every line of `data` gets its "data: ".
std::string sse_event(std::string_view data);

}  // namespace samara
