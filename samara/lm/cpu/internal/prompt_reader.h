// PromptReader: reads prompts: computes the keys and values of their tokens, and the logits of their last
// one. What it has read of a prompt's reusable prefix it keeps in the model's PrefixCache, and what a prompt
// has in common with an earlier one, by whichever engine, it takes from there. One thread.
#pragma once

#include <span>
#include <vector>

#include "samara/lm/cpu/internal/decoder.h"
#include "samara/lm/cpu/internal/prefix_cache.h"

namespace samara::lm::cpu {

/// A prompt that one or more requests share.
struct Prompt {
  std::span<const TokenId> tokens;
  std::size_t reusable_prefix = 0;
  KvSequence sequence;
  std::vector<float> logits;  ///< of the last token; empty until read
};

class PromptReader {
 public:
  /// All outlive the reader.
  PromptReader(const ModelConfig& config, Decoder& decoder, PrefixCache& cache)
      : vocab_size_(config.vocab_size), decoder_(decoder), cache_(cache) {}

  /// Reads those of the prompts that have not been read.
  void read(std::span<Prompt* const> prompts);

 private:
  /// A prompt under way, and the first token that has no keys and values yet.
  struct Work {
    Prompt* prompt;
    std::size_t from;
  };
  void read_together(std::span<const Work> work);
  void pass(std::span<const Row> rows, std::span<Prompt* const> ending, std::span<const std::size_t> ends);

  std::size_t vocab_size_;
  Decoder& decoder_;
  PrefixCache& cache_;
};

}  // namespace samara::lm::cpu
