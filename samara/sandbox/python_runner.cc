#include "samara/sandbox/python_runner.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "samara/sandbox/internal/warm_client.h"

namespace samara {
namespace {

using sandbox::Arena;
using sandbox::Report;
using sandbox::WarmClient;

// A warm process that is started when it is first needed, and once more when it is lost.
class Warm {
 public:
  Warm(const PythonRunner::Options& options, bool with_numpy) : options_(options), with_numpy_(with_numpy) {}

  Status start() {
    if (client_) return {};
    SAMARA_TRY(client_, WarmClient::start(options_, with_numpy_));
    return {};
  }

  std::size_t fitting(std::span<const Job> jobs) const { return client_->fitting(jobs); }

  Result<Report> run(std::span<const Job> jobs) {
    Result<Report> report = client_->run(jobs);
    if (report.ok()) return report;
    client_.reset();
    SAMARA_TRY_STATUS(start());
    return client_->run(jobs);
  }

 private:
  const PythonRunner::Options& options_;
  bool with_numpy_;
  std::optional<WarmClient> client_;
};

class WarmPythonRunner final : public PythonRunner {
 public:
  explicit WarmPythonRunner(Options options) : options_(std::move(options)) {}

  Status start() { return plain_.start(); }

  Result<std::vector<JobResult>> run(std::span<const Job> jobs) override {
    std::vector<JobResult> results(jobs.size());
    std::vector<std::size_t> together;  // to be run in batches
    std::vector<std::size_t> alone;     // to be run one by one
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      SAMARA_CHECK(jobs[i].harness < options_.harnesses.size());
      if (jobs[i].text.size() > Arena::kMaxText) {
        results[i] =
            Failure{Outcome::kMemoryLimit, fmt::format("the text is longer than {} bytes", Arena::kMaxText)};
      } else {
        (uses_numpy(jobs[i]) ? alone : together).push_back(i);
      }
    }
    SAMARA_TRY_STATUS(run_together(jobs, std::move(together), results, alone));
    for (const std::size_t index : alone) {
      Warm& warm = uses_numpy(jobs[index]) ? numpy_ : plain_;
      SAMARA_TRY_STATUS(warm.start());
      SAMARA_TRY(Report report, warm.run(jobs.subspan(index, 1)));
      results[index] = std::move(report.entries.front().result);
    }
    return results;
  }

 private:
  bool uses_numpy(const Job& job) const {
    return options_.harnesses[job.harness].kind == Harness::Kind::kCandidate &&
           job.text.find("numpy") != std::string_view::npos;
  }

  // Runs the jobs at `pending` in batches. Which one brought a child down, and which cannot share one at all,
  // is added to `alone`; those that the child did not come to go into the next batch.
  Status run_together(std::span<const Job> jobs, std::vector<std::size_t> pending,
                      std::vector<JobResult>& results, std::vector<std::size_t>& alone) {
    SAMARA_TRY_STATUS(plain_.start());
    std::size_t next = 0;
    std::vector<Job> batch;
    while (next < pending.size()) {
      batch.clear();
      for (std::size_t i = next; i < std::min(pending.size(), next + options_.batch); ++i) {
        batch.push_back(jobs[pending[i]]);
      }
      batch.resize(plain_.fitting(batch));
      SAMARA_TRY(Report report, plain_.run(batch));
      const std::size_t first = next;
      for (std::size_t i = 0; i < batch.size() && report.entries[i].fate != Report::Fate::kNotRun; ++i) {
        const std::size_t index = pending[next++];
        if (report.entries[i].fate == Report::Fate::kResult) {
          results[index] = std::move(report.entries[i].result);
        } else {
          alone.push_back(index);
        }
      }
      if (next == first) {
        return make_error(ErrorCode::kInternal, "a child of samara-python ended before it ran anything");
      }
    }
    return {};
  }

  Options options_;
  Warm plain_{options_, false};
  Warm numpy_{options_, true};
};

Status check(const PythonRunner::Options& options) {
  constexpr std::size_t kMinMemory = std::size_t{128} << 20;
  if (options.harnesses.empty())
    return make_error(ErrorCode::kInvalidArgument, "a Python runner needs a harness");
  if (options.batch < 1 || options.batch > sandbox::kMaxBatch) {
    return make_error(ErrorCode::kInvalidArgument, "the Python runner's batch is {}; choose 1 to {}",
                      options.batch, sandbox::kMaxBatch);
  }
  if (options.memory_limit < kMinMemory) {
    return make_error(ErrorCode::kInvalidArgument,
                      "the Python runner's memory limit is {} bytes; choose {} or more", options.memory_limit,
                      kMinMemory);
  }
  if (options.cpu_limit.count() <= 0 || options.stall_limit.count() <= 0 || options.result_limit == 0) {
    return make_error(ErrorCode::kInvalidArgument, "the Python runner's limits must be larger than 0");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<PythonRunner>> PythonRunner::start(Options options) {
  SAMARA_TRY_STATUS(check(options));
  auto runner = std::make_unique<WarmPythonRunner>(std::move(options));
  SAMARA_TRY_STATUS(runner->start());
  return std::unique_ptr<PythonRunner>(std::move(runner));
}

}  // namespace samara
