#include "samara/lm/serve/generation_pool.h"

#include <algorithm>
#include <atomic>

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

/// The next batch: a fair share of what waits, so that idle threads get work too.
std::optional<std::vector<GenerationJob>> GenerationPool::take() {
  std::unique_lock lock(mutex_);
  ++idle_;
  changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
  const std::size_t share = (waiting_.size() + idle_ - 1) / idle_;
  --idle_;
  if (stopped_) return std::nullopt;
  std::vector<GenerationJob> jobs;
  while (jobs.size() < std::min(share, options_.max_batch)) {
    jobs.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return jobs;
}

void GenerationPool::work(Generator& generator) {
  while (const auto jobs = take()) complete(generator, *jobs);
}

void GenerationPool::complete(Generator& generator, const std::vector<GenerationJob>& jobs) {
  std::vector<ListeningFilter> filters;
  filters.reserve(jobs.size());
  std::vector<GenerationRequest> requests;
  for (const GenerationJob& job : jobs) {
    if (!job.listener->wants_more()) continue;  // gone while it waited
    filters.emplace_back(*job.listener, cancelled_);
    GenerationRequest request;
    request.prompt = *job.prompt;
    request.sampling = job.sampling;
    request.stop_tokens = stop_tokens_;
    request.rng = job.rng;
    request.filter = &filters.back();
    requests.push_back(request);
  }
  Status status;
  if (!requests.empty()) {
    const auto generations = generator.generate(requests);
    if (!generations.ok()) {
      status = generations.error();
    } else if (cancelled_) {
      status = stopping();
    }
  }
  for (const GenerationJob& job : jobs) job.listener->on_end(status);
}

}  // namespace samara::lm
