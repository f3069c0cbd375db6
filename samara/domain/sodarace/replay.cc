#include "samara/domain/sodarace/replay.h"

#include "samara/base/rng.h"
#include "samara/base/sha256.h"
#include "samara/domain/sodarace/walker_parser.h"

namespace samara::sodarace {

Walker shifted_for_replay(const Walker& walker, unsigned number) {
  const Sha256Digest digest = sha256(walker_json(walker));
  std::uint64_t content = 0;
  for (std::size_t i = 0; i < 8; ++i) content = content << 8 | digest[i];

  Rng rng(content, 0, number, Stream::kEvaluate);
  Walker shifted = walker;
  for (Joint& joint : shifted.joints) {
    joint.x += static_cast<float>(rng.uniform(-kReplayShift, kReplayShift));
    joint.y += static_cast<float>(rng.uniform(-kReplayShift, kReplayShift));
  }
  return shifted;
}

}  // namespace samara::sodarace
