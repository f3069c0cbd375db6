#include "samara/corpus/git_history.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "samara/base/text.h"
#include "samara/corpus/internal/child_process.h"

namespace samara::corpus {
namespace {

constexpr char kCommitMark = '\x01';
constexpr std::size_t kLongestField = std::size_t{1} << 20;

// Of a partial clone, only what is there is read.
const std::vector<std::string>& environment() {
  static const std::vector<std::string> kVariables = {"GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1",
                                                      "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C"};
  return kVariables;
}

std::vector<std::string> git(const std::filesystem::path& repository, std::vector<std::string> arguments) {
  std::vector<std::string> all = {"git",
                                  "-C",
                                  repository.string(),
                                  "--no-pager",
                                  "-c",
                                  "protocol.allow=never",
                                  "-c",
                                  "core.fsmonitor=false",
                                  "-c",
                                  "log.showSignature=false"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

/// One line of `git log --raw`: a file that a commit modified.
struct RawChange {
  std::string old_blob;
  std::string new_blob;
  std::string path;
};

// ":100644 100644 <old> <new> M"
Result<RawChange> parse_raw(const std::string& line, std::string path) {
  std::vector<std::string> words;
  for (std::size_t start = 0; start < line.size();) {
    const std::size_t end = std::min(line.find(' ', start), line.size());
    words.push_back(line.substr(start, end - start));
    start = end + 1;
  }
  if (words.size() != 5) {
    return make_error(ErrorCode::kIo, "git log printed \"{}\", which is no change of a file", one_line(line));
  }
  return RawChange{words[2], words[3], std::move(path)};
}

class Blobs {
 public:
  static Result<Blobs> start(const std::filesystem::path& repository) {
    SAMARA_TRY(ChildProcess process,
               ChildProcess::start(git(repository, {"cat-file", "--batch"}), environment()));
    return Blobs(std::move(process));
  }

  /// The blob's text; empty for one that is too large, is no blob or is not there.
  Result<std::string> read(const std::string& id, std::size_t largest) {
    SAMARA_TRY_STATUS(process_.write(id + "\n"));
    SAMARA_TRY(const std::string header, process_.read_until('\n', kLongestField));  // "<id> blob <size>"
    const std::size_t type = header.find(' ');
    const std::size_t number = header.rfind(' ');
    std::uint64_t size = 0;
    if (type == number ||
        std::from_chars(header.data() + number + 1, header.data() + header.size(), size).ec != std::errc{}) {
      return std::string();  // "<id> missing"
    }
    SAMARA_TRY(std::string text, skip_or_read(size, largest));
    SAMARA_TRY_STATUS(to_status(process_.read_exactly(1)));  // a line break
    return header.substr(type + 1, number - type - 1) == "blob" ? text : std::string();
  }

 private:
  explicit Blobs(ChildProcess process) : process_(std::move(process)) {}

  static Status to_status(const Result<std::string>& result) {
    if (!result.ok()) return result.error();
    return {};
  }

  Result<std::string> skip_or_read(std::uint64_t size, std::size_t largest) {
    if (size <= largest) return process_.read_exactly(size);
    constexpr std::uint64_t kBlock = std::uint64_t{1} << 20;
    for (; size > 0; size -= std::min(size, kBlock)) {
      SAMARA_TRY_STATUS(to_status(process_.read_exactly(std::min(size, kBlock))));
    }
    return std::string();
  }

  ChildProcess process_;
};

bool is_text(const std::string& text) {
  return text.find('\0') == std::string::npos && sanitize_utf8(text) == text;
}

// A message's first line as a corpus has it: UTF-8, without the number of a pull request.
std::string plain_subject(std::string subject) {
  const std::size_t number = subject.rfind(" (#");
  if (number != std::string::npos && subject.ends_with(')')) subject.resize(number);
  return sanitize_utf8(one_line(subject, 200));
}

}  // namespace

Result<HistoryCounts> read_history(const std::filesystem::path& repository, const HistoryOptions& options,
                                   const std::function<Status(const FileChange&)>& take) {
  SAMARA_TRY(ChildProcess probe,
             ChildProcess::start(git(repository, {"rev-parse", "--git-dir"}), environment()));
  if (Status status = probe.finish(repository.string()); !status.ok()) {
    return make_error(ErrorCode::kNotFound, "{}; name the folder of a git repository",
                      status.error().message);
  }
  std::vector<std::string> arguments = {"log",          "--no-merges",     "--raw", "--no-abbrev",
                                        "--no-renames", "--diff-filter=M", "-z",    "--format=%x01%H%x00%s"};
  if (options.most_commits > 0) arguments.push_back(fmt::format("--max-count={}", options.most_commits));
  arguments.insert(arguments.end(), {"--", "*." + options.extension});
  SAMARA_TRY(ChildProcess log, ChildProcess::start(git(repository, arguments), environment()));
  SAMARA_TRY(Blobs blobs, Blobs::start(repository));

  HistoryCounts counts;
  FileChange change;
  while (log.has_more()) {
    SAMARA_TRY(std::string field, log.read_until('\0', kLongestField));
    while (!field.empty() && field.front() == '\n') field.erase(0, 1);
    if (field.empty()) continue;
    if (field.front() == kCommitMark) {
      change.commit = field.substr(1);
      SAMARA_TRY(std::string subject, log.read_until('\0', kLongestField));
      change.message = plain_subject(std::move(subject));
      ++counts.commits;
      continue;
    }
    SAMARA_TRY(std::string path, log.read_until('\0', kLongestField));
    SAMARA_TRY(const RawChange raw, parse_raw(field, std::move(path)));
    change.path = raw.path;
    SAMARA_TRY(change.old_text, blobs.read(raw.old_blob, options.largest_file));
    SAMARA_TRY(change.new_text, blobs.read(raw.new_blob, options.largest_file));
    if (change.old_text.empty() || change.new_text.empty() || !is_text(change.old_text) ||
        !is_text(change.new_text)) {
      ++counts.skipped_files;
      continue;
    }
    if (change.message.empty()) continue;
    SAMARA_TRY_STATUS(take(change));
    ++counts.changes;
  }
  SAMARA_TRY_STATUS(log.finish(repository.string()));
  return counts;
}

}  // namespace samara::corpus
