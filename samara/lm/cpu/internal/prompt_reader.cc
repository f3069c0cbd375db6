#include "samara/lm/cpu/internal/prompt_reader.h"

#include <algorithm>
#include <unordered_set>

namespace samara::lm::cpu {

void PromptReader::read(std::span<Prompt* const> prompts) {
  std::vector<Prompt*> waiting;
  for (Prompt* prompt : prompts) {
    if (prompt->logits.empty()) waiting.push_back(prompt);
  }
  // A prompt whose prefix another one is just reading waits for the next round, and finds it in the cache
  // then.
  while (!waiting.empty()) {
    std::vector<Work> work;
    std::vector<Prompt*> later;
    std::unordered_set<std::string_view> being_read;
    for (Prompt* prompt : waiting) {
      const auto prefix = prompt->tokens.first(prompt->reusable_prefix);
      if (!prefix.empty() && !cache_.contains(prefix) && !being_read.insert(token_bytes(prefix)).second) {
        later.push_back(prompt);
        continue;
      }
      const PrefixCache::Match known = cache_.find(prompt->tokens, prefix.size());
      // The last token is read in any case: its logits are wanted.
      const std::size_t from = std::min(known.positions, prompt->tokens.size() - 1);
      if (from > 0) prompt->sequence = known.sequence.fork(from);
      work.push_back({prompt, from});
    }
    read_together(work);
    for (const Work& done : work) {
      const auto prefix = done.prompt->tokens.first(done.prompt->reusable_prefix);
      if (!prefix.empty() && !cache_.contains(prefix)) {
        cache_.insert(prefix, done.prompt->sequence.fork(prefix.size()));
      }
    }
    waiting = std::move(later);
  }
}

void PromptReader::read_together(std::span<const Work> work) {
  std::vector<Row> rows;
  std::vector<Prompt*> ending;
  std::vector<std::size_t> ends;
  const auto flush = [&] {
    if (!rows.empty()) pass(rows, ending, ends);
    rows.clear();
    ending.clear();
    ends.clear();
  };
  for (const auto& [prompt, from] : work) {
    prompt->sequence.reserve(prompt->tokens.size());
    for (std::size_t i = from; i < prompt->tokens.size(); ++i) {
      if (i + 1 == prompt->tokens.size()) {
        ending.push_back(prompt);
        ends.push_back(rows.size());
      }
      rows.push_back({prompt->tokens[i], i, &prompt->sequence});
      if (rows.size() == decoder_.max_rows()) flush();
    }
  }
  flush();
}

void PromptReader::pass(std::span<const Row> rows, std::span<Prompt* const> ending,
                        std::span<const std::size_t> ends) {
  decoder_.forward(rows);
  if (ends.empty()) return;
  const float* logits = decoder_.logits(ends);
  for (std::size_t i = 0; i < ending.size(); ++i) {
    ending[i]->logits.assign(logits + i * vocab_size_, logits + (i + 1) * vocab_size_);
  }
}

}  // namespace samara::lm::cpu
