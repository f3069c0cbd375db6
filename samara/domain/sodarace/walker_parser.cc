#include "samara/domain/sodarace/walker_parser.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <vector>

#include "samara/domain/sodarace/internal/msgpack_reader.h"

namespace samara::sodarace {
namespace {

template <typename... Args>
Error invalid(fmt::format_string<Args...> format, Args&&... args) {
  return make_error(ErrorCode::kInvalidData, format, std::forward<Args>(args)...);
}

Status check_count(std::string_view what, std::size_t count, std::size_t limit) {
  if (count <= limit) return {};
  return invalid("the walker has {} {}; at most {} are allowed", count, what, limit);
}

/// Reads the value's shape and each number's range, front to back.
class WalkerReader {
 public:
  explicit WalkerReader(std::string_view msgpack) : in_(msgpack) {}

  Result<Walker> read() {
    const auto keys = in_.map();
    if (!keys)
      return invalid("the walker is {}; a dict with joints and muscles was expected", in_.next_kind());
    bool has_joints = false;
    bool has_muscles = false;
    for (std::size_t i = 0; i < *keys; ++i) {
      const auto key = in_.string();
      if (key == "joints" && !has_joints) {
        has_joints = true;
        SAMARA_TRY_STATUS(read_joints());
      } else if (key == "muscles" && !has_muscles) {
        has_muscles = true;
        SAMARA_TRY_STATUS(read_muscles());
      } else {
        return invalid("the walker's keys are not exactly \"joints\" and \"muscles\"");
      }
    }
    if (!has_joints || !has_muscles)
      return invalid("the walker has no \"{}\"", has_joints ? "muscles" : "joints");
    if (!in_.at_end()) return invalid("{} follows the walker", in_.next_kind());
    return std::move(walker_);
  }

 private:
  Status read_joints() {
    const auto count = in_.array();
    if (!count) return invalid("the walker's joints are {}; a list was expected", in_.next_kind());
    SAMARA_TRY_STATUS(check_count("joints", *count, kMaxJoints));
    walker_.joints.reserve(*count);
    for (std::size_t i = 0; i < *count; ++i) {
      if (in_.array() != std::size_t{2}) return invalid("joint {}: a pair of numbers was expected", i);
      SAMARA_TRY(const float x, read_coordinate(i, "x"));
      SAMARA_TRY(const float y, read_coordinate(i, "y"));
      walker_.joints.push_back({x, y});
    }
    return {};
  }

  Result<float> read_coordinate(std::size_t joint, std::string_view name) {
    const auto value = in_.number();
    if (!value) return invalid("joint {}: {} is {}; a number was expected", joint, name, in_.next_kind());
    if (!(std::abs(*value) <= kMaxCoordinate)) {
      return invalid("joint {}: {} is {}; it must be between {} and {}", joint, name, *value, -kMaxCoordinate,
                     kMaxCoordinate);
    }
    return static_cast<float>(std::nearbyint(*value * kTicksPerUnit) / kTicksPerUnit + 0.0);  // no -0
  }

  Status read_muscles() {
    const auto count = in_.array();
    if (!count) return invalid("the walker's muscles are {}; a list was expected", in_.next_kind());
    SAMARA_TRY_STATUS(check_count("muscles", *count, kMaxMuscles));
    walker_.muscles.reserve(*count);
    for (std::size_t i = 0; i < *count; ++i) {
      if (in_.array() != std::size_t{3}) {
        return invalid("muscle {}: a list of two joints and a dict was expected", i);
      }
      Muscle muscle;
      SAMARA_TRY(muscle.a, read_joint_index(i));
      SAMARA_TRY(muscle.b, read_joint_index(i));
      SAMARA_TRY_STATUS(read_properties(i, muscle));
      walker_.muscles.push_back(muscle);
    }
    return {};
  }

  /// Whether the joint exists is seen when all of them are known.
  Result<std::uint32_t> read_joint_index(std::size_t muscle) {
    const auto index = in_.integer();
    if (!index)
      return invalid("muscle {}: a joint's index is {}; an int was expected", muscle, in_.next_kind());
    if (*index < 0 || *index >= std::int64_t{kMaxJoints}) {
      return invalid("muscle {}: joint {} does not exist", muscle, *index);
    }
    return static_cast<std::uint32_t>(*index);
  }

