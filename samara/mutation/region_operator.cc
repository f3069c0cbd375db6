#include "samara/mutation/region_operator.h"

#include <algorithm>
#include <deque>

#include "samara/mutation/region_text.h"

namespace samara {
Result<std::vector<ProposalResult>> RegionOperator::propose(std::span<const MutationRequest> requests) {
  std::vector<ProposalResult> results(requests.size(),
                                      Failure{Outcome::kNoDiff, "the program has nothing to change"});
  std::vector<MutationRequest> inner;
  std::vector<std::size_t> place;  // of each inner request among the requests
  std::vector<RegionText> cuts;
  std::deque<Program> programs;  // that the inner requests point to

  for (std::size_t i = 0; i < requests.size(); ++i) {
    MutationRequest request = requests[i];
    const std::string &parent = request.parent->source(), &donor = request.donor->source();
    const std::vector<Region> mine = editable_regions(parent, suffix_),
                              others = editable_regions(donor, suffix_);
    if (mine.empty()) continue;
    const std::size_t which =
        mine.size() == 1 ? 0 : request.rng.below(static_cast<std::uint32_t>(mine.size()));
    cuts.push_back(cut_out(parent, mine[which]));
    request.donor = &programs.emplace_back(
        others.empty() ? cuts.back().text : cut_out(donor, others[std::min(which, others.size() - 1)]).text);
    request.parent = &programs.emplace_back(cuts.back().text);
    inner.push_back(request);
    place.push_back(i);
  }
  SAMARA_TRY(std::vector<ProposalResult> proposals, inner_->propose(inner));
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (Proposal* proposal = std::get_if<Proposal>(&proposals[i])) {
      proposal->source = put_back(requests[place[i]].parent->source(), cuts[i], proposal->source);
    }
    results[place[i]] = std::move(proposals[i]);
  }
  return results;
}

}  // namespace samara
