// samara-train JOB: trains the job in a folder to its end, or until SIGTERM or SIGINT, which leave a
// checkpoint. Standard output gets a line of JSON per report, and one with the error if there is one; people
// use `samara lm train` and `samara finetune`, which start this program (samara/lm/train/train_process.h).
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "samara/lm/torch/trainer.h"
#include "samara/lm/train/curve_log.h"
#include "samara/lm/train/training_job.h"

namespace samara::lm {
namespace {

std::atomic<bool> stop{false};

void print_line(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

class Reporter : public TrainingObserver {
 public:
  explicit Reporter(CurveLog& curve) : curve_(curve) {}
  void progress(const TrainingProgress& progress) override {
    print_line(write_progress(progress));
    if (const Status added = curve_.add(progress); !added.ok())
      std::fprintf(stderr, "%s\n", added.error().message.c_str());
  }

 private:
  CurveLog& curve_;
};

Status run(const std::filesystem::path& folder) {
  SAMARA_TRY(TrainingJob job, read_training_job(folder));
  job.options.stop = &stop;
  SAMARA_TRY(CurveLog curve, CurveLog::open(job_curve(folder)));
  Reporter reporter(curve);
  SAMARA_TRY(const TrainingResult result,
             train(job.start, job.training, job.validation, job.options, &reporter));
  if (!result.finished) return make_error(ErrorCode::kCancelled, "stopped at step {}", result.last.step);
  return save_model(result.model, job_result(folder), DataType::kF32);
}

}  // namespace
}  // namespace samara::lm

int main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-') {
    std::fputs(
        "usage: samara-train JOB\n\nTrains the job in a folder that `samara lm train` made; use that.\n",
        stderr);
    return 2;
  }
  struct sigaction action {};
  action.sa_handler = [](int) { samara::lm::stop = true; };
  for (const int signal : {SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
  const samara::Status status = samara::lm::run(argv[1]);
  if (status.ok()) return 0;
  const nlohmann::json line = {
      {"error", {{"code", static_cast<int>(status.error().code)}, {"message", status.error().message}}}};
  samara::lm::print_line(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return 1;
}
