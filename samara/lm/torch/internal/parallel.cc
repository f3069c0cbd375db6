#include "samara/lm/torch/internal/parallel.h"

#include <exception>

namespace samara::lm {

struct Team::Job {
  std::size_t count = 0;
  const std::function<void(std::size_t)>* work = nullptr;
  const std::function<void(std::size_t)>* take = nullptr;
  std::size_t next = 0;   // item that nobody works on yet
  std::size_t taken = 0;  // items taken over
  std::exception_ptr failure;
};

Team::Team(int size) {
  for (int i = 1; i < size; ++i) threads_.emplace_back([this] { serve(); });
}

Team::~Team() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Team::run(std::size_t count, const std::function<void(std::size_t)>& work,
               const std::function<void(std::size_t)>& take) {
  Job job{.count = count, .work = &work, .take = &take, .failure = nullptr};
  {
    const std::lock_guard lock(mutex_);
    job_ = &job;
    ++generation_;
    busy_ = threads_.size();
  }
  changed_.notify_all();
  take_part(job);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return busy_ == 0; });
  job_ = nullptr;
  if (job.failure) std::rethrow_exception(job.failure);
}

void Team::serve() {
  std::uint64_t served = 0;
  while (true) {
    Job* job = nullptr;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return closing_ || generation_ != served; });
      if (closing_) return;
      served = generation_;
      job = job_;
    }
    take_part(*job);
    {
      const std::lock_guard lock(mutex_);
      --busy_;
    }
    changed_.notify_all();
  }
}

void Team::take_part(Job& job) {
  std::unique_lock lock(mutex_);
  while (job.next < job.count && !job.failure) {
    const std::size_t item = job.next++;
    try {
      lock.unlock();
      (*job.work)(item);
      lock.lock();
      changed_.wait(lock, [&] { return job.taken == item || job.failure; });
      if (job.failure) break;
      lock.unlock();
      (*job.take)(item);
      lock.lock();
      ++job.taken;
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      if (!job.failure) job.failure = std::current_exception();
    }
    changed_.notify_all();
  }
}

}  // namespace samara::lm
