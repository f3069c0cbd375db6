// BPE training: learns merges from texts (Sennrich, Haddow and Birch, "Neural machine translation of rare
// words with subword units", ACL 2016), byte-level. A pure function: counts decide, ties go to the bytewise
// smaller pair, so the same texts give the same tokenizer everywhere.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"
#include "samara/lm/tokenizer.h"

namespace samara::lm {

struct BpeOptions {
  std::size_t vocab_size = 1536;      ///< specials, 256 bytes and merges together
  std::string pattern;                ///< see Tokenizer::make
  std::vector<std::string> specials;  ///< get the first ids
  std::size_t min_count = 2;          ///< pairs rarer than this are not merged
};

/// Errors: kInvalidArgument for a pattern that does not compile or a vocabulary too small for the specials.
Result<Tokenizer> train_bpe(std::span<const std::string> texts, const BpeOptions& options);

}  // namespace samara::lm
