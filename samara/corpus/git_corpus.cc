#include "samara/corpus/git_corpus.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "samara/base/sha256.h"

namespace samara::corpus {
namespace {

using nlohmann::json;

constexpr std::size_t kChangesAtOnce = 32;

/// Collects changes until there are enough for a batch of the runner.
class Batch {
 public:
  Batch(const GitOptions& options, PythonRunner& runner, GitCounts& counts,
        const std::function<Status(const GitCommit&)>& take)
      : options_(options), runner_(runner), counts_(counts), take_(take) {}

  Status add(const FileChange& change) {
    const GitOptions& o = options_;
    texts_.push_back(json{{"old", change.old_text},
                          {"new", change.new_text},
                          {"message", change.message},
                          {"options",
                           {{"python", o.history.extension == "py"},
                            {"most_lines", o.max_lines},
                            {"most_tokens", o.max_tokens},
                            {"context", o.context}}}}
                         .dump());
    GitCommit& commit = commits_.emplace_back();
    commit.change.message = change.message;
    commit.change.kind = "git";
    commit.path = change.path;
    commit.hash = change.commit;
    return texts_.size() == kChangesAtOnce ? run() : Status();
  }

  Status run() {
    std::vector<Job> jobs;
    for (const std::string& text : texts_) jobs.push_back({0, text});
    SAMARA_TRY(const std::vector<JobResult> results, runner_.run(jobs));
    for (std::size_t i = 0; i < results.size(); ++i) {
      // A file that ran into a limit of the sandbox has no windows.
      const auto* value = std::get_if<EncodedValue>(&results[i]);
      if (value == nullptr) continue;
      const json windows = json::from_msgpack(value->msgpack, /*strict=*/true, /*allow_exceptions=*/false);
      if (!windows.is_array()) continue;
      for (const json& window : windows) {
        GitCommit commit = commits_[i];
        commit.change.before = window[0].get<std::string>();
        commit.change.after = window[1].get<std::string>();
        // The same change in another place is no other one.
        if (!seen_.insert(sha256(to_json_line(commit.change))).second) {
          ++counts_.repeated;
          continue;
        }
        SAMARA_TRY_STATUS(take_(commit));
        ++counts_.written;
      }
    }
    texts_.clear();
    commits_.clear();
    return {};
  }

 private:
  const GitOptions& options_;
  PythonRunner& runner_;
  GitCounts& counts_;
  const std::function<Status(const GitCommit&)>& take_;
  std::vector<std::string> texts_;
  std::vector<GitCommit> commits_;  // without their texts
  std::set<Sha256Digest> seen_;
};

}  // namespace

std::string to_json_line(const GitCommit& commit) {
  auto object = nlohmann::ordered_json::parse(to_json_line(commit.change));
  object["path"] = commit.path;
  object["commit"] = commit.hash;
  return object.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<GitCounts> collect_commits(std::span<const std::filesystem::path> repositories,
                                  const GitOptions& options, PythonRunner& runner,
                                  const std::function<Status(const GitCommit&)>& take,
                                  const std::function<void(const GitCounts&)>& progress) {
  GitCounts counts;
  Batch batch(options, runner, counts, take);
  for (const std::filesystem::path& repository : repositories) {
    SAMARA_TRY(const HistoryCounts history,
               read_history(repository, options.history, [&](const FileChange& change) -> Status {
                 SAMARA_TRY_STATUS(batch.add(change));
                 if (progress) progress(counts);
                 return {};
               }));
    SAMARA_TRY_STATUS(batch.run());
    counts.history.commits += history.commits;
    counts.history.changes += history.changes;
    counts.history.skipped_files += history.skipped_files;
  }
  return counts;
}

}  // namespace samara::corpus
