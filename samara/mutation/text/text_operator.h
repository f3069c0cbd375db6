// TextOperator: varies programs of any language as text: numbers, signs and names, arguments, and lines that
// go together. It knows no grammar, so that it works wherever there is none at hand; for Python the genetic
// operator (mutation/gp) does better. Read docs/mutation-text.md for what each arm does. A proposal is a pure
// function of its request. Objects are immutable and safe to call concurrently.
#pragma once

#include <string>
#include <vector>

#include "samara/mutation/mixture.h"
#include "samara/mutation/operator.h"

namespace samara::text {

/// The arms with their default weights, in an order that is fixed for ever: logs name an arm by its index.
std::vector<ArmWeight> default_weights();

class TextOperator : public MutationOperator {
 public:
  TextOperator();

  std::span<const std::string> arms() const override { return arms_; }

  /// Every proposal differs from its parent. Failures: kNoDiff where an arm finds nothing to change.
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override;

 private:
  std::vector<std::string> arms_;
};

}  // namespace samara::text
