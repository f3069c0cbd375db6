#include "samara/lm/train/examples.h"

#include <algorithm>
#include <cmath>

#include "samara/base/sha256.h"

namespace samara::lm {
namespace {

constexpr std::uint32_t kNarrowVocabulary = 65536;

template <typename T>
std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

ExampleSet::ExampleSet(std::uint32_t vocab_size)
    : vocab_size_(vocab_size), narrow_(vocab_size <= kNarrowVocabulary) {}

Status ExampleSet::add(std::span<const TokenId> tokens, std::size_t loss_from, float weight) {
  if (tokens.size() < 2) {
    return make_error(ErrorCode::kInvalidArgument,
                      "an example needs at least two tokens, one to read and one to predict; this one has {}",
                      tokens.size());
  }
  if (loss_from < 1 || loss_from >= tokens.size()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "an example of {} tokens can have its loss from token 1 to {}, not from {}",
                      tokens.size(), tokens.size() - 1, loss_from);
  }
  if (!std::isfinite(weight) || weight <= 0.0F) {
    return make_error(ErrorCode::kInvalidArgument, "an example's weight must be a positive number, not {}",
                      weight);
  }
  const auto foreign =
      std::find_if(tokens.begin(), tokens.end(), [this](TokenId token) { return token >= vocab_size_; });
  if (foreign != tokens.end()) {
    return make_error(ErrorCode::kInvalidArgument,
                      "token {} is outside the vocabulary, whose ids are below {}: encode the text with the "
                      "model's own tokenizer",
                      *foreign, vocab_size_);
  }
  if (narrow_) {
    for (const TokenId token : tokens) narrow_tokens_.push_back(static_cast<std::uint16_t>(token));
  } else {
    wide_tokens_.insert(wide_tokens_.end(), tokens.begin(), tokens.end());
  }
  starts_.push_back(starts_.back() + tokens.size());
  loss_from_.push_back(static_cast<std::uint32_t>(loss_from));
  weights_.push_back(weight);
  longest_ = std::max(longest_, tokens.size());
  return {};
}

Tokens ExampleSet::tokens(std::size_t i) const {
  Tokens tokens(length(i));
  for (std::size_t position = 0; position < tokens.size(); ++position) tokens[position] = token(i, position);
  return tokens;
}

std::string ExampleSet::digest() const {
  Sha256 hash;
  hash.add_u64(vocab_size_)
      .add_string(bytes_of(narrow_tokens_))
      .add_string(bytes_of(wide_tokens_))
      .add_string(bytes_of(starts_))
      .add_string(bytes_of(loss_from_))
      .add_string(bytes_of(weights_));
  const Sha256Digest digest = hash.finish();
  return to_hex(digest.data(), digest.size());
}

}  // namespace samara::lm