  Status read_properties(std::size_t index, Muscle& muscle) {
    const auto keys = in_.map();
    if (!keys)
      return invalid("muscle {}: the third element is {}; a dict was expected", index, in_.next_kind());
    std::optional<std::string_view> type;
    for (std::size_t i = 0; i < *keys; ++i) {
      const auto key = in_.string();
      if (key == "type") {
        type = in_.string();
        if (type != "distance" && type != "muscle") {
          return invalid("muscle {}: the type is neither \"distance\" nor \"muscle\"", index);
        }
      } else if (key == "amplitude") {
        SAMARA_TRY(muscle.amplitude, read_amplitude(index));
      } else if (key == "phase") {
        SAMARA_TRY(muscle.phase, read_phase(index));
      } else {
        return invalid("muscle {}: a key is none of \"type\", \"amplitude\" and \"phase\"", index);
      }
    }
    if (!type) return invalid("muscle {}: it has no \"type\"", index);
    muscle.active = type == "muscle";
    if (!muscle.active) muscle.amplitude = muscle.phase = 0.0f;
    return {};
  }

  Result<float> read_amplitude(std::size_t muscle) {
    const auto value = in_.number();
    if (!value)
      return invalid("muscle {}: the amplitude is {}; a number was expected", muscle, in_.next_kind());
    // The limit is a float, and its double may be smaller than the decimal number it stands for.
    if (!(std::abs(*value) <= 1.0 && std::abs(static_cast<float>(*value)) <= kMaxAmplitude)) {
      return invalid("muscle {}: the amplitude is {}; it must be between {} and {}", muscle, *value,
                     -kMaxAmplitude, kMaxAmplitude);
    }
    return static_cast<float>(*value) + 0.0f;  // no -0
  }

  Result<float> read_phase(std::size_t muscle) {
    const auto value = in_.number();
    if (!value) return invalid("muscle {}: the phase is {}; a number was expected", muscle, in_.next_kind());
    if (!std::isfinite(*value))
      return invalid("muscle {}: the phase is {}; it must be finite", muscle, *value);
    const double turn = *value - std::floor(*value);
    return static_cast<float>(std::fmod(std::nearbyint(turn * kTicksPerTurn), kTicksPerTurn) / kTicksPerTurn);
  }

