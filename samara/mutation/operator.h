// MutationOperator: proposes changed programs. The seam between evolution and what varies programs: genetic
// programming today, language models beside it. An operator offers one or more arms (its kinds of edit); the
// emitter chooses the arm, so that mixtures and adaptive weights are the same for every operator.
// Proposals depend on the request alone, never on what else is in the batch. One thread per operator object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "samara/base/result.h"
#include "samara/base/rng.h"
#include "samara/program/evaluation.h"

namespace samara {

/// A program of the archive as an operator may show it to a model.
struct Neighbor {
  std::shared_ptr<const Program> program;
  double fitness = 0.0;
  Behavior behavior;
  std::shared_ptr<const Details> details;  ///< of its score: metrics and artifacts; null when there are none
};

/// What is known about a parent besides its text, as of the archive that it was drawn from.
struct MutationContext {
  Neighbor parent;
  Neighbor donor;
  std::vector<Neighbor> inspirations;  ///< elites of other niches, drawn with the candidate's own stream
  std::vector<std::string> lineage;    ///< notes of the edits that led to the parent, newest last
  std::string last_failure;            ///< why the parent's latest child that failed did; may be empty
};

/// One child to make. The programs are borrowed for the call.
struct MutationRequest {
  const Program* parent = nullptr;
  const Program* donor = nullptr;  ///< a second elite, for arms that cross over; never null
  std::size_t arm = 0;             ///< index into the operator's arms()
  Rng rng{0};                      ///< the candidate's own stream
  std::uint32_t iteration = 0;     ///< operators that learn answer with what they had learned by then
  std::uint32_t slot = 0;          ///< with iteration: which candidate of the run it is
  /// Set when the operator needs_context(). Borrowed for the call.
  const MutationContext* context = nullptr;
  /// The stream of the first child that the parent has in this iteration; none: this candidate is it.
  std::optional<Rng> first_sibling = std::nullopt;
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

  /// Whether requests must come with a context.
  virtual bool needs_context() const { return false; }
  /// How many requests it wants at a time; 0: as many as suit the workers. For operators that wait for a
  /// network rather than compute. Changes speed, never results.
  virtual std::size_t preferred_chunk() const { return 0; }
};

}  // namespace samara
