// Team: threads that share the items of a step. Each item is worked on by one thread, and its result is taken
// over in the items' order, so sums do not depend on the number of threads.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace samara::lm {

class Team {
 public:
  /// @param size of the team, the calling thread included
  explicit Team(int size);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// work(i) for each i below `count`, concurrently, then take(i) in order of i, never two at a time. Both
  /// may throw; run() then throws the first exception after all threads have stopped.
  void run(std::size_t count, const std::function<void(std::size_t)>& work,
           const std::function<void(std::size_t)>& take);

 private:
  struct Job;
  void serve();
  void take_part(Job& job);

  std::mutex mutex_;
  std::condition_variable changed_;
  Job* job_ = nullptr;            // the run under way
  std::uint64_t generation_ = 0;  // of runs
  std::size_t busy_ = 0;          // threads inside the run under way
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace samara::lm
