// MutationOperator: proposes changed programs. The seam between evolution and what varies programs: genetic
// programming today, language models beside it. An operator offers one or more arms (its kinds of edit); the
// emitter chooses the arm, so that mixtures and adaptive weights are the same for every operator.
// Proposals depend on the request alone, never on what else is in the batch. One thread per operator object.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "samara/base/result.h"
#include "samara/base/rng.h"
#include "samara/program/evaluation.h"

namespace samara {

/// One child to make. The programs are borrowed for the call.
struct MutationRequest {
  const Program* parent = nullptr;
  const Program* donor = nullptr;  ///< a second elite, for arms that cross over; never null
  std::size_t arm = 0;             ///< index into the operator's arms()
  Rng rng{0};                      ///< the candidate's own stream
  std::uint32_t iteration = 0;     ///< operators that learn answer with what they had learned by then
};

struct Proposal {
  std::string source;
  std::string note;         ///< how it was made, one line: the commit message, the edit
  bool used_donor = false;  ///< the donor is a second parent
};

/// A Failure here has outcome kNoDiff or kDiffDoesNotApply.
using ProposalResult = std::variant<Proposal, Failure>;

class MutationOperator {
 public:
  virtual ~MutationOperator() = default;

  /// Names of the arms, e.g. "gp.constant"; fixed for the operator's life, never empty.
  virtual std::span<const std::string> arms() const = 0;

  /// One result per request, in order. An Error means that the operator cannot go on at all.
  virtual Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) = 0;
};

}  // namespace samara
