#include "samara/corpus/commit_corpus.h"

#include <algorithm>
#include <future>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "samara/base/rng.h"
#include "samara/base/sha256.h"
#include "samara/corpus/corpus_harness.h"

namespace samara::corpus {
namespace {

using nlohmann::json;

constexpr std::size_t kExamplesPerJob = 64;
constexpr std::size_t kJobsPerChunk = 16;
constexpr std::uint64_t kExamplesPerChunk = kExamplesPerJob * kJobsPerChunk;
constexpr std::uint64_t kMostExamples = std::numeric_limits<std::uint32_t>::max();
// Functions of more text would hardly fit, and are not tried: about this many bytes are a token, and message,
// diff and line numbers need this many tokens.
constexpr double kBytesPerToken = 2.9;
constexpr double kOtherTokens = 45.0;

Status check(const CommitOptions& options) {
  const auto is_share = [](double share) { return share >= 0.0 && share <= 1.0; };
  if (!is_share(options.real_share) || !is_share(options.short_share)) {
    return make_error(ErrorCode::kInvalidArgument, "shares of real and of short examples are from 0 to 1");
  }
  if (options.short_tokens < 60 || options.max_tokens < 60 || options.max_lines < 4) {
    return make_error(ErrorCode::kInvalidArgument,
                      "no commit fits: allow at least 60 tokens and 4 lines (these are {}, {} and {})",
                      options.short_tokens, options.max_tokens, options.max_lines);
  }
  if (options.count > kMostExamples / 2) {
    return make_error(ErrorCode::kInvalidArgument, "{} commits are too many; ask for at most {} with a seed",
                      options.count, kMostExamples / 2);
  }
  return {};
}

/// The functions that an example of one length class may start from.
std::vector<const std::string*> fitting(std::span<const Function> functions, std::uint32_t tokens) {
  const double most_bytes = kBytesPerToken * (tokens - kOtherTokens);
  std::vector<const std::string*> texts;
  for (const Function& function : functions) {
    if (static_cast<double>(function.text.size()) <= most_bytes) texts.push_back(&function.text);
  }
  return texts;
}

class Maker {
 public:
  Maker(std::span<const Function> functions, const CommitOptions& options)
      : options_(options),
        short_(fitting(functions, options.short_tokens)),
        long_(fitting(functions, options.max_tokens)) {}

  /// The chunk's commits in order; nothing where an example could not be made.
  Result<std::vector<std::optional<Commit>>> chunk(PythonRunner& runner, std::uint64_t number) const {
    std::vector<std::string> texts;
    for (std::size_t job = 0; job < kJobsPerChunk; ++job) {
      texts.push_back(job_text(number * kExamplesPerChunk + job * kExamplesPerJob));
    }
    std::vector<Job> jobs;
    for (const std::string& text : texts) jobs.push_back({0, text});
    SAMARA_TRY(const std::vector<JobResult> results, runner.run(jobs));
    std::vector<std::optional<Commit>> commits;
    for (const JobResult& result : results) decode(result, commits);
    return commits;
  }

 private:
  std::string job_text(std::uint64_t first) const {
    json examples = json::array();
    for (std::uint64_t index = first; index < first + kExamplesPerJob; ++index) {
      const auto slot = static_cast<std::uint32_t>(index);
      Rng choice(options_.seed, 0, slot, Stream::kSelect);
      const bool is_short = choice.chance(options_.short_share);
      const std::vector<const std::string*>& texts = is_short ? short_ : long_;
      json text = nullptr;
      if (choice.chance(options_.real_share) && !texts.empty()) {
        text = *texts[choice.below(static_cast<std::uint32_t>(texts.size()))];
      }
      examples.push_back({Rng(options_.seed, 0, slot, Stream::kMutate).next_u64(), text, is_short,
                          is_short ? options_.short_tokens : options_.max_tokens});
    }
    return json{{"examples", std::move(examples)},
                {"options", {{"slips", options_.typos}, {"most_lines", options_.max_lines}}}}
        .dump();
  }

  // A job that ran into a limit of the sandbox gave no commits.
  static void decode(const JobResult& result, std::vector<std::optional<Commit>>& commits) {
    const auto* value = std::get_if<EncodedValue>(&result);
    if (value == nullptr) return;
    const json rows = json::from_msgpack(value->msgpack, /*strict=*/true, /*allow_exceptions=*/false);
    if (!rows.is_array()) return;
    for (const json& row : rows) {
      if (row.is_null()) {
        commits.emplace_back();
      } else {
        commits.emplace_back(Commit{.before = row[0].get<std::string>(),
                                    .message = row[1].get<std::string>(),
                                    .after = row[2].get<std::string>(),
                                    .kind = row[3].get<std::string>()});
      }
    }
  }

  CommitOptions options_;
  std::vector<const std::string*> short_;
  std::vector<const std::string*> long_;
};

}  // namespace

Result<CommitCounts> make_commits(std::span<const Function> functions, const CommitOptions& options,
                                  const std::function<Status(const Commit&)>& take,
                                  const std::function<void(const CommitCounts&)>& progress) {
  SAMARA_TRY_STATUS(check(options));
  const Vocabulary vocabulary = count_vocabulary(functions);
  std::vector<std::unique_ptr<PythonRunner>> runners;
  for (unsigned worker = 0; worker < std::max(1U, options.workers); ++worker) {
    SAMARA_TRY(std::unique_ptr<PythonRunner> runner, start_runner(vocabulary, options.held_out));
    runners.push_back(std::move(runner));
  }
  const Maker maker(functions, options);

  CommitCounts counts;
  std::set<Sha256Digest> seen;
  std::uint64_t next_chunk = 0;
  while (counts.written < options.count) {
    using Chunk = Result<std::vector<std::optional<Commit>>>;
    std::vector<std::future<Chunk>> chunks;
    for (const std::unique_ptr<PythonRunner>& runner : runners) {
      const std::uint64_t number = next_chunk++;
      chunks.push_back(
          std::async(std::launch::async, [&maker, &runner, number] { return maker.chunk(*runner, number); }));
    }
    std::vector<Chunk> made;
    for (std::future<Chunk>& chunk : chunks) made.push_back(chunk.get());
    for (Chunk& chunk : made) {
      SAMARA_TRY(const std::vector<std::optional<Commit>> commits, std::move(chunk));
      for (const std::optional<Commit>& commit : commits) {
        if (counts.written == options.count) break;
        ++counts.tried;
        if (!commit) continue;
        if (!seen.insert(sha256(to_json_line(*commit))).second) {
          ++counts.repeated;
          continue;
        }
        SAMARA_TRY_STATUS(take(*commit));
        ++counts.written;
      }
    }
    if (progress) progress(counts);
    if (next_chunk * kExamplesPerChunk > 4 * options.count + 64 * kExamplesPerChunk) {
      return make_error(ErrorCode::kInvalidArgument, "only {} of {} examples fit; allow more tokens or lines",
                        counts.written, counts.tried);
    }
  }
  return counts;
}

}  // namespace samara::corpus
