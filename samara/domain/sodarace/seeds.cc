#include "samara/domain/sodarace/seeds.h"

#include <array>
#include <string_view>

namespace samara {

// Embedded by CMakeLists.txt.
extern const std::string_view kSodaraceSeedSquare;
extern const std::string_view kSodaraceSeedRadial;
extern const std::string_view kSodaraceSeedCppnFixed;
extern const std::string_view kSodaraceSeedCppnMutable;

namespace sodarace {

std::span<const Seed> seed_programs() {
  static const std::array<Seed, 4> seeds{{
      {"square", std::string(kSodaraceSeedSquare)},
      {"radial", std::string(kSodaraceSeedRadial)},
      {"cppn-fixed", std::string(kSodaraceSeedCppnFixed)},
      {"cppn-mutable", std::string(kSodaraceSeedCppnMutable)},
  }};
  return seeds;
}

}  // namespace sodarace
}  // namespace samara
