// GpOperator: genetic programming on Python source text, through CPython's own syntax tree. Read
// docs/mutation-gp.md for what each arm does; the edits themselves are Python (gp.py beside this file) and
// run contained, in the sandbox. A proposal is a pure function of its request (the programs, the arm, one
// draw of the request's stream), whatever else is in the batch. One thread per operator object, as its
// runner.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/mutation/mixture.h"
#include "samara/mutation/operator.h"
#include "samara/sandbox/python_runner.h"

namespace samara::gp {

/// Which arms an operator offers, in an order that is fixed for ever: logs name an arm by its index.
enum class Preset {
  kNode,  ///< gp.node: the paper's baseline, nodes swapped for others of their kind
  kFull,  ///< the edits that evolution runs with; structure may grow
};

/// The preset's arms with their default weights. docs/mutation-gp.md says how these were chosen.
std::vector<ArmWeight> default_weights(Preset preset);

/// What a PythonRunner has to load for GpOperator.
Harness harness();

struct GpOptions {
  /// Probability of each node to be swapped by gp.node, in [0, 1]; at least one node is.
  double node_rate = 0.01;
  /// Variables that a program need not know, as more terminals for gp.node, gp.swap and gp.expression.
  std::vector<std::string> extra_names = {};
  /// gp.node may take any parameter of the functions around, read elsewhere or not. Off by default: it would
  /// change what runs of gp-node compute.
  bool all_parameters = false;
};

class GpOperator : public MutationOperator {
 public:
  /// @param runner   borrowed for the operator's life
  /// @param harness  index of harness() in the runner's harnesses
  GpOperator(Preset preset, PythonRunner& runner, std::size_t harness, const GpOptions& options = {});

  std::span<const std::string> arms() const override { return arms_; }

  /// Failures: kNoDiff, with the reason: nothing to change, a parent that does not parse, an edit that ran
  /// into a limit of the sandbox.
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override;

 private:
  std::string encode(const MutationRequest& request) const;

  PythonRunner& runner_;
  std::size_t harness_;
  GpOptions options_;
  std::vector<std::string> arms_;
};

}  // namespace samara::gp
