// GenerationPool: threads that complete prompts for a server, each with a generator of its own. What waits is
// taken in order of arrival, by a thread that has nothing to do or, between two tokens, by one that has room
// for more; whoever waits for a completion hears of its tokens one by one and may end it at any of them. All
// functions may be called from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "samara/lm/generator.h"

namespace samara::lm {

/// Hears of one completion, from a thread of the pool.
class GenerationListener {
 public:
  virtual ~GenerationListener() = default;
  /// Asked before each token; once it says false, no more come.
  virtual bool wants_more() const = 0;
  virtual void on_token(TokenId token) = 0;
  /// No more tokens come; with the error, if that is why. Called once.
  virtual void on_end(const Status& status) = 0;
};

struct GenerationJob {
  std::shared_ptr<const Tokens> prompt;
  SamplingOptions sampling;
  Rng rng{0};
  std::shared_ptr<GenerationListener> listener;
};

struct GenerationPoolOptions {
  std::size_t max_batch = 32;      ///< jobs that one thread has under way
  std::size_t max_waiting = 1024;  ///< jobs that wait for a thread
};

class GenerationPool {
 public:
  /// @param stop_tokens end every completion
  GenerationPool(std::vector<std::unique_ptr<Generator>> generators, Tokens stop_tokens,
                 const GenerationPoolOptions& options = {});
  /// Ends what is under way or waits.
  ~GenerationPool();

  std::size_t max_waiting() const { return options_.max_waiting; }
  /// All of them or, when too many wait, none: false. More than max_waiting() are always too many.
  bool submit(std::vector<GenerationJob> jobs);
  /// Ends what is under way or waits, with kCancelled; takes no more.
  void stop();

 private:
  class Feed;

  void work(Generator& generator);
  std::vector<GenerationJob> take(std::size_t most, bool is_idle);

  const std::vector<std::unique_ptr<Generator>> generators_;
  const Tokens stop_tokens_;
  const GenerationPoolOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<GenerationJob> waiting_;  // guarded by mutex_, as are the next two
  std::size_t idle_ = 0;
  bool stopped_ = false;
  std::atomic<bool> cancelled_{false};
  std::vector<std::thread> threads_;
};

}  // namespace samara::lm
