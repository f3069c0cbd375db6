#include "samara/archive/niche_map.h"

#include <fmt/format.h>

namespace samara {

std::string axes_text(std::span<const BehaviorAxis> axes) {
  std::string text;
  for (const BehaviorAxis& axis : axes) {
    fmt::format_to(std::back_inserter(text), "{}{}=[{},{}]", text.empty() ? "" : " ", axis.name, axis.low,
                   axis.high);
  }
  return text;
}

}  // namespace samara
