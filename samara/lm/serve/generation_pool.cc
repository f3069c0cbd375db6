#include "samara/lm/serve/generation_pool.h"

#include <algorithm>
#include <atomic>
#include <unordered_map>
#include <utility>

namespace samara::lm {
namespace {

/// Passes tokens on, and ends a completion that nobody wants any more by allowing no token.
class ListeningFilter final : public TokenFilter {
 public:
  ListeningFilter(GenerationListener& listener, const std::atomic<bool>& cancelled)
      : listener_(&listener), cancelled_(&cancelled) {}
  bool allows(TokenId) const override { return !*cancelled_ && listener_->wants_more(); }
  void accept(TokenId token) override { listener_->on_token(token); }

 private:
  GenerationListener* listener_;
  const std::atomic<bool>* cancelled_;
};

const Error& stopping() {
  static const Error error{ErrorCode::kCancelled, "the server is shutting down; ask again when it is back"};
  return error;
}

}  // namespace

GenerationPool::GenerationPool(std::vector<std::unique_ptr<Generator>> generators, Tokens stop_tokens,
                               const GenerationPoolOptions& options)
    : generators_(std::move(generators)), stop_tokens_(std::move(stop_tokens)), options_(options) {
  for (const auto& generator : generators_) {
    threads_.emplace_back([this, &generator] { work(*generator); });
  }
}

GenerationPool::~GenerationPool() {
  stop();
  for (std::thread& thread : threads_) thread.join();
}

bool GenerationPool::submit(std::vector<GenerationJob> jobs) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || waiting_.size() + jobs.size() > options_.max_waiting) return false;
    for (GenerationJob& job : jobs) waiting_.push_back(std::move(job));
  }
  changed_.notify_all();
  return true;
}

void GenerationPool::stop() {
  std::deque<GenerationJob> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(waiting_);
  }
  cancelled_ = true;
  changed_.notify_all();
  for (const GenerationJob& job : dropped) job.listener->on_end(stopping());
}

/// What one thread has under way.
class GenerationPool::Feed final : public RequestSource {
 public:
  /// @param first what it begins with
  Feed(GenerationPool& pool, std::vector<GenerationJob> first) : pool_(pool), first_(std::move(first)) {}

  std::vector<GenerationRequest> take(std::size_t room) override {
    std::vector<GenerationJob> jobs = std::exchange(first_, {});
    const std::size_t most = std::min(room, pool_.options_.max_batch - under_way_.size());
    if (jobs.empty() && most > 0) jobs = pool_.take(most, /*is_idle=*/false);
    std::vector<GenerationRequest> requests;
    for (GenerationJob& job : jobs) {
      if (!job.listener->wants_more()) {  // gone while it waited
        job.listener->on_end({});
        continue;
      }
      UnderWay& one = under_way_.try_emplace(taken_++, std::move(job), pool_.cancelled_).first->second;
      GenerationRequest request;
      request.prompt = *one.job.prompt;
      request.sampling = one.job.sampling;
      request.stop_tokens = pool_.stop_tokens_;
      request.rng = one.job.rng;
      request.filter = &one.filter;
      requests.push_back(request);
    }
    return requests;
  }

  void end(std::size_t number, Result<Generation> generation) override {
    const auto ended = under_way_.extract(number);
    Status status;
    if (!generation.ok()) {
      status = generation.error();
    } else if (pool_.cancelled_) {
      status = stopping();
    }
    ended.mapped().job.listener->on_end(status);
  }

 private:
  struct UnderWay {
    UnderWay(GenerationJob the_job, const std::atomic<bool>& cancelled)
        : job(std::move(the_job)), filter(*job.listener, cancelled) {}
    GenerationJob job;
    ListeningFilter filter;
  };

  GenerationPool& pool_;
  std::vector<GenerationJob> first_;
  std::unordered_map<std::size_t, UnderWay> under_way_;  // by number
  std::size_t taken_ = 0;
};

/// A fair share of what waits, so that other threads get work too; a busy thread leaves it to idle ones. An
/// idle thread waits until there is something: it gets nothing only once the pool has stopped.
std::vector<GenerationJob> GenerationPool::take(std::size_t most, bool is_idle) {
  std::unique_lock lock(mutex_);
  std::size_t sharers = generators_.size();
  if (is_idle) {
    ++idle_;
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    sharers = idle_--;
  } else if (idle_ > 0) {
    return {};
  }
  std::vector<GenerationJob> jobs;
  if (stopped_) return jobs;
  const std::size_t count = std::min((waiting_.size() + sharers - 1) / sharers, most);
  while (jobs.size() < count) {
    jobs.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return jobs;
}

void GenerationPool::work(Generator& generator) {
  while (true) {
    std::vector<GenerationJob> jobs = take(options_.max_batch, /*is_idle=*/true);
    if (jobs.empty()) return;
    Feed feed(*this, std::move(jobs));
    generator.serve(feed);
  }
}

}  // namespace samara::lm
