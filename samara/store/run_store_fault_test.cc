// What the world does to a run: kills, full disks, missing permissions, other processes, other versions, rot.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <map>

#include "samara/base/file.h"
#include "samara/base/unique_fd.h"
#include "samara/store/internal/sqlite.h"
#include "samara/store/test_failing_disk.h"
#include "samara/store/test_run.h"

namespace samara {
namespace {

using internal::Database;
using test::create_run;
using test::make_batch;
using test::must;
using test::open_run;
using test::records_of;
using test::TestBatch;
using test::TestFolder;

/// Runs `body` in a child process; its exit status (0 when body returned true), or minus the signal that
/// ended it.
class Child {
 public:
  explicit Child(const std::function<bool()>& body) : pid_(::fork()) {
    SAMARA_CHECK(pid_ >= 0);
    if (pid_ == 0) ::_exit(body() ? 0 : 1);
  }
  pid_t pid() const { return pid_; }
  void kill() const { ::kill(pid_, SIGKILL); }
  int wait() const {
    int status = 0;
    SAMARA_CHECK(::waitpid(pid_, &status, 0) == pid_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

class Pipe {
 public:
  Pipe() {
    int ends[2];
    SAMARA_CHECK(::pipe(ends) == 0);
    read_ = UniqueFd(ends[0]);
    write_ = UniqueFd(ends[1]);
  }
  void send(std::uint32_t value) const {
    SAMARA_CHECK(::write(write_.get(), &value, sizeof value) == sizeof value);
  }
  /// The next value; -1 once all senders have gone.
  std::int64_t receive() {
    write_.reset();
    std::uint32_t value = 0;
    return ::read(read_.get(), &value, sizeof value) == sizeof value ? std::int64_t{value} : -1;
  }

 private:
  UniqueFd read_, write_;
};

/// All batches up to `last`, as one log.
std::vector<Record> expected_records(std::uint32_t last, std::uint32_t batch_size) {
  std::vector<Record> records;
  for (std::uint32_t iteration = 0; iteration <= last; ++iteration) {
    const TestBatch batch = make_batch(iteration, batch_size);
    records.insert(records.end(), batch.records.begin(), batch.records.end());
  }
  return records;
}

void make_run(const std::filesystem::path& folder, std::uint32_t iterations, std::uint32_t batch_size = 20) {
  RunStore store = create_run(folder);
  for (std::uint32_t iteration = 0; iteration < iterations; ++iteration) {
    SAMARA_CHECK(test::append(store, make_batch(iteration, batch_size)).ok());
  }
}

void change_database(const std::filesystem::path& folder, const char* sql) {
  const auto database = must(
      Database::open("run.db", internal::sqlite_uri(folder / "run.db", "mode=rw"), SQLITE_OPEN_READWRITE));
  for (const char* statements : {"PRAGMA synchronous = OFF", sql}) {
    const Status done = database->execute(statements);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
}

// Kills.

TEST(RunStoreKillTest, WhatWasCommittedSurvivesKillsAtAnyMoment) {
  constexpr std::uint32_t kBatch = 60;
  const TestFolder folder;
  (void)create_run(folder.path());
  Rng rng(11);
  std::int64_t committed = -1;
  for (int round = 0; round < 20; ++round) {
    Pipe pipe;
    const Child writer([&] {
      RunStore store = open_run(folder.path(), Access::kWrite);
      const auto last = must(store.last_iteration());
      for (std::uint32_t iteration = last ? *last + 1 : 0;; ++iteration) {
        if (!test::append(store, make_batch(iteration, kBatch)).ok()) return false;
        pipe.send(iteration);
      }
    });
    // Killed some time after the first commit, in the midst of a later one.
    committed = std::max(committed, pipe.receive());
    ::usleep(rng.below(8'000));
    writer.kill();
    EXPECT_EQ(writer.wait(), -SIGKILL);
    for (std::int64_t told = 0; told >= 0; told = pipe.receive()) committed = std::max(committed, told);

    RunStore store = open_run(folder.path(), round % 2 == 0 ? Access::kRead : Access::kWrite);
    const std::int64_t last = must(store.last_iteration()).value();
    EXPECT_GE(last, committed);
    EXPECT_LE(last, committed + 1);  // committed, but killed before it could tell
    EXPECT_EQ(records_of(store), expected_records(static_cast<std::uint32_t>(last), kBatch));
    committed = last;
  }
  const Status check = open_run(folder.path(), Access::kRead).check();
  EXPECT_TRUE(check.ok()) << check.error().message;
}

// Other processes.

TEST(RunStoreLockTest, OneProcessWritesAndItsNumberIsTold) {
  const TestFolder folder;
  make_run(folder.path(), 1);
  Pipe ready;
  const Child writer([&] {
    RunStore store = open_run(folder.path(), Access::kWrite);
    ready.send(1);
    ::pause();
    return true;
  });
  ASSERT_EQ(ready.receive(), 1);
  const auto second = RunStore::open(folder.path(), Access::kWrite);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kInUse);
  EXPECT_NE(second.error().message.find(std::to_string(writer.pid())), std::string::npos)
      << second.error().message;
  EXPECT_EQ(RunStore::create(folder.path(), test::description()).error().code, ErrorCode::kInUse);
  RunStore reader = open_run(folder.path(), Access::kRead);
  EXPECT_EQ(records_of(reader), expected_records(0, 20));
  writer.kill();
  writer.wait();
  EXPECT_TRUE(RunStore::open(folder.path(), Access::kWrite).ok());
}

TEST(RunStoreLockTest, AProcessCannotOpenARunForWritingTwice) {
  const TestFolder folder;
  {
    RunStore first = create_run(folder.path());
    EXPECT_EQ(RunStore::open(folder.path(), Access::kWrite).error().code, ErrorCode::kInUse);
    // The refusal has not cost the first one its lock.
    const Child other([&] { return RunStore::open(folder.path(), Access::kWrite).ok(); });
    EXPECT_EQ(other.wait(), 1);
  }
  EXPECT_TRUE(RunStore::open(folder.path(), Access::kWrite).ok());
}

TEST(RunStoreLockTest, AChildOfADeadWriterDoesNotHoldTheRun) {
  const TestFolder folder;
  (void)create_run(folder.path());
  Pipe orphan_pid;
  const Child writer([&] {
    RunStore store = open_run(folder.path(), Access::kWrite);
    const Child orphan([] {
      ::sleep(20);
      return true;
    });
    orphan_pid.send(static_cast<std::uint32_t>(orphan.pid()));
    ::pause();
    return true;
  });
  const std::int64_t orphan = orphan_pid.receive();
  writer.kill();
  writer.wait();
  EXPECT_TRUE(RunStore::open(folder.path(), Access::kWrite).ok());
  ::kill(static_cast<pid_t>(orphan), SIGKILL);
}

// Full and failing disks.

TEST(RunStoreDiskTest, AFullDiskCostsNothingButTheIterationWhichCanBeRepeated) {
  const TestFolder folder;
  RunStore store = create_run(folder.path());
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  ASSERT_TRUE(test::append(store, make_batch(0, 300)).ok());
  for (std::uint32_t iteration = 1; iteration < 6; ++iteration) {
    const TestBatch batch = make_batch(iteration, 300);
    const auto size = std::filesystem::file_size(folder.path() / "run.db-wal");
    const rlimit full{size + 20'000, old_limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
    const Status failed = test::append(store, batch);
    const Status failed_again = test::append(store, batch);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old_limit), 0);
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code, ErrorCode::kIo) << failed.error().message;
    EXPECT_NE(failed.error().message.find("run.db"), std::string::npos);
    EXPECT_EQ(failed_again.ok(), false);
    EXPECT_EQ(must(store.last_iteration()), iteration - 1);
    const Status repeated = test::append(store, batch);
    EXPECT_TRUE(repeated.ok()) << repeated.error().message;
  }
  ::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(records_of(store), expected_records(5, 300));
  const Status check = store.check();
  EXPECT_TRUE(check.ok()) << check.error().message;
}

TEST(RunStoreDiskTest, WhicheverWriteFailsTheRunIsIntactAndTheAppendCanBeRepeated) {
  test::FailingDisk disk;
  for (const int failure : {SQLITE_FULL, SQLITE_IOERR_WRITE}) {
    const TestFolder folder;
    make_run(folder.path(), 1, 300);  // enough programs that the next append also makes a dictionary
    const TestBatch batch = make_batch(1, 100);
    int writes = 0;
    for (bool failed = true; failed; ++writes) {
      // A fresh copy each time: the append must fail at a different write in the same state.
      const TestFolder copy;
      std::filesystem::copy(folder.path(), copy.path() / "run");
      RunStore store = open_run(copy.path() / "run", Access::kWrite);
      disk.fail_write(writes, failure);
      const Status status = test::append(store, batch);
      failed = disk.stop();
      // A write that only tidies up may fail without harm; all others must be reported.
      if (!status.ok()) {
        EXPECT_TRUE(failed);
        EXPECT_EQ(status.error().code, ErrorCode::kIo) << status.error().message;
        EXPECT_EQ(must(store.last_iteration()), 0u);
        const Status repeated = test::append(store, batch);
        EXPECT_TRUE(repeated.ok()) << repeated.error().message;
      }
      EXPECT_EQ(records_of(store).size(), 400u);
      const Status check = store.check();
      EXPECT_TRUE(check.ok()) << check.error().message;
    }
    EXPECT_GT(writes, 10);
  }
}

TEST(RunStoreDiskTest, ARunThatCannotBeMadeLeavesNoRun) {
  test::FailingDisk disk;
  const TestFolder folder;
  int writes = 0;
  while (true) {
    disk.fail_write(writes, SQLITE_FULL);
    const auto created = RunStore::create(folder.path(), test::description());
    const bool failed = disk.stop();
    if (!failed) {
      EXPECT_TRUE(created.ok());
      break;
    }
    ++writes;
    if (created.ok()) {  // the write that failed was not needed
      ASSERT_TRUE(created->folder() == folder.path());
      std::filesystem::remove(folder.path() / "run.db");
      continue;
    }
    EXPECT_EQ(created.error().code, ErrorCode::kIo) << created.error().message;
    EXPECT_EQ(RunStore::open(folder.path(), Access::kRead).error().code, ErrorCode::kNotFound);
  }
  EXPECT_GT(writes, 3);
}

// Missing permissions. Root may do anything, so these run as nobody when the tests run as root.

bool as_plain_user(const std::function<bool()>& body) {
  return Child([&] {
           if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return false;
           return body();
         }).wait() == 0;
}

/// Copies these files of a run into a folder that nobody may write to.
class ReadOnlyCopy {
 public:
  ReadOnlyCopy(const std::filesystem::path& run, const std::vector<std::string>& files) {
    std::filesystem::create_directory(path());
    for (const std::string& file : files) {
      std::filesystem::copy_file(run / file, path() / file);
      ::chmod((path() / file).c_str(), 0444);
    }
    ::chmod(folder_.path().c_str(), 0755);
    ::chmod(path().c_str(), 0555);
  }
  ~ReadOnlyCopy() { ::chmod(path().c_str(), 0755); }
  std::filesystem::path path() const { return folder_.path() / "run"; }

 private:
  TestFolder folder_;
};

TEST(RunStorePermissionTest, AReadOnlyRunCanBeReadAndNotWritten) {
  const TestFolder folder;
  make_run(folder.path(), 3);
  const Sha256Digest digest = must(open_run(folder.path(), Access::kRead).digest());
  const ReadOnlyCopy copy(folder.path(), {"run.db", "run.toml", "run.lock"});
  EXPECT_TRUE(as_plain_user([&] {
    auto reader = RunStore::open(copy.path(), Access::kRead);
    if (!reader.ok()) std::fprintf(stderr, "%s\n", reader.error().message.c_str());
    return reader.ok() && reader->check().ok() && must(reader->digest()) == digest;
  }));
  EXPECT_TRUE(as_plain_user([&] {
    const auto writer = RunStore::open(copy.path(), Access::kWrite);
    return !writer.ok() && writer.error().code == ErrorCode::kIo &&
           writer.error().message.find(copy.path().string()) != std::string::npos;
  }));
  EXPECT_TRUE(as_plain_user([&] {
    const auto created = RunStore::create(copy.path() / "new", test::description());
    return !created.ok() && created.error().code == ErrorCode::kIo;
  }));
}

TEST(RunStorePermissionTest, AReadOnlyCopyOfAKilledRunHasItsLatestIterations) {
  const TestFolder folder;
  (void)create_run(folder.path());
  Pipe done;
  const Child writer([&] {
    RunStore store = open_run(folder.path(), Access::kWrite);
    for (std::uint32_t iteration = 0; iteration < 3; ++iteration) {
      if (!test::append(store, make_batch(iteration, 20)).ok()) return false;
    }
    done.send(1);
    ::pause();
    return true;
  });
  ASSERT_EQ(done.receive(), 1);
  writer.kill();
  writer.wait();
  const ReadOnlyCopy copy(folder.path(), {"run.db", "run.db-wal"});
  EXPECT_TRUE(as_plain_user([&] {
    auto reader = RunStore::open(copy.path(), Access::kRead);
    if (!reader.ok()) std::fprintf(stderr, "%s\n", reader.error().message.c_str());
    return reader.ok() && records_of(*reader) == expected_records(2, 20) && reader->check().ok();
  }));
}

// Other files and other versions.

/// The names and contents of all files of a folder.
std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files[entry.path().filename()] = must(read_file(entry.path()));
  }
  return files;
}

TEST(RunStoreFormatTest, ANewerVersionIsRefusedAndLeftUntouched) {
  const TestFolder folder;
  make_run(folder.path(), 2);
  change_database(folder.path(), "PRAGMA user_version = 2");
  const auto before = contents(folder.path());
  for (const Access access : {Access::kRead, Access::kWrite}) {
    const auto opened = RunStore::open(folder.path(), access);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(opened.error().message.find("newer"), std::string::npos);
  }
  auto after = contents(folder.path());
  for (const char* shared_memory : {"run.db-shm", "run.db-wal"}) {
    if (!before.contains(shared_memory)) after.erase(shared_memory);
  }
  EXPECT_EQ(after, before);
}

TEST(RunStoreFormatTest, AFolderWithoutARunIsNotFound) {
  const TestFolder folder;
  for (const Access access : {Access::kRead, Access::kWrite}) {
    EXPECT_EQ(RunStore::open(folder.path(), access).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(RunStore::open(folder.path() / "missing", access).error().code, ErrorCode::kNotFound);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(RunStoreFormatTest, WhatIsNoRunIsInvalidData) {
  const TestFolder folder;
  const std::string text(5000, 'x');
  for (const std::string& bytes : {std::string(), std::string("SQLite format 3"), text}) {
    ASSERT_TRUE(write_file(folder.path() / "run.db", bytes).ok());
    for (const Access access : {Access::kRead, Access::kWrite}) {
      const auto opened = RunStore::open(folder.path(), access);
      ASSERT_FALSE(opened.ok());
      EXPECT_EQ(opened.error().code, ErrorCode::kInvalidData) << opened.error().message;
    }
  }
}

// Rot.

TEST(RunStoreRotTest, ATruncatedRunIsAnErrorNotAShorterRun) {
  const TestFolder folder;
  make_run(folder.path(), 3, 200);
  const auto size = std::filesystem::file_size(folder.path() / "run.db");
  for (const auto kept : {size - 1, size / 2, std::uintmax_t{8192}, std::uintmax_t{100}}) {
    std::filesystem::resize_file(folder.path() / "run.db", kept);
    auto opened = RunStore::open(folder.path(), Access::kRead);
    const Status status = opened.ok() ? opened->check() : Status(opened.error());
    ASSERT_FALSE(status.ok()) << kept;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidData) << status.error().message;
    EXPECT_NE(status.error().message.find("run.db"), std::string::npos);
  }
}

TEST(RunStoreRotTest, TheCheckFindsWhatWasChanged) {
  const char* changes[] = {
      "UPDATE evaluations SET fitness = fitness + 1e-9 WHERE evaluation = 7",
      "UPDATE evaluations SET note = 'another' WHERE evaluation = 7",
      "UPDATE evaluations SET outcome = 1 - outcome WHERE evaluation = 7",
      "UPDATE evaluations SET outcome = 99 WHERE evaluation = 7",
      "UPDATE evaluations SET arm = 3 WHERE evaluation = 7",
      "UPDATE evaluations SET parent_1 = 9999 WHERE evaluation = 7",
      "UPDATE evaluations SET parent_1 = -1 WHERE evaluation = 7",
      "UPDATE evaluations SET slot = 8 WHERE evaluation = 7",
      "UPDATE evaluations SET behavior = x'00' WHERE evaluation = 7",
      "UPDATE evaluations SET fitness = NULL WHERE evaluation = 7",
      "UPDATE evaluations SET fitness = 9e999 WHERE evaluation = 7",
      "DELETE FROM evaluations WHERE evaluation = 7",
      "DELETE FROM evaluations WHERE evaluation = (SELECT max(evaluation) FROM evaluations)",
      "DELETE FROM iterations WHERE iteration = 1",
      "DELETE FROM iterations WHERE iteration = 2",
      "DELETE FROM programs WHERE program = 7",
      "DELETE FROM programs WHERE program = (SELECT max(program) FROM programs)",
      "UPDATE programs SET id = (SELECT id FROM programs WHERE program = 8) WHERE program = 7",
      "UPDATE programs SET id = zeroblob(16) WHERE program = 7",
      "UPDATE programs SET id = x'00' WHERE program = 7",
      "UPDATE programs SET text = (SELECT text FROM programs WHERE program = 8), "
      "size = (SELECT size FROM programs WHERE program = 8) WHERE program = 7",
      "UPDATE programs SET size = size + 1 WHERE program = 7",
      "UPDATE programs SET size = -1 WHERE program = 7",
      "UPDATE programs SET text = x'28b52ffd' WHERE program = 7",
      "UPDATE programs SET dictionary = 9 WHERE program = 7",
      "UPDATE programs SET first_evaluation = 8 WHERE program = 7",
      "DELETE FROM dictionaries",
      "DELETE FROM meta",
      "DROP TABLE evaluations",
  };
  const TestFolder folder;
  make_run(folder.path(), 3, 300);
  for (const char* change : changes) {
    const TestFolder copy;
    std::filesystem::copy(folder.path(), copy.path() / "run");
    change_database(copy.path() / "run", change);
    auto opened = RunStore::open(copy.path() / "run", Access::kRead);
    const Status status = opened.ok() ? opened->check() : Status(opened.error());
    EXPECT_FALSE(status.ok()) << change;
  }
}

TEST(RunStoreRotTest, FlippedBitsAreErrorsOrHarmless) {
  const TestFolder folder;
  make_run(folder.path(), 2, 150);
  const std::string bytes = must(read_file(folder.path() / "run.db"));
  const Sha256Digest digest = must(open_run(folder.path(), Access::kRead).digest());
  Rng rng(12);
  int found = 0;
  for (int round = 0; round < 150; ++round) {
    std::string damaged = bytes;
    for (std::uint32_t flips = 1 + rng.below(4); flips > 0; --flips) {
      const std::uint32_t place = rng.below(static_cast<std::uint32_t>(damaged.size()));
      damaged[place] = static_cast<char>(damaged[place] ^ (1 << rng.below(8)));
    }
    const TestFolder copy;
    std::ofstream(copy.path() / "run.db", std::ios::binary) << damaged;
    auto store = RunStore::open(copy.path(), Access::kRead);
    if (!store.ok() || !store->check().ok()) {
      ++found;
      continue;
    }
    const auto still = store->digest();
    ASSERT_TRUE(still.ok());
    EXPECT_EQ(*still, digest);
  }
  EXPECT_GT(found, 75);  // most of the file is data that the check covers
}

}  // namespace
}  // namespace samara
