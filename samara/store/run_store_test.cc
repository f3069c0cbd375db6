#include "samara/store/run_store.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>

#include "samara/base/file.h"
#include "samara/store/digest.h"
#include "samara/store/internal/sqlite.h"
#include "samara/store/test_run.h"

namespace samara {
namespace {

using test::make_batch;
using test::open_run;
using test::records_of;
using test::TestBatch;
using test::TestFolder;

TEST(RunStoreTest, AFreshRunHasItsDescriptionAndNothingElse) {
  const TestFolder folder;
  const RunDescription description{
      "seed = 'square'\n# \xff odd bytes", {"seed", "gp.constant", "gp.swap"}, "1.2.3", "00ff  a.py\n"};
  ASSERT_TRUE(RunStore::create(folder.path(), description).ok());
  RunStore store = open_run(folder.path(), Access::kRead);
  EXPECT_EQ(store.description().spec, description.spec);
  EXPECT_EQ(store.description().arms, description.arms);
  EXPECT_EQ(store.description().samara_version, description.samara_version);
  EXPECT_EQ(store.description().task_files, description.task_files);
  EXPECT_EQ(store.last_iteration().value(), std::nullopt);
  EXPECT_TRUE(records_of(store).empty());
  EXPECT_TRUE(store.check().ok());
  EXPECT_EQ(read_file(folder.path() / "run.toml").value(), description.spec);
}

TEST(RunStoreTest, AFolderHoldsOneRun) {
  const TestFolder folder;
  ASSERT_TRUE(RunStore::create(folder.path(), test::description()).ok());
  const auto again = RunStore::create(folder.path(), {"another spec", {"seed"}, "0"});
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(open_run(folder.path(), Access::kRead).description().spec, test::description().spec);
  EXPECT_EQ(read_file(folder.path() / "run.toml").value(), test::description().spec);
}

TEST(RunStoreTest, CreatingMakesTheFolderAndItsParents) {
  const TestFolder folder;
  EXPECT_TRUE(RunStore::create(folder.path() / "a" / "b c?%#", test::description()).ok());
  EXPECT_TRUE(RunStore::open(folder.path() / "a" / "b c?%#", Access::kWrite).ok());
}

TEST(RunStoreTest, RecordsComeBackInOrder) {
  const TestFolder folder;
  std::vector<Record> expected;
  RunStore store = test::create_run(folder.path());
  for (std::uint32_t iteration = 0; iteration < 5; ++iteration) {
    const TestBatch batch = make_batch(iteration, iteration == 3 ? 0 : 7);
    ASSERT_TRUE(test::append(store, batch).ok());
    expected.insert(expected.end(), batch.records.begin(), batch.records.end());
  }
  EXPECT_EQ(records_of(store), expected);
  RunStore reader = open_run(folder.path(), Access::kRead);
  EXPECT_EQ(records_of(reader), expected);
  EXPECT_EQ(reader.last_iteration().value(), 4u);
  EXPECT_EQ(records_of(reader, 2), std::vector<Record>(expected.begin() + 14, expected.end()));
  EXPECT_EQ(records_of(reader, 3), std::vector<Record>(expected.begin() + 21, expected.end()));
  EXPECT_TRUE(records_of(reader, 5).empty());
  const Status check = reader.check();
  EXPECT_TRUE(check.ok()) << check.error().message;
}

TEST(RunStoreTest, AWalkEndsAtTheCallbacksError) {
  const TestFolder folder;
  RunStore store = test::create_run(folder.path());
  ASSERT_TRUE(test::append(store, make_batch(0, 5)).ok());
  int seen = 0;
  const Status status = store.for_each_record([&](const Record&, std::uint32_t) -> Status {
    if (++seen == 2) return make_error(ErrorCode::kCancelled, "enough");
    return {};
  });
  EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(seen, 2);
}

TEST(RunStoreTest, ProgramsAreStoredOnceAndComeBack) {
  const TestFolder folder;
  RunStore store = test::create_run(folder.path());
  const TestBatch first = make_batch(0, 3);
  ASSERT_TRUE(test::append(store, first).ok());
  TestBatch second = make_batch(1, 2);
  second.records[1] = first.records[2];
  second.records[1].iteration = 1;
  second.records[1].slot = 1;
  second.records[1].outcome = Outcome::kDuplicate;
  second.records[1].score.reset();
  second.programs[1] = first.programs[2];
  ASSERT_TRUE(test::append(store, second).ok());

  RunStore reader = open_run(folder.path(), Access::kRead);
  EXPECT_EQ(reader.program_ids().value().size(), 4u);
  for (const Program& program : first.programs) {
    EXPECT_EQ(reader.program_source(program.id()).value(), program.source());
  }
  EXPECT_EQ(reader.first_record(first.programs[2].id()).value(), first.records[2]);
  EXPECT_EQ(reader.program_source(ProgramId::of("never seen")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(reader.first_record(ProgramId::of("never seen")).error().code, ErrorCode::kNotFound);
}

TEST(RunStoreTest, DetailsComeBackOnRequestAndAreNoPartOfTheDigest) {
  const TestFolder plain_folder, folder;
  RunStore plain = test::create_run(plain_folder.path());
  RunStore store = test::create_run(folder.path());
  for (std::uint32_t iteration = 0; iteration < 3; ++iteration) {
    TestBatch batch = make_batch(iteration, 200);
    ASSERT_TRUE(test::append(plain, batch).ok());
    for (Record& record : batch.records) {
      if (record.slot % 3 != 0) record.details = fmt::format(R"({{"metrics": {{"x": {}}}}})", record.slot);
    }
    batch.records[1].details.assign(100'000, '\xff');  // any bytes, whatever they are worth
    ASSERT_TRUE(test::append(store, batch).ok());
    for (const Record& record : batch.records) {
      EXPECT_EQ(store.program_details(*record.program).value(), record.details);
      EXPECT_EQ(store.first_record(*record.program).value(), record);
    }
  }
  EXPECT_EQ(store.program_details(ProgramId::of("never seen")).error().code, ErrorCode::kNotFound);
  for (const Record& record : records_of(store)) EXPECT_EQ(record.details, "");
  EXPECT_EQ(store.digest().value(), plain.digest().value());
  const Status check = store.check();
  EXPECT_TRUE(check.ok()) << check.error().message;
}

TEST(RunStoreTest, ARunWithoutDetailsReadsAndIsCarriedOn) {
  const TestFolder folder;
  const TestBatch old = make_batch(0, 5);
  {
    RunStore store = test::create_run(folder.path());
    ASSERT_TRUE(test::append(store, old).ok());
  }
  {
    const std::filesystem::path path = folder.path() / "run.db";
    const auto database =
        internal::Database::open(path, internal::sqlite_uri(path, "mode=rw"), SQLITE_OPEN_READWRITE).value();
    ASSERT_TRUE(database->execute("DROP TABLE details").ok());  // as an older Samara left it
  }
  {
    RunStore reader = open_run(folder.path(), Access::kRead);
    EXPECT_EQ(reader.first_record(old.programs[1].id()).value(), old.records[1]);
    EXPECT_TRUE(reader.check().ok());
  }
  RunStore writer = open_run(folder.path(), Access::kWrite);
  TestBatch batch = make_batch(1, 5);
  batch.records[2].details = R"({"artifacts": {"log": "all well"}})";
  ASSERT_TRUE(test::append(writer, batch).ok());
  EXPECT_EQ(writer.program_details(batch.programs[2].id()).value(), batch.records[2].details);
  EXPECT_EQ(writer.program_details(old.programs[2].id()).value(), "");
}

TEST(RunStoreTest, TheWalkTellsTheSizeOfEveryProgram) {
  const TestFolder folder;
  RunStore store = test::create_run(folder.path());
  const TestBatch batch = make_batch(0, 20);
  ASSERT_TRUE(test::append(store, batch).ok());
  const Status walked = store.for_each_record([&](const Record& record, std::uint32_t size) -> Status {
    EXPECT_EQ(size, record.program ? batch.programs[record.slot].size() : 0u);
    return {};
  });
  EXPECT_TRUE(walked.ok());
}

TEST(RunStoreTest, TextsSurviveEveryDictionary) {
  // Enough programs for several dictionaries, and a writer that ends and comes back in between.
  const TestFolder folder;
  std::vector<TestBatch> batches;
  (void)test::create_run(folder.path());
  for (std::uint32_t iteration = 0; iteration < 12; ++iteration) {
    RunStore store = open_run(folder.path(), Access::kWrite);
    batches.push_back(make_batch(iteration, 200));
    ASSERT_TRUE(test::append(store, batches.back()).ok());
    const Program& program = batches[iteration / 2].programs[iteration];
    EXPECT_EQ(store.program_source(program.id()).value(), program.source());
  }
  RunStore reader = open_run(folder.path(), Access::kRead);
  for (const TestBatch& batch : batches) {
    for (const Program& program : batch.programs) {
      ASSERT_EQ(reader.program_source(program.id()).value(), program.source());
    }
  }
  EXPECT_TRUE(reader.check().ok());
}

TEST(RunStoreTest, AReaderSeesWhatAWriterAddsMeanwhile) {
  const TestFolder folder;
  RunStore writer = test::create_run(folder.path());
  RunStore reader = open_run(folder.path(), Access::kRead);
  EXPECT_TRUE(records_of(reader).empty());
  std::vector<Record> expected;
  for (std::uint32_t iteration = 0; iteration < 3; ++iteration) {
    const TestBatch batch = make_batch(iteration, 300);
    ASSERT_TRUE(test::append(writer, batch).ok());
    expected.insert(expected.end(), batch.records.begin(), batch.records.end());
    EXPECT_EQ(records_of(reader), expected);
    EXPECT_EQ(reader.program_source(batch.programs[7].id()).value(), batch.programs[7].source());
  }
}

TEST(RunStoreTest, AWalkSeesTheStateAtItsBeginning) {
  const TestFolder folder;
  RunStore writer = test::create_run(folder.path());
  ASSERT_TRUE(test::append(writer, make_batch(0, 10)).ok());
  RunStore reader = open_run(folder.path(), Access::kRead);
  int seen = 0;
  const Status walked = reader.for_each_record([&](const Record& record, std::uint32_t) {
    if (seen == 0) {
      EXPECT_TRUE(test::append(writer, make_batch(1, 10)).ok());
    }
    ++seen;
    EXPECT_EQ(record.iteration, 0u);
    return Status();
  });
  EXPECT_TRUE(walked.ok());
  EXPECT_EQ(seen, 10);
}

TEST(RunStoreTest, PrefixesFindPrograms) {
  const TestFolder folder;
  RunStore store = test::create_run(folder.path());
  const TestBatch batch = make_batch(0, 100);
  ASSERT_TRUE(test::append(store, batch).ok());
  const ProgramId id = batch.programs[42].id();
  EXPECT_EQ(store.find_program(id.hex()).value(), id);
  EXPECT_EQ(store.find_program(id.short_hex()).value(), id);
  std::string upper = id.short_hex();
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(store.find_program(upper).value(), id);
  for (const char* bad : {"", "xyz", "0123456789abcdef0123456789abcdef0"}) {
    EXPECT_EQ(store.find_program(bad).error().code, ErrorCode::kInvalidArgument) << bad;
  }
  EXPECT_EQ(store.find_program(ProgramId::of("never seen").hex()).error().code, ErrorCode::kNotFound);
}

TEST(RunStoreTest, AnAmbiguousPrefixIsAnErrorThatListsPrograms) {
  const TestFolder folder;
  RunStore store = test::create_run(folder.path());
  const TestBatch batch = make_batch(0, 100);  // more programs than 16 first digits
  ASSERT_TRUE(test::append(store, batch).ok());
  bool found_one = false;
  for (const char digit : std::string("0123456789abcdef")) {
    std::vector<std::string> starting;
    for (const Program& program : batch.programs) {
      if (program.id().hex()[0] == digit) starting.push_back(program.id().hex());
    }
    if (starting.size() < 2 || starting.size() > 5) continue;
    found_one = true;
    const auto found = store.find_program(std::string(1, digit));
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument);
    for (const std::string& hex : starting) EXPECT_NE(found.error().message.find(hex), std::string::npos);
  }
  EXPECT_TRUE(found_one);
}

TEST(RunStoreTest, IterationsKeepTheirStats) {
  const TestFolder folder;
  RunStore store = test::create_run(folder.path());
  for (std::uint32_t iteration = 0; iteration < 3; ++iteration) {
    TestBatch batch = make_batch(iteration, 1);
    batch.stats = fmt::format(R"({{"wall": {}}})", iteration);
    ASSERT_TRUE(test::append(store, batch).ok());
  }
  std::vector<std::string> stats;
  const Status walked = store.for_each_iteration([&](std::uint32_t iteration, std::string_view json) {
    EXPECT_EQ(iteration, stats.size());
    stats.emplace_back(json);
    return Status();
  });
  EXPECT_TRUE(walked.ok());
  EXPECT_EQ(stats, (std::vector<std::string>{R"({"wall": 0})", R"({"wall": 1})", R"({"wall": 2})"}));
}

TEST(RunStoreTest, TheDigestIsThatOfTheRecordsWhoeverReads) {
  const TestFolder folder, other_folder;
  RunStore store = test::create_run(folder.path()), other = test::create_run(other_folder.path());
  Sha256 hash;
  for (std::uint32_t iteration = 0; iteration < 3; ++iteration) {
    TestBatch batch = make_batch(iteration, 50);
    ASSERT_TRUE(test::append(store, batch).ok());
    for (const Record& record : batch.records) digest_record(hash, record);
    batch.stats = R"({"wall": 12.5})";  // times differ from run to run
    ASSERT_TRUE(test::append(other, batch).ok());
  }
  const Sha256Digest expected = hash.finish();
  EXPECT_EQ(store.digest().value(), expected);
  EXPECT_EQ(other.digest().value(), expected);
  EXPECT_EQ(open_run(folder.path(), Access::kRead).digest().value(), expected);
  ASSERT_TRUE(test::append(other, make_batch(3, 1)).ok());
  EXPECT_NE(other.digest().value(), expected);
}

TEST(RunStoreTest, MisuseEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "fast";  // a child that started anew would leave its folder behind
  const TestFolder folder;
  RunStore store = test::create_run(folder.path());
  EXPECT_DEATH((void)test::append(store, make_batch(1, 1)), "check failed");  // iteration 0 comes first
  TestBatch unknown_program = make_batch(0, 2);
  unknown_program.programs.pop_back();
  EXPECT_DEATH((void)test::append(store, unknown_program), "check failed");
  TestBatch wrong_slot = make_batch(0, 2);
  wrong_slot.records[1].slot = 5;
  EXPECT_DEATH((void)test::append(store, wrong_slot), "check failed");
}

// Whatever a record holds comes back bit for bit: odd doubles, any bytes in texts.

double any_double() {
  const double odd[] = {0.0,   -0.0, 1.0, -3.0, 5e-324, 1.7976931348623157e308, 0.1, 9007199254740993.0,
                        1e-310};
  if (*rc::gen::arbitrary<bool>()) return odd[*rc::gen::inRange<std::size_t>(0, std::size(odd))];
  const double value = *rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                                     [](std::uint64_t bits) { return std::bit_cast<double>(bits); });
  return std::isfinite(value) ? value : 0.5;
}

RC_GTEST_PROP(RunStorePropertyTest, WhatIsAppendedComesBack, ()) {
  // One run for all cases: a case is its next iteration.
  static const TestFolder folder;
  static RunStore store = test::create_run(folder.path());
  static RunStore reader = open_run(folder.path(), Access::kRead);
  static std::uint32_t iteration = 0;

  const std::size_t count = *rc::gen::inRange<std::size_t>(1, 20);
  std::vector<Program> programs;
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    Record record;
    record.iteration = iteration;
    record.slot = static_cast<std::uint32_t>(i);
    record.arm = *rc::gen::inRange<std::uint16_t>(0, 3);
    record.outcome = static_cast<Outcome>(*rc::gen::inRange(0, kOutcomeCount));
    const bool scored = is_scored(record.outcome);
    if (scored || *rc::gen::arbitrary<bool>()) {
      programs.emplace_back(*rc::gen::arbitrary<std::string>());
      record.program = programs.back().id();
    }
    if (scored) {
      record.score = Score{any_double(), {}};
      const int dimensions = *rc::gen::inRange(0, 4);
      for (int d = 0; d < dimensions; ++d) record.score->behavior.push_back(any_double());
    }
    const std::size_t parents = programs.empty() ? 0 : *rc::gen::inRange<std::size_t>(0, 3);
    for (std::size_t p = 0; p < parents; ++p) {
      record.parents.push_back(programs[*rc::gen::inRange<std::size_t>(0, programs.size())].id());
    }
    record.note = *rc::gen::arbitrary<std::string>();
    record.message = *rc::gen::arbitrary<std::string>();
    records.push_back(record);
  }
  std::vector<const Program*> pointers;
  for (const Program& program : programs) pointers.push_back(&program);
  RC_ASSERT(store.append_iteration(iteration, records, pointers, "{}").ok());

  const std::vector<Record> back = records_of(reader, iteration++);
  RC_ASSERT(back == records);
  Sha256 appended_hash, back_hash;  // these tell -0.0 from 0.0, which == does not
  for (const Record& record : records) digest_record(appended_hash, record);
  for (const Record& record : back) digest_record(back_hash, record);
  RC_ASSERT(back_hash.finish() == appended_hash.finish());
  for (const Program& program : programs)
    RC_ASSERT(reader.program_source(program.id()).value() == program.source());
}

}  // namespace
}  // namespace samara
