// CompositeOperator: several operators as one; its arms are theirs, one after the other. So a mixture of
// genetic programming and a language model is an operator like any other, and adaptive weights share the
// proposals out among all arms. A proposal depends on its request alone, as its part promises. One thread per
// operator object.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "samara/mutation/operator.h"

namespace samara {

class CompositeOperator : public MutationOperator {
 public:
  /// @param parts at least one; no two arms may have the same name
  explicit CompositeOperator(std::vector<std::unique_ptr<MutationOperator>> parts);

  std::span<const std::string> arms() const override { return arms_; }
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override;
  /// If any part does.
  bool needs_context() const override;
  /// The largest of the parts'.
  std::size_t preferred_chunk() const override;

 private:
  std::vector<std::unique_ptr<MutationOperator>> parts_;
  std::vector<std::string> arms_;
  std::vector<std::size_t> part_of_arm_;
  std::vector<std::size_t> first_arm_;  ///< of each part
};

}  // namespace samara
