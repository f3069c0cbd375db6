#include "samara/pipeline/run_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace samara {
namespace {

using testing::HasSubstr;

RunSpec unusual_spec() {
  RunSpec spec;
  spec.seed = "a \"quoted\" \\ path\n.py";
  spec.weights = {{"gp.constant", 2.5}, {"gp.swap", 0.0}};
  spec.adaptive = false;
  spec.iterations = 7;
  spec.rng_seed = 9223372036854775807ULL;
  spec.bins = {3, 4};
  spec.qd_offset = -1e-7;
  spec.workers = 3;
  return spec;
}

TEST(RunSpecTest, WhatIsWrittenIsRead) {
  const std::string text = write_spec(unusual_spec());
  RunSpec read;
  const Status status = read_spec(text, "run.toml", read);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(write_spec(read), text);
  EXPECT_EQ(read.seed, unusual_spec().seed);
  EXPECT_EQ(read.weights, unusual_spec().weights);
  EXPECT_EQ(read.bins, unusual_spec().bins);
  EXPECT_EQ(read.qd_offset, unusual_spec().qd_offset);
}

TEST(RunSpecTest, DefaultsAreValid) {
  EXPECT_TRUE(validate(RunSpec{}).ok());
}

TEST(RunSpecTest, KeysAndFlagsAreUnique) {
  RunSpec spec;
  std::vector<std::string> keys, flags;
  for (const SpecField& field : fields(spec)) {
    EXPECT_THAT(keys, testing::Not(testing::Contains(field.key)));
    EXPECT_THAT(flags, testing::Not(testing::Contains(field.flag())));
    EXPECT_FALSE(field.help.empty());
    keys.push_back(field.key);
    flags.push_back(field.flag());
  }
}

TEST(RunSpecTest, MistakesNameTheLineAndTheNearestKey) {
  const auto message = [](const std::string& toml) {
    RunSpec spec;
    const Status status = read_spec(toml, "my.toml", spec);
    EXPECT_FALSE(status.ok()) << toml;
    EXPECT_EQ(write_spec(spec), write_spec(RunSpec{})) << "a refused spec changed something";
    return status.ok() ? "" : status.error().message;
  };
  EXPECT_THAT(message("batch = 4\niteratons = 3\n"),
              testing::AllOf(HasSubstr("my.toml:2"), HasSubstr("'iterations'")));
  EXPECT_THAT(message("[sodarace]\nsimulater = \"lanes\"\n"), HasSubstr("'sodarace.simulator'"));
  EXPECT_THAT(message("batch = \"many\"\n"), HasSubstr("must be a whole number"));
  EXPECT_THAT(message("batch = -1\n"), HasSubstr("must be a whole number"));
  EXPECT_THAT(message("batch = 5000000000\n"), HasSubstr("must be a whole number"));
  EXPECT_THAT(message("batch = \n"), HasSubstr("not valid TOML"));
  EXPECT_THAT(message("[batch]\nx = 1\n"), HasSubstr("must be a whole number"));
  EXPECT_THAT(message("[weights]\n\"gp.swap\" = nan\n"), HasSubstr("table of numbers"));
}

TEST(RunSpecTest, ValidationNamesTheChoices) {
  RunSpec spec;
  spec.operator_name = "gp-nodes";
  EXPECT_THAT(validate(spec).error().message, HasSubstr("did you mean 'gp-node'?"));
  spec = {};
  spec.batch = 0;
  EXPECT_THAT(validate(spec).error().message, HasSubstr("batch is 0"));
  spec = {};
  spec.bins = {10000, 10000, 10000};
  EXPECT_FALSE(validate(spec).ok());
}

}  // namespace
}  // namespace samara
