#include "samara/corpus/git_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "samara/corpus/corpus_harness.h"
#include "samara/corpus/internal/child_process.h"
#include "samara/corpus/test_folder.h"

namespace samara::corpus {
namespace {

using ::testing::HasSubstr;

/// A repository of a test's own.
class Repository {
 public:
  Repository() { git({"init", "--quiet"}); }

  const std::filesystem::path& path() const { return folder_.path(); }

  void git(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {
        "git", "-C", path().string(), "-c", "user.name=Someone", "-c", "user.email=someone@example.org"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    auto process = ChildProcess::start(all, {});
    ASSERT_TRUE(process.ok()) << process.error().message;
    const Status status = process->finish("git");
    ASSERT_TRUE(status.ok()) << status.error().message;
  }

  void commit(const std::string& file, const std::string& text, const std::string& message) const {
    folder_.write(file, text);
    git({"add", "--all"});
    git({"commit", "--quiet", "--message", message});
  }

  /// The hash of a commit, such as "HEAD~1".
  std::string hash(const std::string& commit) const {
    const std::vector<std::string> arguments = {"git", "-C", path().string(), "rev-parse", commit};
    auto process = ChildProcess::start(arguments, {});
    return process.ok() ? process->read_until('\n', 100).value() : "";
  }

 private:
  TestFolder folder_;
};

std::string program(const std::string& result) {
  return "import os\n\n\ndef area(a, b):\n    size = a + b\n    return " + result +
         "\n\n\ndef other():\n    return 1\n";
}

Result<GitCounts> collect(const std::filesystem::path& path, std::vector<GitCommit>& commits,
                          GitOptions options = {}) {
  SAMARA_TRY(std::unique_ptr<PythonRunner> runner, start_runner({}, {}));
  const std::vector<std::filesystem::path> paths = {path};
  return collect_commits(
      paths, options, *runner,
      [&](const GitCommit& commit) -> Status {
        commits.push_back(commit);
        return {};
      },
      nullptr);
}

TEST(GitCorpusTest, ACommitIsTheChangedFunctionWithTheFirstLineOfItsMessage) {
  const Repository repository;
  repository.commit("a b.py", program("size"), "Begin");
  repository.commit("a b.py", program("size * 2"), "Double the size (#12)\n\nBecause it was small.");
  repository.commit("notes.txt", "nothing\n", "Notes");
  std::vector<GitCommit> commits;
  const auto counts = collect(repository.path(), commits);
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0], (GitCommit{{.before = "def area(a, b):\n    size = a + b\n    return size",
                                    .message = "Double the size",
                                    .after = "def area(a, b):\n    size = a + b\n    return size * 2",
                                    .kind = "git"},
                                   "a b.py",
                                   repository.hash("HEAD~1")}));
  EXPECT_EQ(counts->history.commits, 1U);
}

TEST(GitCorpusTest, ALineSaysWhereTheChangeStands) {
  const GitCommit commit{{.before = "a", .message = "Say \"b\"", .after = "b", .kind = "git"},
                         "folder/a b.py",
                         "0123456789abcdef0123456789abcdef01234567"};
  EXPECT_EQ(to_json_line(commit),
            R"({"before":"a","message":"Say \"b\"","after":"b","kind":"git","path":"folder/a b.py",)"
            R"("commit":"0123456789abcdef0123456789abcdef01234567"})");
}

TEST(GitCorpusTest, AChangeThatWasMadeTwiceComesOnceFromTheLatestCommit) {
  const Repository repository;
  repository.commit("a.py", program("size"), "Begin");
  repository.commit("a.py", program("b"), "Return b");
  repository.commit("a.py", program("size"), "Return the size again");
  repository.commit("a.py", program("b"), "Return b");
  std::vector<GitCommit> commits;
  const auto counts = collect(repository.path(), commits);
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  ASSERT_EQ(commits.size(), 2U);
  EXPECT_EQ(commits[0].hash, repository.hash("HEAD"));
  EXPECT_EQ(commits[1].hash, repository.hash("HEAD~1"));
  EXPECT_EQ(counts->repeated, 1U);
}

TEST(GitCorpusTest, MergesBinariesAndLargeFilesAreSkipped) {
  const Repository repository;
  repository.commit("a.py", program("size"), "Begin");
  repository.commit("binary.py", std::string("a\0b", 3), "Binary");
  repository.commit("binary.py", std::string("a\0c", 3), "Another binary");
  repository.commit("large.py", "x = 1\n" + std::string(2000, '#') + "\n", "Large");
  repository.commit("large.py", "x = 2\n" + std::string(2000, '#') + "\n", "Still large");
  repository.git({"checkout", "--quiet", "-b", "side", "HEAD~1"});
  repository.commit("a.py", program("b"), "Return b");
  repository.git({"checkout", "--quiet", "-"});
  repository.git({"merge", "--quiet", "--no-ff", "--message", "Merge it", "side"});
  std::vector<GitCommit> commits;
  GitOptions options;
  options.history.largest_file = 1000;
  const auto counts = collect(repository.path(), commits, options);
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].change.message, "Return b");
  EXPECT_EQ(counts->history.skipped_files, 2U);
}

