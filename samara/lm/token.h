// TokenId: the one number that tokenizers, models and samplers exchange.
#pragma once

#include <cstdint>
#include <vector>

namespace samara::lm {

/// Index into a tokenizer's vocabulary and a model's embedding rows.
using TokenId = std::uint32_t;
using Tokens = std::vector<TokenId>;

}  // namespace samara::lm
