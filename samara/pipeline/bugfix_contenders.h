// The operators of the bug-fixing benchmark by their names: the one place where `samara bench mutation`
// learns of an operator. Read samara/bugfix/benchmark.h for what a contender is.
#pragma once

#include <string>
#include <vector>

#include "samara/bugfix/benchmark.h"

namespace samara {

/// Flags that belong to operators.
struct ContenderOptions {
  double node_rate = 0.2;    ///< gp-node: probability of each node to be swapped
  std::string model;         ///< operators with a language model: its folder; empty: the bundled one
  double temperature = 0.4;  ///< the same: of sampling; measured: docs/bug-fixing.md
};

/// Every name that make_contender() knows, in the order in which people read results.
const std::vector<std::string>& contender_names();

/// Errors: kInvalidArgument for a name that is none of contender_names().
Result<bugfix::Contender> make_contender(const std::string& name, const ContenderOptions& options);

}  // namespace samara
