#include "samara/lm/torch/internal/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "samara/base/file.h"
#include "samara/lm/safetensors.h"

namespace samara::lm {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kMaxOptimizerBytes = std::size_t{1} << 36;

/// N of a folder's name "step-N".
std::optional<std::uint64_t> step_of(const fs::path& path) {
  const std::string name = path.filename().string();
  constexpr std::string_view kPrefix = "step-";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  std::uint64_t step = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, step);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return step;
}

std::vector<fs::path> complete_steps(const fs::path& folder) {
  std::vector<std::pair<std::uint64_t, fs::path>> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (const auto step = step_of(entry.path())) found.emplace_back(*step, entry.path());
  }
  std::sort(found.begin(), found.end());
  std::vector<fs::path> paths;
  for (auto& [step, path] : found) paths.push_back(std::move(path));
  return paths;
}

Result<TrainingState> read_state(const fs::path& path) {
  SAMARA_TRY(const std::string text, read_file(path));
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto bad = [&path](std::string_view why) {
    return make_error(ErrorCode::kInvalidData, "{}: {}; remove the checkpoint folder to train from the start",
                      path.string(), why);
  };
  if (!json.is_object()) return bad("not JSON");
  try {
    if (json.at("version").get<int>() != kVersion) return bad("written by another version of Samara");
    return TrainingState{.training = json.at("training").get<std::string>(),
                         .step = json.at("step").get<std::uint64_t>(),
                         .tokens = json.at("tokens").get<std::uint64_t>(),
                         .epoch = json.at("epoch").get<std::uint32_t>(),
                         .batch = json.at("batch").get<std::uint64_t>(),
                         .short_phase = json.at("short_phase").get<bool>(),
                         .seconds = json.at("seconds").get<double>()};
  } catch (const Json::exception& problem) {
    return bad(problem.what());
  }
}

}  // namespace

Result<fs::path> write_checkpoint(const fs::path& folder, const TrainingState& state, const Model& model,
                                  const Tensors& optimizer) {
  const std::vector<fs::path> older = complete_steps(folder);
  const fs::path target = folder / fmt::format("step-{}", state.step);
  const fs::path part = folder / fmt::format("step-{}.part", state.step);
  std::error_code problem;
  fs::remove_all(part, problem);
  fs::create_directories(part, problem);
  if (problem) {
    return make_error(ErrorCode::kIo, "cannot make the checkpoint folder {}: {}", part.string(),
                      problem.message());
  }
  SAMARA_TRY_STATUS(save_model(model, part / "model", DataType::kF32));
  SAMARA_TRY_STATUS(write_file(part / "optimizer.safetensors", write_safetensors(optimizer, DataType::kF32)));
  const Json json{{"version", kVersion},
                  {"training", state.training},
                  {"step", state.step},
                  {"tokens", state.tokens},
                  {"epoch", state.epoch},
                  {"batch", state.batch},
                  {"short_phase", state.short_phase},
                  {"seconds", state.seconds}};
  SAMARA_TRY_STATUS(write_file(part / "state.json", json.dump(2) + "\n"));
  fs::rename(part, target, problem);
  if (problem) {
    return make_error(ErrorCode::kIo, "cannot name the checkpoint {}: {}", target.string(),
                      problem.message());
  }
  for (const fs::path& path : older) {
    fs::remove_all(path, problem);  // what is left is removed the next time
  }
  return target;
}

Result<std::optional<Checkpoint>> read_checkpoint(const fs::path& folder, const std::string& training) {
  const std::vector<fs::path> steps = complete_steps(folder);
  if (steps.empty()) return std::optional<Checkpoint>();
  const fs::path& newest = steps.back();
  Checkpoint checkpoint;
  SAMARA_TRY(checkpoint.state, read_state(newest / "state.json"));
  if (checkpoint.state.training != training) {
    return make_error(ErrorCode::kAlreadyExists,
                      "{} is the checkpoint of another training (other start weights, examples or options): "
                      "name another checkpoint folder, or remove this one",
                      newest.string());
  }
  SAMARA_TRY(Model model, load_model(newest / "model"));
  checkpoint.weights = std::move(model.tensors);
  SAMARA_TRY(const std::string bytes, read_file(newest / "optimizer.safetensors", kMaxOptimizerBytes));
  SAMARA_TRY(checkpoint.optimizer, read_safetensors(bytes));
  return std::optional<Checkpoint>(std::move(checkpoint));
}

}  // namespace samara::lm
