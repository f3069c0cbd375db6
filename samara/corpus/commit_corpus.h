// Synthetic commits, as many as asked for. An example is a function of (seed, its index) and of the real
// functions alone, so the same options give the same corpus on any number of workers. What is made is Python
// (commits.py); docs/corpora.md describes it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/corpus/json_lines.h"
#include "samara/corpus/vocabulary.h"

namespace samara::corpus {

struct CommitOptions {
  // What affects results.
  std::uint64_t count = 100'000;
  std::uint64_t seed = 1;
  double real_share = 0.5;                 ///< of examples that start from a real function
  double short_share = 0.0;                ///< of examples that are held to short_tokens
  std::uint32_t short_tokens = 110;        ///< prompt and diff together, estimated (program.py)
  std::uint32_t max_tokens = 350;          ///< likewise, for the other examples
  std::uint32_t max_lines = 60;            ///< of either text
  bool typos = true;                       ///< names may be misspelt among the bugs
  std::vector<std::string> held_out = {};  ///< see corpus_harness.h
  // What affects speed only.
  unsigned workers = 1;
};

struct CommitCounts {
  std::uint64_t written = 0;
  std::uint64_t tried = 0;     ///< examples asked for
  std::uint64_t repeated = 0;  ///< texts that had been written before
};

/// Hands the commits to `take`, in order of their indices, and tells `progress` how far it is. Errors:
/// kInvalidArgument for options that cannot be right, those of the runner and of `take`.
Result<CommitCounts> make_commits(std::span<const Function> functions, const CommitOptions& options,
                                  const std::function<Status(const Commit&)>& take,
                                  const std::function<void(const CommitCounts&)>& progress);

}  // namespace samara::corpus
