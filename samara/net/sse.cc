#include "samara/net/sse.h"

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

}  // namespace samara
