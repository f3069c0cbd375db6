#include "samara/mutation/composite_operator.h"

#include <algorithm>

#include "samara/base/check.h"

namespace samara {

CompositeOperator::CompositeOperator(std::vector<std::unique_ptr<MutationOperator>> parts)
    : parts_(std::move(parts)) {
  SAMARA_CHECK(!parts_.empty());
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    first_arm_.push_back(arms_.size());
    for (const std::string& arm : parts_[part]->arms()) {
      arms_.push_back(arm);
      part_of_arm_.push_back(part);
    }
  }
}

bool CompositeOperator::needs_context() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->needs_context(); });
}

std::size_t CompositeOperator::preferred_chunk() const {
  std::size_t largest = 0;
  for (const auto& part : parts_) largest = std::max(largest, part->preferred_chunk());
  return largest;
}

Result<std::vector<ProposalResult>> CompositeOperator::propose(std::span<const MutationRequest> requests) {
  std::vector<std::vector<MutationRequest>> requests_of(parts_.size());
  std::vector<std::vector<std::size_t>> places_of(parts_.size());  // in `requests`
  for (std::size_t i = 0; i < requests.size(); ++i) {
    SAMARA_CHECK(requests[i].arm < arms_.size());
    const std::size_t part = part_of_arm_[requests[i].arm];
    MutationRequest request = requests[i];
    request.arm -= first_arm_[part];
    requests_of[part].push_back(request);
    places_of[part].push_back(i);
  }
  std::vector<ProposalResult> proposals(requests.size());
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    if (requests_of[part].empty()) continue;
    SAMARA_TRY(std::vector<ProposalResult> made, parts_[part]->propose(requests_of[part]));
    SAMARA_CHECK(made.size() == places_of[part].size());
    for (std::size_t i = 0; i < made.size(); ++i) proposals[places_of[part][i]] = std::move(made[i]);
  }
  return proposals;
}

}  // namespace samara
