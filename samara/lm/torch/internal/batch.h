// Batch: examples side by side as a network reads them, and the order in which a training reads its examples.
// Plain data and pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "samara/lm/train/examples.h"

namespace samara::lm {

/// `rows` examples of `columns` input tokens, padded on the left, so that all examples end in the last
/// column: the positions whose predictions count are then in the last few columns. The input of an example is
/// all but its last token; the output at a position predicts the next one.
struct Batch {
  std::int64_t rows = 0;
  std::int64_t columns = 0;           ///< a multiple of 16
  std::vector<std::int64_t> tokens;   ///< (rows, columns)
  std::vector<std::int32_t> starts;   ///< (rows): first column that is not padding
  std::int64_t tail = 0;              ///< the last `tail` columns hold every position that counts
  std::vector<std::int64_t> counted;  ///< positions that count, as indices into (rows, tail), ascending
  std::vector<std::int64_t> targets;  ///< the tokens they should predict
  std::vector<float> weights;         ///< theirs in the loss
  double total_weight = 0.0;
  std::uint64_t read_tokens = 0;  ///< the examples' tokens, without padding

  /// Of its rows * columns inputs, how many are padding: an example has one input less than tokens.
  std::int64_t padding() const { return rows * columns - (static_cast<std::int64_t>(read_tokens) - rows); }
};

/// @param prompt_weight  weight of targets before loss_from; 0: they do not count
Batch make_batch(const ExampleSet& examples, std::span<const std::uint32_t> indices, double prompt_weight);

/// Columns of a batch whose longest example has this many tokens.
std::int64_t padded_columns(std::size_t longest);

/// Indices of examples, batch by batch.
struct BatchPlan {
  std::vector<std::uint32_t> order;
  std::vector<std::uint32_t> ends;  ///< batch b is order[ends[b - 1] .. ends[b])
  std::size_t size() const { return ends.size(); }
  std::span<const std::uint32_t> batch(std::size_t b) const {
    const std::uint32_t begin = b == 0 ? 0 : ends[b - 1];
    return std::span(order).subspan(begin, ends[b] - begin);
  }
};

/// One pass over all examples of at most `longest` tokens: shuffled, sorted by length inside windows of some
/// thousand, cut into batches of at most `batch_tokens` with padding (or one example), and these shuffled
/// within their window. A pure function; empty where no example is short enough.
BatchPlan plan_epoch(const ExampleSet& examples, std::size_t longest, std::size_t batch_tokens,
                     std::uint64_t seed, std::uint32_t epoch);

/// All examples by length: for measuring, where order does not matter.
BatchPlan plan_by_length(const ExampleSet& examples, std::size_t batch_tokens);

}  // namespace samara::lm
