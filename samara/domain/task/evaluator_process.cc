#include "samara/domain/task/evaluator_process.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
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

/// Where an interpreter outside of /usr has its files: a virtual environment or an installation, and nothing
/// beside it that only shares its folder.
void show_interpreter(const std::string& python, std::map<std::string, std::filesystem::path>& readable) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  for (const fs::path& path : {fs::path(python), fs::canonical(python, ignored)}) {
    const fs::path folder = path.parent_path(), prefix = folder.parent_path();
    const std::string real = fs::weakly_canonical(folder, ignored).string() + "/";
    if (path.empty() || real.starts_with("/usr/")) continue;
    std::vector<fs::path> shown = {path};
    if (fs::exists(prefix / "pyvenv.cfg", ignored) || fs::exists(prefix / "conda-meta", ignored)) {
      shown = {prefix};
    } else if (folder.filename() == "bin" && fs::exists(prefix / "lib", ignored)) {
      shown = {folder, prefix / "lib"};
    }
    for (const fs::path& part : shown) readable[part.string()] = part;
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
  SAMARA_TRY(const bool contained, sandbox::ContainedProcess::can_contain(allow_uncontained));
  process->plain_ = !contained;
  Status started = process->start_server();
  if (!started.ok() && started.error().code == ErrorCode::kUnsupported && contained && allow_uncontained) {
    process->plain_ = true;
    started = process->start_server();
  }
  SAMARA_TRY_STATUS(started);
  SAMARA_TRY_STATUS(process->load_evaluator());
  return process;
}

Status EvaluatorProcess::start_server() {
  process_.reset();
  sandbox::Containment containment;
  containment.network = spec_.evaluator.network;
  containment.writable_bytes = std::uint64_t{spec_.limits.writable_mb} << 20;
  containment.contain = !plain_;
  containment.environment = environment(spec_, "/tmp/run");
  containment.readable[std::string(kTaskThere)] = folder_;
  show_interpreter(spec_.evaluator.python, containment.readable);
  std::error_code ignored;
  if (!std::filesystem::exists(spec_.evaluator.python, ignored)) {
    return make_error(ErrorCode::kNotFound, "evaluator.interpreter names {}, and there is no such file",
                      spec_.evaluator.python);
  }
  for (const std::string& path : spec_.evaluator.readable) {
    if (!std::filesystem::exists(path, ignored)) {
      return make_error(ErrorCode::kNotFound, "evaluator.readable names {}, and there is no such path", path);
    }
    containment.readable[path] = path;
  }
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
    // A file of the task, else a program on the PATH or at an absolute one.
    const bool of_task =
        !words[0].starts_with('/') && std::filesystem::is_regular_file(folder_ / words[0], ignored);
    if (of_task) words[0] = task + "/" + words[0];
    evaluator["command"] = words;
  } else {
    evaluator["path"] = task + "/" + e.file;
  }
  json shown = json::array();  // of what is there the server must leave these
  if (!plain_) {
    for (const auto& [there, here] : containment.readable) shown.push_back(there);
  }
  const json setup = {{"limits", limits_json(spec_.limits)},
                      {"task_folder", task},
                      {"temporary", plain_ ? temporary_.string() : std::string("/tmp")},
                      {"shown", shown},
                      {"network", e.network},
                      {"allow_uncontained", allow_uncontained_},
                      {"stand_ins", kEvaluatorStandIns},
                      {"evaluator", evaluator}};
  const std::string message = framed(setup.dump(-1, ' ', false, json::error_handler_t::replace));
  (void)process_->send(message, patience());  // where this fails, so does the next
  const Result<std::string> answer = hear();
  if (!answer.ok()) {
    const std::string why = one_line(process_->error_text(), kLongestMessage);
    return make_error(
        ErrorCode::kUnsupported,
        "the contained process for evaluators does not start here: {}. Containment needs bubblewrap and a "
        "kernel that allows namespaces; run trusted code with --allow-uncontained",
        why.empty() ? answer.error().message : why);
  }
  const std::vector<std::string> layers = read_refused_layers(*answer);
  if (layers.empty() || allow_uncontained_) return {};
  return make_error(
      ErrorCode::kUnsupported,
      "this machine refuses what contains evaluators: {}. Run trusted code with --allow-uncontained",
      fmt::join(layers, ", "));
}

Status EvaluatorProcess::load_evaluator() {
  const EvaluatorSpec& e = spec_.evaluator;
  const std::string& name = e.kind == EvaluatorKind::kCommand ? e.command[0] : e.file;
  const Result<std::string> answer = hear();
  if (!answer.ok()) {
    return make_error(ErrorCode::kInvalidData, "the evaluator {} does not load: {}\n{}", name,
                      answer.error().message, process_->error_text());
  }
  SAMARA_TRY(functions_, read_functions(*answer, name));
  return {};
}

milliseconds EvaluatorProcess::patience() const {
  return kStartPatience + milliseconds(static_cast<std::int64_t>(spec_.limits.wall_seconds * 1000.0));
}

Result<std::string> EvaluatorProcess::hear() {
  SAMARA_TRY(const std::string header, process_->receive(sizeof(std::uint32_t), patience()));
  std::uint32_t size = 0;
  std::memcpy(&size, header.data(), sizeof size);
  if (size > kLargestAnswer) return make_error(ErrorCode::kIo, "the contained process talks nonsense");
  return process_->receive(size, patience());
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
    if (!process_) {
      SAMARA_TRY_STATUS(start_server());
      SAMARA_TRY_STATUS(load_evaluator());
    }
    if (process_->send(message, patience()).ok()) {
      const Result<std::string> answer = hear();
      if (answer.ok()) return read_measurement(*answer, spec_);
    }
    process_.reset();
  }
  Measurement lost;
  lost.failure = Failure{Outcome::kCrashed, "brought the process that evaluates it down, twice"};
  return lost;
}

}  // namespace samara::task
