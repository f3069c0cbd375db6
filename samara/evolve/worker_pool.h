// WorkerPool: threads that each own a Worker (an operator and an evaluator with their own interpreter) and
// run tasks from one queue, older iterations first. Results never depend on which worker ran a task or when:
// tasks write only to their own part of a batch. Call it from one thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <thread>
#include <vector>

#include "samara/base/result.h"
#include "samara/domain/domain.h"
#include "samara/mutation/operator.h"

namespace samara {

/// What one thread works with; used by that thread alone.
class Worker {
 public:
  virtual ~Worker() = default;
  virtual MutationOperator& mutation() = 0;
  virtual Evaluator& evaluator() = 0;
};

using WorkerFactory = std::function<Result<std::unique_ptr<Worker>>()>;

class WorkerPool {
 public:
  using Task = std::function<Status(Worker&)>;

  /// Starts `workers` threads, each with a worker of its own; errors: the factory's.
  static Result<std::unique_ptr<WorkerPool>> start(unsigned workers, const WorkerFactory& factory);
  /// Drops the tasks that have not begun and waits for the others.
  ~WorkerPool();

  unsigned size() const { return static_cast<unsigned>(threads_.size()); }
  /// What the workers' operators say of themselves; they are all alike.
  bool needs_context() const { return needs_context_; }
  std::size_t preferred_chunk() const { return preferred_chunk_; }

  /// Queues a task; among queued tasks the one with the lowest `order` runs first, then the one queued first.
  void submit(std::uint64_t order, Task task);

  struct Ended {
    std::uint64_t order;  ///< as submitted
    Status status;
  };
  /// Waits for a task to end; each is reported once. Nothing when `timeout_seconds` pass first.
  std::optional<Ended> wait_one(double timeout_seconds);

 private:
  struct Queued {
    std::uint64_t order;
    std::uint64_t sequence;
    Task task;
    bool operator<(const Queued& other) const {  // the queue's top is the largest
      return std::pair(other.order, other.sequence) < std::pair(order, sequence);
    }
  };

  WorkerPool() = default;
  void work(Worker& worker);

  std::mutex mutex_;
  std::condition_variable task_queued_;
  std::condition_variable task_ended_;
  std::priority_queue<Queued> queue_;
  std::queue<Ended> ended_;
  std::uint64_t next_sequence_ = 0;
  bool needs_context_ = false;
  std::size_t preferred_chunk_ = 0;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
};

}  // namespace samara
