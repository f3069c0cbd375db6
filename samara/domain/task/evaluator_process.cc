#include "samara/domain/task/evaluator_process.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "samara/base/text.h"

namespace samara {
extern const std::string_view kEvaluationServer;
extern const std::string_view kEvaluatorStandIns;
}  // namespace samara

namespace samara::task {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::string_view kTaskThere = "/task";
constexpr milliseconds kStartPatience{180'000};  // importing a large library on a busy machine
constexpr std::size_t kLargestAnswer = std::size_t{16} << 20;
constexpr std::size_t kLongestMessage = 400;

std::string framed(std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string frame(sizeof size, '\0');
  std::memcpy(frame.data(), &size, sizeof size);
  return frame.append(text);
}

/// The whole environment of evaluators and candidates: nothing of ours gets there. One thread per library, as
/// a warm process that forks must have no others.
std::map<std::string, std::string> environment(const TaskSpec& spec, const std::string& home) {
  std::map<std::string, std::string> variables = spec.evaluator.environment;
  const std::pair<const char*, std::string> ours[] = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                                      {"HOME", home},
                                                      {"TMPDIR", home},
                                                      {"LC_ALL", "C.UTF-8"},
                                                      {"OPENBLAS_NUM_THREADS", "1"},
                                                      {"OMP_NUM_THREADS", "1"},
                                                      {"MKL_NUM_THREADS", "1"},
                                                      {"MPLBACKEND", "Agg"},
                                                      {"PYTHONHASHSEED", "0"},
                                                      {"PYTHONDONTWRITEBYTECODE", "1"}};
  for (const auto& [name, value] : ours) variables.emplace(name, value);
  return variables;
}

json limits_json(const EvaluationLimits& limits) {
  const std::uint32_t address_space =
      limits.address_space_mb > 0 ? limits.address_space_mb : limits.memory_mb + 1024;
  return {{"cpu_seconds", limits.cpu_seconds}, {"wall_seconds", limits.wall_seconds},
          {"memory_mb", limits.memory_mb},     {"address_space_mb", address_space},
          {"processes", limits.processes},     {"file_mb", limits.file_mb}};
}

/// Where an interpreter outside of /usr, and a virtual environment's own, have their files.
void show_interpreter(const std::string& python, std::map<std::string, std::filesystem::path>& readable) {
  std::error_code ignored;
  for (const std::filesystem::path& path :
       {std::filesystem::path(python), std::filesystem::canonical(python, ignored)}) {
    if (path.empty() || path.string().starts_with("/usr/")) continue;
    const std::filesystem::path prefix = path.parent_path().parent_path();
    readable[prefix.string()] = prefix;
  }
}

}  // namespace

EvaluatorProcess::EvaluatorProcess(const TaskSpec& spec, const std::filesystem::path& folder,
                                   bool allow_uncontained)
    : spec_(spec), folder_(std::filesystem::absolute(folder)), allow_uncontained_(allow_uncontained) {}