TEST(GitCorpusTest, AMessageInAnotherEncodingIsTakenAsFarAsItCanBeRead) {
  const Repository repository;
  repository.commit("a.py", program("size"), "Begin");
  repository.git(
      {"config", "i18n.commitEncoding", "unheard-of"});  // what git cannot convert it leaves as it is
  repository.commit("a.py", program("b"),
                    "R\xe9"
                    "parer");
  std::vector<GitCommit> commits;
  const auto counts = collect(repository.path(), commits);
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].change.message, "R\xef\xbf\xbdparer");
}

TEST(GitCorpusTest, OtherFilesComeWithTheLinesAround) {
  const Repository repository;
  std::string text;
  for (int i = 0; i < 30; ++i) text += "int a" + std::to_string(i) + ";\n";
  repository.commit("a.cc", text, "Begin");
  text.replace(text.find("int a15;"), 8, "long a15;");
  repository.commit("a.cc", text, "Widen a15");
  std::vector<GitCommit> commits;
  GitOptions options;
  options.history.extension = "cc";
  options.context = 1;
  ASSERT_TRUE(collect(repository.path(), commits, options).ok());
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].change.after, "int a14;\nlong a15;\nint a16;");
}

TEST(GitCorpusTest, AFolderThatIsNoRepositoryIsAnErrorThatSaysSo) {
  const TestFolder folder;
  std::vector<GitCommit> commits;
  for (const std::filesystem::path& path : {folder.path(), folder.path() / "missing"}) {
    const auto counts = collect(path, commits);
    ASSERT_FALSE(counts.ok());
    EXPECT_EQ(counts.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(counts.error().message, HasSubstr("git repository"));
    EXPECT_THAT(counts.error().message, HasSubstr(path.string()));
  }
}

TEST(GitCorpusTest, ABrokenRepositoryIsAnErrorInGitsWords) {
  const Repository repository;
  repository.commit("a.py", program("size"), "Begin");
  repository.commit("a.py", program("b"), "Return b");
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(repository.path() / ".git" / "objects")) {
    if (!entry.is_regular_file()) continue;
    std::filesystem::permissions(entry.path(), std::filesystem::perms::owner_all);
    std::ofstream(entry.path(), std::ios::trunc) << "nonsense";
  }
  std::vector<GitCommit> commits;
  const auto counts = collect(repository.path(), commits);
  ASSERT_FALSE(counts.ok());
  EXPECT_EQ(counts.error().code, ErrorCode::kIo);
  EXPECT_THAT(counts.error().message, HasSubstr("object"));
  EXPECT_TRUE(commits.empty());
}

TEST(GitCorpusTest, AnEmptyRepositoryIsAnError) {
  const Repository repository;
  std::vector<GitCommit> commits;
  const auto counts = collect(repository.path(), commits);
  ASSERT_FALSE(counts.ok());
  EXPECT_THAT(counts.error().message, HasSubstr("commit"));
}

TEST(ChildProcessTest, WhatIsMissingIsNamed) {
  const std::vector<std::string> arguments = {"no-such-program-anywhere"};
  const auto process = ChildProcess::start(arguments, {});
  ASSERT_FALSE(process.ok());
  EXPECT_EQ(process.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(process.error().message, HasSubstr("no-such-program-anywhere"));
}

TEST(ChildProcessTest, ItIsSpokenToThroughPipes) {
  const std::vector<std::string> arguments = {"cat"};
  auto process = ChildProcess::start(arguments, {});
  ASSERT_TRUE(process.ok());
  ASSERT_TRUE(process->write("one\ntwo\n").ok());
  EXPECT_EQ(process->read_until('\n', 100).value(), "one");
  EXPECT_EQ(process->read_exactly(2).value(), "tw");
  EXPECT_TRUE(process->finish("cat").ok());
}

TEST(ChildProcessTest, WritingToOneThatEndedIsAnErrorAndNoSignal) {
  const std::vector<std::string> arguments = {"true"};
  auto process = ChildProcess::start(arguments, {});
  ASSERT_TRUE(process.ok());
  EXPECT_FALSE(process->has_more());
  Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) status = process->write(std::string(1000, 'x'));
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(process->read_until('\n', 100).ok());
}

}  // namespace
}  // namespace samara::corpus
