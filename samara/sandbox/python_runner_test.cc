#include "samara/sandbox/python_runner.h"

#include <gtest/gtest.h>

namespace samara {
namespace {

TEST(PythonRunnerTest, ResultsStandInTheOrderOfTheJobs) {
  PythonRunner::Options options;
  options.harnesses = {{"tiny", "EXPORTS = {'double': lambda x: 2 * x}", "make", Harness::Kind::kCandidate}};
  auto runner = PythonRunner::start(options);
  ASSERT_TRUE(runner.ok()) << runner.error().message;
  const Job jobs[] = {{0, "def make(): return double(3)"},
                      {0, "def make(): return x"},
                      {0, "import numpy\ndef make(): return float(numpy.arange(3).sum())"},
                      {0, "def make(): return double(4)"}};
  auto results = (*runner)->run(jobs);
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(std::get<EncodedValue>((*results)[0]).msgpack, "\x06");
  EXPECT_EQ(std::get<Failure>((*results)[1]),
            (Failure{Outcome::kRuntimeError, "NameError: name 'x' is not defined (line 1)"}));
  EXPECT_EQ(std::get<EncodedValue>((*results)[2]).msgpack, std::string("\xcb\x40\x08\0\0\0\0\0\0", 9));
  EXPECT_EQ(std::get<EncodedValue>((*results)[3]).msgpack, "\x08");
}

}  // namespace
}  // namespace samara
