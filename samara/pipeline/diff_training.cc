#include "samara/pipeline/diff_training.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/base/sha256.h"

namespace samara {
namespace {

/// In [0, 1), the same for the same text everywhere.
double position_of(std::string_view text) {
  const Sha256Digest digest = Sha256().add(text).finish();
  std::uint32_t high = 0;
  for (int i = 0; i < 4; ++i)
    high = high << 8 | static_cast<std::uint8_t>(digest[static_cast<std::size_t>(i)]);
  return high * 0x1.0p-32;
}

}  // namespace

Status read_commits(const std::filesystem::path& file, const std::function<Status(Commit)>& take) {
  std::ifstream in(file);
  if (!in) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return make_error(code, "cannot read {}: {}", file.string(), errno_text());
  }
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    const auto object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    Commit commit;
    const std::pair<const char*, std::string*> members[] = {
        {"before", &commit.before}, {"message", &commit.message}, {"after", &commit.after}};
    for (const auto& [key, target] : members) {
      if (!object.is_object() || !object.contains(key) || !object[key].is_string()) {
        return make_error(
            ErrorCode::kInvalidData,
            "{}:{}: no commit: each line is a JSON object with the strings before, message and after",
            file.string(), number);
      }
      *target = object[key].get<std::string>();
    }
    SAMARA_TRY_STATUS(take(std::move(commit)));
  }
  if (in.bad()) return make_error(ErrorCode::kIo, "cannot read {}: {}", file.string(), errno_text());
  return {};
}

ExampleBuilder::ExampleBuilder(const diff::DiffCodec& codec, const ExampleOptions& options)
    : codec_(codec),
      options_(options),
      examples_{lm::ExampleSet(static_cast<std::uint32_t>(codec.tokenizer().size())),
                lm::ExampleSet(static_cast<std::uint32_t>(codec.tokenizer().size())), 0} {}

Status ExampleBuilder::add(const Commit& commit) {
  Rng rng(options_.seed, static_cast<std::uint32_t>(commits_), static_cast<std::uint32_t>(commits_ >> 32),
          Stream::kTrain);
  ++commits_;
  const auto encoded = codec_.encode_commit(commit.before, commit.message, commit.after, options_.max_tokens,
                                            options_.any_number, rng);
  if (!encoded) {
    ++examples_.left_out;
    return {};
  }
  const bool held_back = position_of(commit.before) < options_.validation_share;
  if (held_back && examples_.validation.size() >= options_.max_validation) {
    ++examples_.left_out;
    return {};
  }
  lm::ExampleSet& set = held_back ? examples_.validation : examples_.training;
  return set.add(encoded->tokens, encoded->loss_from, commit.weight);
}

}  // namespace samara
