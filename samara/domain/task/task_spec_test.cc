#include "samara/domain/task/task_spec.h"

#include <gtest/gtest.h>

namespace samara::task {
namespace {

std::string fault(const std::string& toml) {
  const Result<TaskSpec> spec = parse_task(toml, "task.toml");
  EXPECT_FALSE(spec.ok()) << toml;
  return spec.ok() ? "" : spec.error().message;
}

TEST(TaskSpecTest, AnEmptyFileIsATaskWithDefaults) {
  EXPECT_EQ(parse_task("", "task.toml").value(), TaskSpec{});
}

TEST(TaskSpecTest, WhatIsWrittenReadsTheSame) {
  TaskSpec spec;
  spec.name = "a \"quoted\" \\ name\nin two lines";
  spec.description = "tab\there, DEL\x7f";
  spec.language = "c";
  spec.program = {"main.c", "src/sort.c"};
  spec.seeds = {"other", "third"};
  spec.evaluator.kind = EvaluatorKind::kCommand;
  spec.evaluator.command = {"./run.sh", "{program}", "--x=\"1\""};
  spec.evaluator.repeats = 5;
  spec.evaluator.network = true;
  spec.evaluator.readable = {"/opt/data"};
  spec.evaluator.environment = {{"A", "b c"}, {"N", "1"}};
  spec.limits = {1.5, 2.5, 128, 4096, 7, 3, 9};
  spec.fitness = "speed";
  spec.minimized = {{"speed", false}, {"error rate", true}};
  spec.behavior = {{"size", 0.0, 1e-9, 3}, {"program_size", {}, {}, 12}};
  const Result<TaskSpec> read = parse_task(write_task(spec), "task.toml");
  ASSERT_TRUE(read.ok()) << read.error().message << "\n" << write_task(spec);
  EXPECT_EQ(*read, spec) << write_task(spec);
  EXPECT_EQ(parse_task(write_task(TaskSpec{}), "task.toml").value(), TaskSpec{});
  spec.evaluator.kind = EvaluatorKind::kPython;
  spec.evaluator.command.clear();
  spec.evaluator.stages = {{"first", 0.5}, {"second", -1.0}, {"third", {}}};
  EXPECT_EQ(parse_task(write_task(spec), "task.toml").value(), spec) << write_task(spec);
}

TEST(TaskSpecTest, UnknownKeysNameTheNearestKnownOne) {
  EXPECT_NE(fault("langage = 'c'").find("did you mean 'language'?"), std::string::npos);
  EXPECT_NE(fault("[limits]\ncpu_second = 1").find("did you mean 'limits.cpu_seconds'?"), std::string::npos);
  EXPECT_NE(fault("[evaluator]\nrepeat = 1").find("did you mean 'evaluator.repeats'?"), std::string::npos);
  EXPECT_NE(fault("[[behavior]]\nname='x'\nbin=1").find("did you mean 'behavior.bins'?"), std::string::npos);
  EXPECT_NE(fault("x = 1\n[limits]\n").find("task.toml:1:"), std::string::npos);
}

TEST(TaskSpecTest, WhatCannotBeRightIsAnErrorThatNamesTheKey) {
  const std::pair<const char*, const char*> rows[] = {
      {"name = 3", "'name'"},
      {"program = []", "'program'"},
      {"program = '../outside.py'", "'program'"},
      {"program = '/etc/passwd'", "'program'"},
      {"seeds = ['a/../../b']", "'seeds'"},
      {"[limits]\ncpu_seconds = 0", "'limits.cpu_seconds'"},
      {"[limits]\nwall_seconds = nan", "'limits.wall_seconds'"},
      {"[limits]\nmemory_mb = -1", "'limits.memory_mb'"},
      {"limits = 3", "'limits'"},
      {"[evaluator]\npython='a.py'\ncommand='b'", "'evaluator.command'"},
      {"[evaluator]\ncommand=[]", "'evaluator.command'"},
      {"[evaluator]\ncommand=' python3  x.py'",
       "'evaluator.command' is a list of words: command = [\"python3\", \"x.py\"]"},
      {"[evaluator]\npython='../e.py'", "'evaluator.python'"},
      {"[evaluator]\nrepeats = 0", "'evaluator.repeats'"},
      {"[evaluator]\ninterpreter = 'python3'", "'evaluator.interpreter'"},
      {"[evaluator]\ncommand='a'\nfunction='b'", "'evaluator.function'"},
      {"[evaluator]\ncommand='a'\n[[evaluator.stages]]\nfunction='a'", "'evaluator.stages'"},
      {"program = ['a b.py', 'c.py']", "'program'"},
      {"program = ['a.py', 'a.py']", "'program'"},
      {"[[behavior]]\nname='x'\nbins=1", "'behavior.bins'"},
      {"[evaluator]\nreadable = ['data']", "'evaluator.readable'"},
      {"[evaluator]\nreadable = ['/tmp/']", "'evaluator.readable'"},
      {"[evaluator]\nreadable = ['/usr/..']", "'evaluator.readable'"},
      {"[evaluator]\nenvironment = {A = 1}", "'evaluator.environment'"},
      {"[[evaluator.stages]]\nfunction='a'\n[[evaluator.stages]]\nfunction='b'", "'evaluator.stages'"},
      {"[[evaluator.stages]]\nthreshold=1", "'evaluator.stages.function'"},
      {"[metrics]\nx = 'up'", "'metrics'"},
      {"[[behavior]]\nname='x'\nlow=1", "'behavior.low'"},
      {"[[behavior]]\nname='x'\nlow=2\nhigh=1", "'behavior.low'"},
      {"[[behavior]]\nbins=3", "'behavior.name'"},
      {"[[behavior]]\nname='x'\nlow=inf\nhigh=1", "'behavior.low'"},
      {"[[behavior]]\nname='x'\nbins=9999\n[[behavior]]\nname='y'\nbins=9999", "'behavior'"},
      {"name = ", "not valid TOML"},
  };
  for (const auto& [toml, expected] : rows) {
    EXPECT_NE(fault(toml).find(expected), std::string::npos) << toml << "\n" << fault(toml);
  }
}

}  // namespace
}  // namespace samara::task
