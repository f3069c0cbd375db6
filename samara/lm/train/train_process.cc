#include "samara/lm/train/train_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/base/unique_fd.h"

namespace samara::lm {
namespace {

Result<std::string> find_executable() {
  if (const char* path = std::getenv("SAMARA_TRAIN")) return std::string(path);
  std::error_code error;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const std::filesystem::path& path : {here / "samara-train", here.parent_path() / "bin/samara-train"}) {
    if (::access(path.c_str(), X_OK) == 0) return path.string();
  }
  return make_error(
      ErrorCode::kNotFound,
      "there is no samara-train in {}, which trains language models; build it (target samara-train) or "
      "name it in the environment variable SAMARA_TRAIN",
      here.string());
}

/// The training, ended with this object at the latest.
class Process {
 public:
  static Result<std::unique_ptr<Process>> start(const std::string& executable,
                                                const std::filesystem::path& job) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return make_error(ErrorCode::kInternal, "pipe: {}", errno_text());
    UniqueFd reading(ends[0]), writing(ends[1]);
    const std::string folder = job.string();
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return make_error(ErrorCode::kInternal, "fork: {}", errno_text());
    if (pid == 0) {     // only calls that are safe after fork
      ::setpgid(0, 0);  // Ctrl-C in a terminal is for the program that waits for this one
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) ::_exit(1);
      ::dup2(writing.get(), STDOUT_FILENO);
      ::execl(executable.c_str(), "samara-train", folder.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    return std::unique_ptr<Process>(new Process(pid, std::move(reading)));
  }
  ~Process() {
    if (pid_ > 0) {
      terminate();
      wait();
    }
  }
  void terminate() { ::kill(pid_, SIGTERM); }
  /// Exit status as waitpid() gives it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }
  const UniqueFd& output() const { return output_; }

 private:
  Process(pid_t pid, UniqueFd output) : pid_(pid), output_(std::move(output)) {}
  pid_t pid_;
  UniqueFd output_;
};

/// An {"error": {"code", "message"}} line of samara-train.
std::optional<Error> error_in(std::string_view line) {
  const auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object() || !object.contains("error")) return std::nullopt;
  const auto& error = object["error"];
  return Error{static_cast<ErrorCode>(error.value("code", static_cast<int>(ErrorCode::kInternal))),
               error.value("message", "training failed")};
}

}  // namespace

Result<Model> run_training(const std::filesystem::path& folder,
                           const std::function<void(const TrainingProgress&)>& observe,
                           const std::atomic<bool>& stop) {
  if (std::filesystem::exists(job_result(folder) / "config.json")) return load_model(job_result(folder));
  SAMARA_TRY(const std::string executable, find_executable());
  SAMARA_TRY(const std::unique_ptr<Process> process, Process::start(executable, folder));

  std::optional<Error> failure;
  std::string pending;
  bool stopping = false;
  for (;;) {
    if (stop.load() && !stopping) {
      process->terminate();
      stopping = true;
    }
    constexpr int kStopCheckMilliseconds = 200;
    pollfd waiting{process->output().get(), POLLIN, 0};
    if (::poll(&waiting, 1, kStopCheckMilliseconds) <= 0) continue;
    char buffer[4096];
    const ssize_t count = ::read(process->output().get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    pending.append(buffer, static_cast<std::size_t>(count));
    for (std::size_t end; (end = pending.find('\n')) != std::string::npos; pending.erase(0, end + 1)) {
      const std::string_view line = std::string_view(pending).substr(0, end);
      if (std::optional<Error> error = error_in(line)) {
        failure = std::move(error);
      } else if (const Result<TrainingProgress> progress = read_progress(line); progress.ok()) {
        observe(*progress);
      }
    }
  }
  const int status = process->wait();
  if (stopping)
    return make_error(ErrorCode::kCancelled, "training was stopped; {} goes on from its checkpoint",
                      folder.string());
  if (failure) return *failure;
  if (WIFSIGNALED(status)) {
    return make_error(
        ErrorCode::kInternal,
        "samara-train was ended by signal {} ({}); the same command goes on from its last checkpoint",
        WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    return make_error(ErrorCode::kInternal, "{} ended with status {}", executable, WEXITSTATUS(status));
  }
  return load_model(job_result(folder));
}

}  // namespace samara::lm
