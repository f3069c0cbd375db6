// RegionOperator: lets an operator that knows nothing of EVOLVE-BLOCKs edit what is in them: it is shown the
// block's text as a program, without the block's indentation, and what it proposes goes back in its place.
// Read region_text.h for what is shown. A proposal depends on its request alone. One thread per operator
// object.
#pragma once

#include <memory>
#include <string>

#include "samara/mutation/operator.h"

namespace samara {

class RegionOperator : public MutationOperator {
 public:
  /// @param suffix of the files that `inner` can edit, e.g. ".py"; regions of other files are left alone.
  ///               A program of one file always counts
  RegionOperator(std::unique_ptr<MutationOperator> inner, std::string suffix)
      : inner_(std::move(inner)), suffix_(std::move(suffix)) {}

  std::span<const std::string> arms() const override { return inner_->arms(); }
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override;

 private:
  std::unique_ptr<MutationOperator> inner_;
  std::string suffix_;
};

}  // namespace samara
