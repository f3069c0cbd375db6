#include "samara/lm/cpu/internal/token_sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace samara::lm::cpu {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

}  // namespace

TokenSampler::TokenSampler(const Kernels& kernels, std::size_t vocab_size)
    : kernels_(kernels),
      size_(vocab_size),
      weights_(round_up(vocab_size, kGroup)),
      sums_(weights_.size() / kGroup),
      masked_(vocab_size) {}

void TokenSampler::read(const float* logits) {
  logits_ = logits;
  largest_ = kernels_.largest(logits, size_);
  kernels_.exponentials(logits, size_, 1.0F, largest_, weights_.data(), sums_.data());
  log_total_ = static_cast<double>(largest_) + std::log(total());
}

double TokenSampler::log_probability(TokenId token) const {
  return static_cast<float>(static_cast<double>(logits_[token]) - log_total_);
}

double TokenSampler::total() const {
  return std::accumulate(sums_.begin(), sums_.end(), 0.0);
}

float TokenSampler::sum_of_group(std::size_t group) const {
  const auto begin = weights_.begin() + static_cast<std::ptrdiff_t>(group * kGroup);
  return std::accumulate(begin, begin + kGroup, 0.0F);
}

void TokenSampler::rule_out(TokenId token) {
  weights_[token] = 0.0F;
  sums_[token / kGroup] = sum_of_group(token / kGroup);
}

TokenId TokenSampler::draw(double total, Rng& rng) const {
  double left = rng.uniform() * total;
  std::size_t group = 0;
  while (group + 1 < sums_.size() && left >= static_cast<double>(sums_[group])) {
    left -= static_cast<double>(sums_[group++]);
  }
  // Rounding may leave nothing here for what is left: then the last token that has a weight.
  std::size_t chosen = size_;
  for (std::size_t i = group * kGroup; i < size_; ++i) {
    if (weights_[i] <= 0.0F) continue;
    chosen = i;
    left -= static_cast<double>(weights_[i]);
    if (left < 0.0) break;
  }
  for (std::size_t i = group * kGroup; chosen == size_; --i) {
    if (weights_[i] > 0.0F) chosen = i;
  }
  return static_cast<TokenId>(chosen);
}

void TokenSampler::truncate(const SamplingOptions& options) {
  const bool by_rank = options.top_k > 0 && options.top_k < size_;
  const bool by_mass = options.top_p < 1.0F;
  if (!by_rank && !by_mass) return;
  const std::size_t most = by_rank ? options.top_k : size_;
  const double all = total();
  const double wanted = by_mass ? all * static_cast<double>(options.top_p) : 2 * all;
  // Weights below the average of what top-p leaves out are never in the set; mostly that is most of them.
  const auto least = static_cast<float>(by_mass ? (all - wanted) / static_cast<double>(size_) : 0.0);
  candidates_.clear();
  for (TokenId token = 0; token < size_; ++token) {
    if (weights_[token] >= least && weights_[token] > 0.0F) candidates_.push_back({weights_[token], token});
  }
  std::fill(weights_.begin(), weights_.end(), 0.0F);
  std::fill(sums_.begin(), sums_.end(), 0.0F);
  // The most probable first, then the lowest id.
  const auto comes_later = [](const Candidate& a, const Candidate& b) {
    return a.weight != b.weight ? a.weight < b.weight : a.token > b.token;
  };
  std::make_heap(candidates_.begin(), candidates_.end(), comes_later);
  double mass = 0.0;
  auto left = candidates_.end();
  for (std::size_t count = 0; left != candidates_.begin(); ++count) {
    if (count > 0 && (count >= most || mass >= wanted)) break;
    std::pop_heap(candidates_.begin(), left, comes_later);
    --left;
    mass += static_cast<double>(left->weight);
    weights_[left->token] = left->weight;
  }
  for (auto kept = left; kept != candidates_.end(); ++kept) {
    sums_[kept->token / kGroup] = sum_of_group(kept->token / kGroup);
  }
}

bool TokenSampler::mask(const TokenFilter& filter) {
  bool any = false;
  for (TokenId token = 0; token < size_; ++token) {
    const bool allowed = filter.allows(token);
    masked_[token] = allowed ? logits_[token] : kNever;
    any = any || allowed;
  }
  return any;
}

std::optional<TokenId> TokenSampler::choose_greedily(const TokenFilter* filter) {
  const auto best = [&](const float* values) {
    const float most = kernels_.largest(values, size_);
    return static_cast<TokenId>(std::find(values, values + size_, most) - values);
  };
  // Only logits that are all NaN have no largest.
  TokenId token = std::min(best(logits_), static_cast<TokenId>(size_ - 1));
  if (filter == nullptr || filter->allows(token)) return token;
  std::copy(logits_, logits_ + size_, masked_.begin());
  for (int i = 1; i < kRejections; ++i) {
    masked_[token] = kNever;
    token = best(masked_.data());
    if (token < size_ && masked_[token] > kNever && filter->allows(token)) return token;
    if (token == size_) break;
  }
  if (!mask(*filter)) return std::nullopt;
  for (token = 0; token < size_ && !filter->allows(token);) ++token;
  const TokenId found = best(masked_.data());
  return found < size_ && masked_[found] > kNever ? found : token;
}

std::optional<TokenId> TokenSampler::draw_among_all_allowed(const TokenFilter& filter, float scale,
                                                            Rng& rng) {
  if (!mask(filter)) return std::nullopt;
  const float most = kernels_.largest(masked_.data(), size_);
  kernels_.exponentials(masked_.data(), size_, scale, most, weights_.data(), sums_.data());
  if (const double mass = total(); mass > 0.0) return draw(mass, rng);
  return choose_greedily(&filter);
}

std::optional<TokenId> TokenSampler::choose(const SamplingOptions& options, const TokenFilter* filter,
                                            Rng& rng) {
  if (options.temperature <= 0.0F) return choose_greedily(filter);
  const float scale = 1.0F / std::max(options.temperature, 1e-30F);
  if (options.temperature != 1.0F) {
    kernels_.exponentials(logits_, size_, scale, largest_, weights_.data(), sums_.data());
  }
  truncate(options);
  // Drawing without putting back until a token is allowed draws from the allowed ones' renormalized
  // distribution, and mostly asks about one token only.
  double mass = total();
  if (filter == nullptr && !(mass > 0.0)) return choose_greedily(nullptr);
  for (int i = 0; i < kRejections && mass > 0.0; ++i) {
    const TokenId token = draw(mass, rng);
    if (filter == nullptr || filter->allows(token)) return token;
    rule_out(token);
    mass = total();
  }
  for (TokenId token = 0; token < size_; ++token) {
    if (weights_[token] > 0.0F && !filter->allows(token)) rule_out(token);
  }
  mass = total();
  if (mass > 0.0) return draw(mass, rng);
  return draw_among_all_allowed(*filter, scale, rng);
}

}  // namespace samara::lm::cpu
