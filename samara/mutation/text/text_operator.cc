#include "samara/mutation/text/text_operator.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "samara/base/check.h"
#include "samara/mutation/text/text_edits.h"

namespace samara::text {
namespace {

using Edit = std::optional<Edited> (*)(const SourceText& source, const SourceText& donor, Rng& rng);

template <std::optional<Edited> (*edit)(const SourceText&, Rng&)>
std::optional<Edited> alone(const SourceText& source, const SourceText& /*donor*/, Rng& rng) {
  return edit(source, rng);
}

struct Arm {
  const char* name;
  double weight;
  Edit edit;
};

constexpr auto kArms = std::to_array<Arm>({
    {"text.number", 2.0, alone<change_number>},
    {"text.sign", 1.0, alone<change_sign>},
    {"text.name", 1.0, alone<change_name>},
    {"text.expression", 1.0, alone<grow_expression>},
    {"text.piece", 1.0, alone<change_piece>},
    {"text.delete", 1.0, alone<delete_unit>},
    {"text.copy", 1.0, alone<copy_unit>},
    {"text.move", 0.5, alone<move_unit>},
    {"text.swap", 0.5, alone<swap_units>},
    {"text.crossover", 1.0, cross_over},
});

constexpr int kDraws = 12;  // before an arm gives up

}  // namespace

std::vector<ArmWeight> default_weights() {
  std::vector<ArmWeight> weights;
  for (const Arm& arm : kArms) weights.push_back({arm.name, arm.weight});
  return weights;
}

TextOperator::TextOperator() {
  for (const Arm& arm : kArms) arms_.emplace_back(arm.name);
}

Result<std::vector<ProposalResult>> TextOperator::propose(std::span<const MutationRequest> requests) {
  std::vector<ProposalResult> proposals;
  for (const MutationRequest& request : requests) {
    SAMARA_CHECK(request.parent != nullptr && request.donor != nullptr && request.arm < kArms.size());
    const SourceText source(request.parent->source()), donor(request.donor->source());
    const Arm& arm = kArms[request.arm];
    Rng rng = request.rng;
    std::optional<Edited> edited;
    for (int i = 0; i < kDraws && !edited; ++i) edited = arm.edit(source, donor, rng);
    if (!edited) {
      proposals.push_back(Failure{Outcome::kNoDiff, fmt::format("{} finds nothing to change", arm.name)});
      continue;
    }
    proposals.push_back(Proposal{.source = std::move(edited->text),
                                 .note = std::move(edited->note),
                                 .used_donor = arm.edit == static_cast<Edit>(cross_over)});
  }
  return proposals;
}

}  // namespace samara::text