  MsgpackReader in_;
  Walker walker_;
};

Status check_joints(const std::vector<Joint>& joints) {
  constexpr double kMinSquared = double{kMinJointDistance} * kMinJointDistance;
  if (joints.empty()) return invalid("the walker has no joints");
  SAMARA_TRY_STATUS(check_count("joints", joints.size(), kMaxJoints));
  for (std::size_t i = 1; i < joints.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      // Whole ticks: the squares are exact in double.
      const double dx = double{joints[i].x} - joints[j].x;
      const double dy = double{joints[i].y} - joints[j].y;
      if (dx * dx + dy * dy < kMinSquared) {
        return invalid("joints {} and {} are {:.4g} apart; at least {} is required", j, i, std::hypot(dx, dy),
                       kMinJointDistance);
      }
    }
  }
  return {};
}

/// Also names the lower joint of each muscle `a`.
Status check_muscles(Walker& walker) {
  SAMARA_TRY_STATUS(check_count("muscles", walker.muscles.size(), kMaxMuscles));
  const std::size_t joints = walker.joints.size();
  std::vector<std::size_t> degrees(joints, 0);
  std::vector<std::uint32_t> pairs;
  pairs.reserve(walker.muscles.size());
  for (std::size_t i = 0; i < walker.muscles.size(); ++i) {
    Muscle& muscle = walker.muscles[i];
    if (muscle.a > muscle.b) std::swap(muscle.a, muscle.b);
    if (muscle.b >= joints) {
      return invalid("muscle {}: joint {} does not exist; the walker has {} joints", i, muscle.b, joints);
    }
    if (muscle.a == muscle.b) return invalid("muscle {}: it ties joint {} to itself", i, muscle.a);
    for (const std::uint32_t joint : {muscle.a, muscle.b}) {
      if (++degrees[joint] > kMaxMusclesPerJoint) {
        return invalid("muscle {}: joint {} has more than {} muscles", i, joint, kMaxMusclesPerJoint);
      }
    }
    pairs.push_back(muscle.a * static_cast<std::uint32_t>(kMaxJoints) + muscle.b);
  }
  std::sort(pairs.begin(), pairs.end());
  const auto twice = std::adjacent_find(pairs.begin(), pairs.end());
  if (twice != pairs.end()) {
    return invalid("joints {} and {} are tied twice", *twice / kMaxJoints, *twice % kMaxJoints);
  }
  return {};
}

/// For each joint the lowest joint that it is connected with.
std::vector<std::uint32_t> pieces(const Walker& walker) {
  std::vector<std::uint32_t> root(walker.joints.size());
  std::iota(root.begin(), root.end(), 0u);
  const auto find = [&](std::uint32_t joint) {
    while (root[joint] != joint) joint = root[joint] = root[root[joint]];
    return joint;
  };
  for (const Muscle& muscle : walker.muscles) {
    const auto [low, high] = std::minmax({find(muscle.a), find(muscle.b)});
    root[high] = low;
  }
  for (std::uint32_t joint = 0; joint < root.size(); ++joint) root[joint] = find(joint);
  return root;
}

Walker largest_piece(Walker walker) {
  const std::vector<std::uint32_t> piece = pieces(walker);
  std::vector<std::size_t> sizes(piece.size(), 0);
  for (const std::uint32_t p : piece) ++sizes[p];
  const auto largest =
      static_cast<std::uint32_t>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
  if (sizes[largest] == piece.size()) return walker;

  Walker kept;
  std::vector<std::uint32_t> new_index(piece.size());
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (piece[i] != largest) continue;
    new_index[i] = static_cast<std::uint32_t>(kept.joints.size());
    kept.joints.push_back(walker.joints[i]);
  }
  for (Muscle muscle : walker.muscles) {
    if (piece[muscle.a] != largest) continue;
    muscle.a = new_index[muscle.a];
    muscle.b = new_index[muscle.b];
    kept.muscles.push_back(muscle);
  }
  return kept;
}

}  // namespace

Result<Walker> assemble_walker(Walker parts) {
  SAMARA_TRY_STATUS(check_joints(parts.joints));
  SAMARA_TRY_STATUS(check_muscles(parts));
  return largest_piece(std::move(parts));
}

Result<Walker> parse_walker(std::string_view msgpack) {
  SAMARA_TRY(Walker walker, WalkerReader(msgpack).read());
  return assemble_walker(std::move(walker));
}

Result<Walker> parse_walker_json(std::string_view text) {
  // A walker is four containers deep; what is deeper would recurse in to_msgpack, and is dropped.
  const auto shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) { return depth <= 4; };
  const auto json = nlohmann::json::parse(text, shallow, /*allow_exceptions=*/false);
  if (json.is_discarded()) return invalid("the walker is not valid JSON");
  const std::vector<std::uint8_t> bytes = nlohmann::json::to_msgpack(json);
  return parse_walker({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string walker_json(const Walker& walker) {
  std::string text = "{\"joints\": [";
  const auto out = std::back_inserter(text);
  const char* separator = "";
  for (const Joint& joint : walker.joints) {
    fmt::format_to(out, "{}[{}, {}]", separator, joint.x, joint.y);
    separator = ", ";
  }
  text += "], \"muscles\": [";
  separator = "";
  for (const Muscle& muscle : walker.muscles) {
    fmt::format_to(out, "{}[{}, {}, ", separator, muscle.a, muscle.b);
    if (muscle.active) {
      fmt::format_to(out, "{{\"type\": \"muscle\", \"amplitude\": {}, \"phase\": {}}}]", muscle.amplitude,
                     muscle.phase);
    } else {
      text += "{\"type\": \"distance\"}]";
    }
    separator = ", ";
  }
  text += "]}";
  return text;
}

}  // namespace samara::sodarace
