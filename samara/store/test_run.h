// Small runs for the store's tests: a folder that goes away, batches of made-up records and programs. Read
// run_store_test.cc for their use. The same iteration and size give the same batch.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "samara/base/rng.h"
#include "samara/store/run_store.h"

namespace samara::test {

/// A fresh folder, removed at the end.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "samara_store_XXXXXX").string();
    SAMARA_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline RunDescription description() {
  return {"seed = 'square'\n", {"seed", "gp.constant", "gp.swap"}, "test"};
}

/// Ends the test program with the error's text when it is one.
template <typename T>
T must(Result<T> result) {
  if (!result.ok()) std::fprintf(stderr, "%s\n", result.error().message.c_str());
  return std::move(result).value();
}

inline RunStore create_run(const std::filesystem::path& folder) {
  return must(RunStore::create(folder, description()));
}
inline RunStore open_run(const std::filesystem::path& folder, Access access) {
  return must(RunStore::open(folder, access));
}

/// One program for each record, of which every fifth failed.
struct TestBatch {
  std::vector<Record> records;
  std::vector<Program> programs;
  std::string stats = "{}";
};

inline TestBatch make_batch(std::uint32_t iteration, std::uint32_t size) {
  TestBatch batch;
  for (std::uint32_t slot = 0; slot < size; ++slot) {
    Rng rng(1, iteration, slot, Stream::kMutate);
    std::string text =
        fmt::format("def make_walker():  # {} {}\n    wc = walker_creator()\n", iteration, slot);
    for (std::uint32_t line = rng.below(20); line > 0; --line) {
      text += fmt::format("    wc.add_joint({}, {:.3f})\n", rng.below(10), rng.uniform());
    }
    batch.programs.emplace_back(text + "    return wc.get_walker()\n");

    Record record;
    record.iteration = iteration;
    record.slot = slot;
    record.program = batch.programs.back().id();
    if (slot > 0) record.parents.push_back(batch.programs[rng.below(slot)].id());
    if (slot > 0 && rng.chance(0.2)) record.parents.push_back(batch.programs[rng.below(slot)].id());
    record.arm = static_cast<std::uint16_t>(record.parents.size());
    record.note = fmt::format("line {}", rng.below(20));
    if (slot % 5 == 4) {
      record.outcome = Outcome::kRuntimeError;
      record.message = "ZeroDivisionError: division by zero";
    } else {
      record.outcome = rng.chance(0.3) ? Outcome::kAccepted : Outcome::kRejected;
      record.score = Score{rng.normal(), {rng.uniform(), rng.uniform(), 12.0}};
    }
    batch.records.push_back(record);
  }
  return batch;
}

inline Status append(RunStore& store, const TestBatch& batch) {
  std::vector<const Program*> programs;
  for (const Program& program : batch.programs) programs.push_back(&program);
  const std::uint32_t iteration =
      batch.records.empty() ? must(store.last_iteration()).value_or(0) + 1 : batch.records[0].iteration;
  return store.append_iteration(iteration, batch.records, programs, batch.stats);
}

inline std::vector<Record> records_of(RunStore& store, std::uint32_t from_iteration = 0) {
  std::vector<Record> records;
  const Status walked = store.for_each_record(
      [&](const Record& record, std::uint32_t) {
        records.push_back(record);
        return Status();
      },
      from_iteration);
  EXPECT_TRUE(walked.ok()) << walked.error().message;
  return records;
}

}  // namespace samara::test
