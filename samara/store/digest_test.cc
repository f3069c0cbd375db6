#include "samara/store/digest.h"

#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <set>

namespace samara {
namespace {

Record full_record() {
  Record record;
  record.iteration = 3;
  record.slot = 511;
  record.arm = 2;
  record.outcome = Outcome::kRejected;
  record.program = ProgramId::of("child");
  record.parents = {ProgramId::of("mother"), ProgramId::of("father")};
  record.score = Score{-1.5, {0.25, 12.0}};
  record.note = "constant";
  record.message = "none";
  return record;
}

Sha256Digest digest_of(const Record& record) {
  Sha256 hash;
  digest_record(hash, record);
  return hash.finish();
}

// The encoding of docs/formats/digest.md, written down a second time.

std::string u64(std::uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}
std::string real(double value) {
  return u64(std::bit_cast<std::uint64_t>(value));
}
std::string id(const char* source) {
  const Sha256Digest hash = sha256(source);
  return std::string(hash.begin(), hash.begin() + 16);
}

TEST(DigestTest, ARecordIsEncodedAsItsFormatSays) {
  EXPECT_EQ(digest_of(full_record()),
            sha256(u64(3) + u64(511) + u64(2) + u64(1) + u64(1) + id("child") + u64(2) + id("mother") +
                   id("father") + u64(1) + real(-1.5) + u64(2) + real(0.25) + real(12.0) + u64(8) +
                   "constant" + u64(4) + "none"));
}

TEST(DigestTest, ARecordWithoutProgramAndScoreIsEncodedAsItsFormatSays) {
  Record record;
  record.outcome = Outcome::kNoDiff;
  EXPECT_EQ(digest_of(record),
            sha256(u64(0) + u64(0) + u64(0) + u64(4) + u64(0) + u64(0) + u64(0) + u64(0) + u64(0)));
}

TEST(DigestTest, EveryFieldCounts) {
  const std::function<void(Record&)> changes[] = {
      [](Record&) {},
      [](Record& r) { ++r.iteration; },
      [](Record& r) { ++r.slot; },
      [](Record& r) { ++r.arm; },
      [](Record& r) { r.outcome = Outcome::kAccepted; },
      [](Record& r) { r.program = ProgramId::of("other"); },
      [](Record& r) { r.program.reset(); },
      [](Record& r) { std::swap(r.parents[0], r.parents[1]); },
      [](Record& r) { r.parents.pop_back(); },
      [](Record& r) { r.score->fitness = -1.5000000000000002; },
      [](Record& r) { r.score->behavior[1] = 12.000000000000002; },
      [](Record& r) { r.score->behavior.pop_back(); },
      [](Record& r) { r.score.reset(); },
      [](Record& r) { r.note += " n"; },
      [](Record& r) { std::swap(r.note, r.message); },
      [](Record& r) { r.message.clear(); },
  };
  std::set<Sha256Digest> digests;
  for (const auto& change : changes) {
    Record record = full_record();
    change(record);
    digests.insert(digest_of(record));
  }
  EXPECT_EQ(digests.size(), std::size(changes));
}

}  // namespace
}  // namespace samara
