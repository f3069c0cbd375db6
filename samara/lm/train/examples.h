// ExampleSet: the sequences that a model is trained or measured on, stored end to end: a million of them fit
// in memory. Read trainer.h next. Not for concurrent changes; const is safe to call concurrently.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/lm/token.h"

namespace samara::lm {

class ExampleSet {
 public:
  /// For tokens below `vocab_size`; they take two bytes each if that is at most 65,536, otherwise four.
  explicit ExampleSet(std::uint32_t vocab_size);

  /// Appends a sequence. The tokens from index `loss_from` on are what the model learns to predict; those
  /// before are what it reads. `weight` scales the example's loss.
  /// Errors: kInvalidArgument for a token outside the vocabulary, fewer than two tokens, a loss_from that is
  /// not in 1 .. size - 1, or a weight that is not a positive number. The set is then unchanged.
  Status add(std::span<const TokenId> tokens, std::size_t loss_from, float weight = 1.0F);

  std::size_t size() const { return loss_from_.size(); }
  bool empty() const { return loss_from_.empty(); }
  std::uint32_t vocab_size() const { return vocab_size_; }

  Tokens tokens(std::size_t i) const;
  TokenId token(std::size_t i, std::size_t position) const {
    const std::size_t at = starts_[i] + position;
    return narrow_ ? narrow_tokens_[at] : wide_tokens_[at];
  }
  /// Tokens in the i-th example.
  std::size_t length(std::size_t i) const { return starts_[i + 1] - starts_[i]; }
  std::size_t loss_from(std::size_t i) const { return loss_from_[i]; }
  float weight(std::size_t i) const { return weights_[i]; }
  /// Of the longest example; 0 without examples.
  std::size_t longest() const { return longest_; }
  /// Of all examples together.
  std::uint64_t total_tokens() const { return starts_.back(); }

  /// SHA-256 in hexadecimal over everything above: tells whether two sets are the same.
  std::string digest() const;

 private:
  std::uint32_t vocab_size_;
  bool narrow_;
  std::vector<std::uint16_t> narrow_tokens_;
  std::vector<std::uint32_t> wide_tokens_;
  std::vector<std::uint64_t> starts_{0};  // one more than there are examples
  std::vector<std::uint32_t> loss_from_;
  std::vector<float> weights_;
  std::size_t longest_ = 0;
};

}  // namespace samara::lm
