// TokenSampler: from one position's logits to a token, by temperature, top-k, top-p and a filter. What it
// chooses depends on logits, options, filter and random numbers alone: exponentials are the kernels' own,
// sums are added in a fixed order. One thread.
#pragma once

#include <optional>
#include <vector>

#include "samara/base/rng.h"
#include "samara/lm/cpu/internal/kernels.h"
#include "samara/lm/generator.h"

namespace samara::lm::cpu {

class TokenSampler {
 public:
  /// Draws that the filter may turn down before all tokens are held against it.
  static constexpr int kRejections = 8;

  TokenSampler(const Kernels& kernels, std::size_t vocab_size);

  /// Starts with a position's logits, vocab_size of them, which must live until choose() was called.
  void read(const float* logits);
  /// Of a token at temperature 1, rounded to float, so that the last bits of std::log do not show.
  double log_probability(TokenId token) const;
  /// Nothing where the filter allows no token. Once per read(). One random number per draw, none if greedy.
  std::optional<TokenId> choose(const SamplingOptions& options, const TokenFilter* filter, Rng& rng);

 private:
  std::optional<TokenId> choose_greedily(const TokenFilter* filter);
  std::optional<TokenId> draw_among_all_allowed(const TokenFilter& filter, float scale, Rng& rng);
  /// masked_ = logits_ where the filter allows, minus infinity elsewhere; whether it allows any.
  bool mask(const TokenFilter& filter);
  void truncate(const SamplingOptions& options);
  float sum_of_group(std::size_t group) const;
  void rule_out(TokenId token);
  double total() const;
  TokenId draw(double total, Rng& rng) const;

  const Kernels& kernels_;
  std::size_t size_;
  const float* logits_ = nullptr;
  float largest_ = 0.0F;
  double log_total_ = 0.0;
  std::vector<float> weights_;  ///< proportional to probabilities; 0: cannot be drawn
  std::vector<float> sums_;     ///< of kGroup weights each
  std::vector<float> masked_;
  struct Candidate {
    float weight;
    TokenId token;
  };
  std::vector<Candidate> candidates_;  ///< of truncate()
};

}  // namespace samara::lm::cpu
