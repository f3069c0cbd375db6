// CompletionCall: one request under way: its choices listen to the pool's threads, turn tokens into text, and
// put what is new into one mailbox, from which the request's thread reads.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "samara/lm/serve/generation_pool.h"
#include "samara/lm/serve/internal/api_request.h"

namespace samara::lm::serve {

/// New text of a choice, or its end, or both.
struct ChoiceEvent {
  std::size_t choice = 0;  ///< prompt index * n + index of the completion
  std::string text;
  std::string finish_reason;  ///< "stop" or "length"; empty: more may come
};

class CompletionCall {
 public:
  CompletionCall(CompletionAsk ask, const ServedModel& model, const Tokens& stop_tokens);
  ~CompletionCall();

  /// What the pool has to do: one job per choice. Streams of random numbers: (seed, request, choice).
  std::vector<GenerationJob> jobs(std::uint64_t seed, std::uint32_t request) const;

  /// What has come since the last time; waits up to `patience` for something. Any one thread.
  std::vector<ChoiceEvent> wait(std::chrono::milliseconds patience);
  /// All choices have finished and all events have been read.
  bool finished() const { return open_ == 0; }
  /// Set when a choice could not be completed.
  std::optional<Error> error() const;
  /// Nobody waits any more: the pool stops completing.
  void abandon();

  const CompletionAsk& ask() const { return ask_; }
  std::size_t choices() const { return ask_.prompts.size() * ask_.n; }
  std::size_t prompt_tokens() const;
  /// Tokens completed so far, of all choices, with those that ended them.
  std::size_t completion_tokens() const;

 private:
  class Mailbox;
  class Choice;
  CompletionAsk ask_;
  std::shared_ptr<Mailbox> mailbox_;
  std::vector<std::shared_ptr<Choice>> choices_;
  std::size_t open_ = 0;  ///< choices whose end has not been read
};

}  // namespace samara::lm::serve