EvaluatorProcess::~EvaluatorProcess() {
  process_.reset();
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

Result<std::unique_ptr<EvaluatorProcess>> EvaluatorProcess::start(const TaskSpec& spec,
                                                                  const std::filesystem::path& folder,
                                                                  bool allow_uncontained) {
  std::unique_ptr<EvaluatorProcess> process(new EvaluatorProcess(spec, folder, allow_uncontained));
  SAMARA_TRY_STATUS(process->launch());
  return process;
}

Status EvaluatorProcess::launch() {
  if (!plain_) {
    SAMARA_TRY(const bool contained, sandbox::ContainedProcess::can_contain(allow_uncontained_));
    plain_ = !contained;
  }
  const Status status = start_server();
  if (status.ok() || status.error().code != ErrorCode::kUnsupported || plain_ || !allow_uncontained_)
    return status;
  plain_ = true;
  return start_server();
}

Status EvaluatorProcess::start_server() {
  process_.reset();
  sandbox::Containment containment;
  containment.network = spec_.evaluator.network;
  containment.writable_bytes = std::uint64_t{spec_.limits.writable_mb} << 20;
  containment.contain = !plain_;
  containment.environment = environment(spec_, "/tmp/run");
  containment.readable[std::string(kTaskThere)] = folder_;
  for (const std::string& path : spec_.evaluator.readable) containment.readable[path] = path;
  show_interpreter(spec_.evaluator.python, containment.readable);
  if (plain_ && temporary_.empty()) {
    std::string folder = (std::filesystem::temp_directory_path() / "samara-task-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr)
      return make_error(ErrorCode::kIo, "cannot make the folder {}", folder);
    temporary_ = folder;
  }
  if (plain_) containment.environment = environment(spec_, (temporary_ / "run").string());
  const std::vector<std::string> command = {spec_.evaluator.python,
                                            "-B",
                                            "-c",
                                            std::string(kEvaluationServer),
                                            plain_ ? "uncontained" : "contained",
                                            std::to_string(sandbox::next_user_id())};
  SAMARA_TRY(process_, sandbox::ContainedProcess::start(command, containment));

  const std::string task = plain_ ? folder_.string() : std::string(kTaskThere);
  const EvaluatorSpec& e = spec_.evaluator;
  json evaluator = {{"kind", e.kind == EvaluatorKind::kCommand  ? "command"
                             : e.kind == EvaluatorKind::kShinka ? "shinka"
                                                                : "python"},
                    {"warm", e.warm && e.kind == EvaluatorKind::kPython}};
  if (e.kind == EvaluatorKind::kCommand) {
    std::vector<std::string> words = e.command;
    // A file of the task, else a program on the PATH.
    if (std::filesystem::exists(folder_ / words[0])) words[0] = task + "/" + words[0];
    evaluator["command"] = words;
  } else {
    evaluator["path"] = task + "/" + e.file;
  }
  const json setup = {{"limits", limits_json(spec_.limits)},
                      {"task_folder", task},
                      {"temporary", plain_ ? temporary_.string() : std::string("/tmp")},
                      {"link_files", true},
                      {"network", e.network},
                      {"allow_uncontained", allow_uncontained_},
                      {"stand_ins", kEvaluatorStandIns},
                      {"evaluator", evaluator}};
  const std::optional<std::string> answer =
      ask(framed(setup.dump(-1, ' ', false, json::error_handler_t::replace)));
  if (!answer) {
    const std::string why = one_line(process_->error_text(), kLongestMessage);
    return make_error(
        ErrorCode::kUnsupported,
        "the contained process for evaluators does not start here: {}. Containment needs bubblewrap and a "
        "kernel that allows namespaces; run trusted code with --allow-uncontained",
        why.empty() ? "it ended at once" : why);
  }
  SAMARA_TRY(functions_, read_functions(*answer, e.file));
  return {};
}

std::optional<std::string> EvaluatorProcess::ask(std::string_view message) {
  const milliseconds patience =
      kStartPatience + milliseconds(static_cast<std::int64_t>(spec_.limits.wall_seconds * 1000.0));
  if (!process_ || !process_->send(message, patience).ok()) return std::nullopt;
  const Result<std::string> header = process_->receive(sizeof(std::uint32_t), patience);
  if (!header.ok()) return std::nullopt;
  std::uint32_t size = 0;
  std::memcpy(&size, header->data(), sizeof size);
  if (size > kLargestAnswer) return std::nullopt;
  Result<std::string> answer = process_->receive(size, patience);
  if (!answer.ok()) return std::nullopt;
  return std::move(answer).value();
}

Result<Measurement> EvaluatorProcess::measure(const std::vector<ProgramFile>& files,
                                              const std::string& function, std::uint64_t seed) {
  json request = {{"function", function}, {"seed", seed}, {"files", json::array()}};
  std::string bytes;
  for (const ProgramFile& file : files) {
    request["files"].push_back({file.path, file.text.size()});
    bytes += file.text;
  }
  const std::string message = framed(request.dump()) + bytes;
  // A second try in a fresh process: the first may have suffered from what its machine did to it.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!process_) SAMARA_TRY_STATUS(launch());
    if (const std::optional<std::string> answer = ask(message)) return read_measurement(*answer, spec_);
    process_.reset();
  }
  Measurement lost;
  lost.failure = Failure{Outcome::kCrashed, "brought the process that evaluates it down, twice"};
  return lost;
}

}  // namespace samara::task
