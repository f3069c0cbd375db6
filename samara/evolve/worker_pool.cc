#include "samara/evolve/worker_pool.h"

#include <chrono>

namespace samara {

Result<std::unique_ptr<WorkerPool>> WorkerPool::start(unsigned workers, const WorkerFactory& factory) {
  SAMARA_CHECK(workers > 0);
  std::unique_ptr<WorkerPool> pool(new WorkerPool);
  for (unsigned i = 0; i < workers; ++i) {
    SAMARA_TRY(std::unique_ptr<Worker> worker, factory());
    pool->workers_.push_back(std::move(worker));
  }
  pool->needs_context_ = pool->workers_.front()->mutation().needs_context();
  pool->preferred_chunk_ = pool->workers_.front()->mutation().preferred_chunk();
  for (const auto& worker : pool->workers_) {
    pool->threads_.emplace_back([p = pool.get(), w = worker.get()] { p->work(*w); });
  }
  return pool;
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  task_queued_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::submit(std::uint64_t order, Task task) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push({order, next_sequence_++, std::move(task)});
  }
  task_queued_.notify_one();
}

std::optional<WorkerPool::Ended> WorkerPool::wait_one(double timeout_seconds) {
  std::unique_lock lock(mutex_);
  const auto timeout = std::chrono::duration<double>(timeout_seconds);
  if (!task_ended_.wait_for(lock, timeout, [this] { return !ended_.empty(); })) return std::nullopt;
  Ended ended = std::move(ended_.front());
  ended_.pop();
  return ended;
}

void WorkerPool::work(Worker& worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    task_queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Queued next = std::move(const_cast<Queued&>(queue_.top()));  // top() is const only to keep the order
    queue_.pop();
    lock.unlock();
    Status status = next.task(worker);
    lock.lock();
    ended_.push({next.order, std::move(status)});
    task_ended_.notify_one();
  }
}

}  // namespace samara
