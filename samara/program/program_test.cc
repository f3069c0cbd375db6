#include "samara/program/program.h"

#include <gtest/gtest.h>

#include "samara/program/outcome.h"

namespace samara {
namespace {

TEST(ProgramTest, TheIdIsTheStartOfTheTextsSha256) {
  EXPECT_EQ(Program("abc").id().hex(), "ba7816bf8f01cfea414140de5dae2223");  // FIPS 180-4 example
}

TEST(ProgramTest, IdsSurviveHexadecimal) {
  const ProgramId id = ProgramId::of("def f(): pass\n");
  EXPECT_EQ(ProgramId::from_hex(id.hex()).value(), id);
  for (const char* bad :
       {"", "12", "zz7816bf8f01cfea414140de5dae2223", "ba7816bf8f01cfea414140de5dae22230"}) {
    EXPECT_EQ(ProgramId::from_hex(bad).error().code, ErrorCode::kInvalidArgument) << bad;
  }
}

TEST(OutcomeTest, EveryOutcomeHasItsOwnName) {
  for (int i = 0; i < kOutcomeCount; ++i) {
    const Outcome outcome = static_cast<Outcome>(i);
    EXPECT_EQ(outcome_from_name(outcome_name(outcome)), outcome);
  }
  EXPECT_EQ(outcome_from_name("accept"), std::nullopt);
}

}  // namespace
}  // namespace samara
