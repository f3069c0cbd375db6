#include "samara/domain/task/task_domain.h"

#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/domain/task/foreign_tasks.h"
#include "samara/domain/task/task_folder.h"

namespace samara::task {
namespace {

class TaskDomainTest : public testing::Test {
 protected:
  TaskDomainTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~TaskDomainTest() override { std::filesystem::remove_all(root_); }

  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    ASSERT_TRUE(write_file(root_ / path, text).ok());
    if (text.starts_with("#!")) ::chmod((root_ / path).c_str(), 0755);
  }
  std::unique_ptr<TaskDomain> load(const std::filesystem::path& folder) const {
    Result<std::unique_ptr<TaskDomain>> domain = TaskDomain::load(folder);
    EXPECT_TRUE(domain.ok()) << domain.error().message;
    return std::move(domain).value();
  }
  static Evaluation evaluate(const TaskDomain& domain, const std::string& source) {
    Result<std::unique_ptr<Evaluator>> evaluator = domain.make_evaluator(false);
    if (!evaluator.ok())
      return Failure{Outcome::kEvaluationFailed, "NOT STARTED: " + evaluator.error().message};
    const Program program(source);
    const Program* const programs[] = {&program};
    return (*evaluator)->evaluate(programs).value()[0];
  }
  static Evaluation evaluate_seed(const TaskDomain& domain) {
    return evaluate(domain, domain.seeds()[0].source);
  }
  static double fitness(const Evaluation& evaluation) {
    if (const Failure* failure = std::get_if<Failure>(&evaluation))
      ADD_FAILURE() << failure->message << failure->details;
    return std::holds_alternative<Score>(evaluation) ? std::get<Score>(evaluation).fitness : -1e9;
  }
  static Failure failure(const Evaluation& evaluation) {
    return std::holds_alternative<Failure>(evaluation) ? std::get<Failure>(evaluation)
                                                       : Failure{Outcome::kAccepted, "", {}};
  }

  const std::filesystem::path root_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("task_") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(TaskDomainTest, NewTasksRunAtOnce) {
  for (const char* language : {"python", "c", "text"}) {
    const std::filesystem::path folder = root_ / language;
    ASSERT_TRUE(write_new_task(folder, language).ok());
    EXPECT_GT(fitness(evaluate_seed(*load(folder))), 0.0) << language;
    EXPECT_EQ(load(folder)->spec().name, language);
    EXPECT_EQ(write_new_task(folder, language).error().code, ErrorCode::kAlreadyExists);
  }
}

TEST_F(TaskDomainTest, ChangesOutsideOfTheBlockAreForbidden) {
  ASSERT_TRUE(write_new_task(root_ / "t", "python").ok());
  const auto domain = load(root_ / "t");
  std::string source = domain->seeds()[0].source;
  source.replace(source.find("return [float("), 14, "return [1 + float(");
  EXPECT_EQ(failure(evaluate(*domain, source)).outcome, Outcome::kForbidden);
  EXPECT_EQ(domain->function_name(), "approximate");
}

TEST_F(TaskDomainTest, ACommandsResultIsTheJsonThatItPrints) {
  write("task.toml", "program='p.txt'\n[evaluator]\ncommand='./e.sh'\n[limits]\nwall_seconds=20\n");
  write("p.txt", "hello");
  const std::pair<const char*, const char*> rows[] = {
      {"echo noise; echo '{\"combined_score\": 3, \"x\": true}'", "3"},
      {"echo '{\"metrics\": {\"combined_score\": 4}, \"artifacts\": {\"log\": \"fine\"}}'", "4"},
      {"[ -f \"$1\" ] && cat \"$1\" | grep -q hello && echo '{\"a\": 1, \"b\": 2}'", "1.5"},
      {"echo oops >&2; exit 3", "runtime_error"},
      {"echo no json", "evaluation_failed"},
      {"head -c 5000000 /dev/zero | tr '\\0' x; echo; echo '{\"a\": 7}'", "7"},
      {"echo '[1,2]'", "evaluation_failed"},
      {"kill -SEGV $$", "crashed"},
      {"sleep 100", "time_limit"},
      {"echo '{\"combined_score\": NaN}'", "invalid_phenotype"},
      {"echo '{\"error\": \"it broke\", \"combined_score\": 5}'", "runtime_error"},
  };
  for (const auto& [script, expected] : rows) {
    write("e.sh", std::string("#!/bin/sh\n") + script + "\n");
    const auto domain = load(root_);
    const Evaluation evaluation = evaluate_seed(*domain);
    const std::string got = std::holds_alternative<Score>(evaluation)
                                ? fmt::format("{}", std::get<Score>(evaluation).fitness)
                                : std::string(outcome_name(std::get<Failure>(evaluation).outcome));
    EXPECT_EQ(got, expected) << script << ": " << failure(evaluation).message;
  }
}

TEST_F(TaskDomainTest, ACommandIsOfTheTaskOrOfTheSystem) {
  write("p.txt", "hello");
  write("e.sh", "#!/bin/sh\necho '{\"a\": 5}'\n");
  for (const char* command : {"'./e.sh'", "'e.sh'", "['sh', 'e.sh']", "['/bin/sh', 'e.sh', '{program}']"}) {
    write("task.toml", fmt::format("program='p.txt'\n[evaluator]\ncommand={}\n", command));
    EXPECT_EQ(fitness(evaluate_seed(*load(root_))), 5.0) << command;
  }
  write("task.toml", "program='p.txt'\n[evaluator]\ncommand='./other.sh'\n");
  const auto missing = load(root_)->make_evaluator(false);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("./other.sh"), std::string::npos) << missing.error().message;
}

TEST_F(TaskDomainTest, AnyFunctionOfTheEvaluatorMayBeNamed) {
  write("task.toml", "[evaluator]\nfunction='score'\n");
  write("program.py", "1");
  write("evaluator.py", "def evaluate_all(path): return {'a': 1}\ndef score(path): return {'a': 2}\n");
  EXPECT_EQ(fitness(evaluate_seed(*load(root_))), 2.0);
}

TEST_F(TaskDomainTest, RepeatsDrawOtherNumbers) {
  write("task.toml", "[evaluator]\nrepeats=2\n");
  write("program.py", "0");
  write("evaluator.py", "import random\ndef evaluate(path): return {'combined_score': random.random()}\n");
  const auto domain = load(root_);
  const auto evaluator = domain->make_evaluator(false).value();
  for (int i = 0; i < 6; ++i) {
    const Program program(std::to_string(i));
    const Program* const programs[] = {&program};
    const Score result = std::get<Score>(evaluator->evaluate(programs).value()[0]);
    const auto metrics = nlohmann::json::parse(result.details)["metrics"];
    EXPECT_LT(metrics["fitness_95_low"], metrics["fitness_95_high"]) << i;
  }
}

TEST_F(TaskDomainTest, LargeArtifactsAreCutAndTheScoreStands) {
  write("task.toml", "");
  write("program.py", "1");
  write("evaluator.py",
        "def evaluate(path):\n"
        "    artifacts = {f'a{i}': '\\u00e9' * 70_000 for i in range(50)}\n"
        "    return {'metrics': {'combined_score': 2}, 'artifacts': {'log': '\\0' * 70_000, **artifacts}}\n");
  const Evaluation evaluation = evaluate_seed(*load(root_));
  EXPECT_EQ(fitness(evaluation), 2.0);
  const auto artifacts = nlohmann::json::parse(std::get<Score>(evaluation).details)["artifacts"];
  EXPECT_TRUE(artifacts["log"].get<std::string>().ends_with("[cut]"));
  std::size_t bytes = 0;
  for (const auto& text : artifacts) bytes += text.get<std::string>().size();
  EXPECT_GT(bytes, std::size_t{200} << 10);
  EXPECT_LT(bytes, std::size_t{300} << 10);
}

TEST_F(TaskDomainTest, WhatIsReadableMayStandInTheTemporaryFolder) {
  write("data/deep/number", "4");
  write("task.toml", fmt::format("[evaluator]\nreadable=['{}']\n", (root_ / "data/deep").string()));
  write("program.py", "1");
  write("evaluator.py", fmt::format("def evaluate(path): return {{'a': float(open('{}').read())}}\n",
                                    (root_ / "data/deep/number").string()));
  const auto domain = load(root_);
  const auto evaluator = domain->make_evaluator(false).value();
  for (int i = 0; i < 3; ++i) {
    const Program program(std::to_string(i));
    const Program* const programs[] = {&program};
    EXPECT_EQ(fitness(evaluator->evaluate(programs).value()[0]), 4.0);
  }
  write("task.toml", "[evaluator]\nreadable=['/nothing/here']\n");
  EXPECT_EQ(load(root_)->make_evaluator(true).error().code, ErrorCode::kNotFound);
}

TEST_F(TaskDomainTest, AnInterpreterShowsNoMoreThanItself) {
  write("program.py", "1");
  write("evaluator.py", fmt::format("import os\ndef evaluate(path): return {{'seen': os.path.exists('{}')"
                                    " or os.path.exists('/home') or os.path.exists('/root'), 'a': 1}}\n",
                                    (root_ / "program.py").string()));
  for (const char* interpreter : {"/usr/bin/python3", "/bin/python3"}) {
    write("task.toml", fmt::format("[evaluator]\ninterpreter='{}'\n", interpreter));
    const Evaluation evaluation = evaluate_seed(*load(root_));
    EXPECT_EQ(fitness(evaluation), 1.0);
    EXPECT_NE(std::get<Score>(evaluation).details.find("\"seen\":0"), std::string::npos) << interpreter;
  }
}

TEST_F(TaskDomainTest, ProgramsOfSeveralFilesAreWrittenAsFiles) {
  write("task.toml", "program=['main.py','lib/helper.py']\nseeds=['second']\n");
  write("main.py", "import helper\n");
  write("lib/helper.py", "value = 20\n");
  write("second/main.py", "import helper\n");
  write("second/lib/helper.py", "value = 30\n");
  write("evaluator.py",
        "import os, subprocess, sys\n"
        "def evaluate(path):\n"
        "    env = {'PYTHONPATH': os.path.join(os.path.dirname(path), 'lib')}\n"
        "    code = f'exec(open({path!r}).read()); print(helper.value)'\n"
        "    return {'value': float(subprocess.check_output([sys.executable, '-c', code], env=env))}\n");
  const auto domain = load(root_);
  ASSERT_EQ(domain->seeds().size(), 2u);
  EXPECT_EQ(fitness(evaluate(*domain, domain->seeds()[0].source)), 20.0);
  EXPECT_EQ(fitness(evaluate(*domain, domain->seeds()[1].source)), 30.0);
  EXPECT_EQ(failure(evaluate(*domain, "=== main.py ===\n")).outcome, Outcome::kForbidden);
}

TEST_F(TaskDomainTest, ACascadeGoesOnlyAsFarAsItsThresholds) {
  write("task.toml",
        "[[evaluator.stages]]\nfunction='one'\nthreshold=0.5\n[[evaluator.stages]]\nfunction='two'"
        "\nthreshold=0.5\n"
        "[[evaluator.stages]]\nfunction='three'\n");
  write("program.py", "0.7");
  write("evaluator.py",
        "value = lambda path: float(open(path).read())\n"
        "def one(path): return {'combined_score': value(path), 'first': 1}\n"
        "def two(path): return {'combined_score': value(path) / 2, 'second': 2}\n"
        "def three(path): return {'combined_score': value(path) * 100}\n");
  const auto domain = load(root_);
  EXPECT_DOUBLE_EQ(fitness(evaluate(*domain, "0.4")), 0.4);
  EXPECT_DOUBLE_EQ(fitness(evaluate(*domain, "0.7")), 0.35);
  EXPECT_DOUBLE_EQ(fitness(evaluate(*domain, "2")), 200.0);
  const auto details = nlohmann::json::parse(std::get<Score>(evaluate(*domain, "2")).details);
  EXPECT_EQ(details["metrics"]["first"], 1.0);
  EXPECT_EQ(details["metrics"]["second"], 2.0);
  EXPECT_EQ(failure(evaluate(*domain, "x")).outcome, Outcome::kRuntimeError);
}

TEST_F(TaskDomainTest, AThresholdIsForTheFitnessSoFar) {
  write("task.toml",
        "[[evaluator.stages]]\nfunction='one'\nthreshold=0.5\n[[evaluator.stages]]\nfunction='two'"
        "\nthreshold=0.5\n[[evaluator.stages]]\nfunction='three'\n");
  write("program.py", "1");
  write("evaluator.py",
        "def one(path): return {'combined_score': 0.6}\n"
        "def two(path): return {'seconds': 0.1}\n"
        "def three(path): return {'combined_score': 3}\n");
  EXPECT_EQ(fitness(evaluate_seed(*load(root_))), 3.0);
}

TEST_F(TaskDomainTest, ACascadeThatStopsBeforeTheBehaviorSaysThatTheThresholdStoppedIt) {
  write("task.toml",
        "fitness='s1'\n[[evaluator.stages]]\nfunction='one'\nthreshold=0.5\n[[evaluator.stages]]\n"
        "function='two'\n[[behavior]]\nname='bx'\n");
  write("program.py", "0.7");
  write("evaluator.py",
        "def one(path): return {'s1': float(open(path).read()), 'loss': 1}\n"
        "def two(path): return {'bx': 3}\n");
  const auto domain = load(root_);
  EXPECT_EQ(fitness(evaluate_seed(*domain)), 0.7);
  const Failure stopped = failure(evaluate(*domain, "0.2"));
  EXPECT_EQ(stopped.outcome, Outcome::kInvalidPhenotype);
  EXPECT_EQ(stopped.message,
            "stopped after stage 1: s1 0.2 is below 0.5; its behavior 'bx' comes from a later stage, if any");

  write("task.toml",
        "fitness='bx'\n[[evaluator.stages]]\nfunction='one'\nthreshold=0.5\n[[evaluator.stages]]\n"
        "function='two'\n");
  EXPECT_EQ(failure(evaluate_seed(*load(root_))).message,
            "stopped after stage 1: its threshold is 0.5, and the evaluator gives no metric 'bx'; it gives "
            "loss, s1");
}

TEST_F(TaskDomainTest, WhatAnEvaluatorReportsAsErrorIsNoScore) {
  write("program.py", "1");
  struct Row {
    const char *task, *result, *expected;
  };
  const Row rows[] = {
      {"", "{'error': 'broke', 'combined_score': 5}", "runtime_error"},
      {"[metrics]\nerror='min'\n", "{'error': 'broke', 'combined_score': 5}", "runtime_error"},
      {"[metrics]\nerror='min'\n", "{'error': 0.0, 'combined_score': 5}", "5"},
      {"[metrics]\nerror='min'\n", "{'error': 0.0, 'timeout': True}", "time_limit"},
      {"", "{'stage1_passed': 0.0, 'error': 0.0}", "runtime_error"},
      {"fitness='accuracy'\n", "{'error': 0.0, 'accuracy': 1.0}", "1"},
      {"", "{'error': 0.0, 'accuracy': 1.0}", "0.5"},
      {"", "{'timeout': 1.0, 'combined_score': 5}", "5"},
      {"", "{'metrics': {'a': 1}, 'artifacts': 'text'}", "evaluation_failed"},
      {"", "subprocess.run(['sleep', '9'], timeout=0.1)", "time_limit"},
  };
  for (const auto& [task, result, expected] : rows) {
    write("task.toml", task);
    write("evaluator.py", fmt::format("import subprocess\ndef evaluate(path): return {}\n", result));
    const Evaluation evaluation = evaluate_seed(*load(root_));
    const std::string got = std::holds_alternative<Score>(evaluation)
                                ? fmt::format("{}", std::get<Score>(evaluation).fitness)
                                : std::string(outcome_name(std::get<Failure>(evaluation).outcome));
    EXPECT_EQ(got, expected) << task << result << ": " << failure(evaluation).message;
  }
}

TEST_F(TaskDomainTest, AsyncAndArtifactsAndOtherSystemsResultsAreTaken) {
  write("program.py", "1");
  write("task.toml", "");
  const std::pair<const char*, double> rows[] = {
      {"async def evaluate(path):\n    import asyncio\n    await asyncio.sleep(0)\n    return "
       "{'combined_score': 2}\n",
       2.0},
      {"from openevolve.evaluation_result import EvaluationResult\n"
       "def evaluate(path): return EvaluationResult(metrics={'combined_score': 3}, artifacts={'note': "
       "b'abc'})\n",
       3.0},
      {"def evaluate(path): return {'combined_score': 4, 'artifacts': {'note': 'abc'}}\n", 4.0},
      {"import numpy as np\ndef evaluate(path): return {'combined_score': np.float32(5), 'ok': "
       "np.bool_(True)}\n",
       5.0},
  };
  for (const auto& [evaluator, expected] : rows) {
    write("evaluator.py", evaluator);
    EXPECT_EQ(fitness(evaluate_seed(*load(root_))), expected) << evaluator;
  }
  write("evaluator.py", "def evaluate(path): return 5\n");
  EXPECT_EQ(failure(evaluate_seed(*load(root_))).outcome, Outcome::kEvaluationFailed);
  write("evaluator.py", "def evaluate(path): return {'error': 0.0, 'timeout': True}\n");
  EXPECT_EQ(failure(evaluate_seed(*load(root_))).outcome, Outcome::kTimeLimit);
  write("evaluator.py", "def evaluate(path): return {'error': 0.0}\n");
  EXPECT_EQ(failure(evaluate_seed(*load(root_))).outcome, Outcome::kRuntimeError);
}

TEST_F(TaskDomainTest, AnEvaluatorThatDoesNotLoadIsAnErrorThatSaysWhy) {
  write("task.toml", "");
  write("program.py", "1");
  write("evaluator.py", "import nothing_of_that_name\n");
  const auto broken = load(root_)->make_evaluator(false);
  ASSERT_FALSE(broken.ok());
  EXPECT_NE(broken.error().message.find("nothing_of_that_name"), std::string::npos);
  write("evaluator.py", "def evaluates(path): pass\n");
  const auto missing = load(root_)->make_evaluator(false);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("evaluates"), std::string::npos);
}

TEST_F(TaskDomainTest, AProgramThatIsNotThereIsNamedOnce) {
  write("program.py", "1");
  write("evaluator.py", "def evaluate(path): pass\n");
  write("task.toml", "[evaluator]\ninterpreter = '/nope/python'\n");
  EXPECT_EQ(load(root_)->make_evaluator(false).error().message,
            "evaluator.interpreter names /nope/python, and there is no such file");
  write("task.toml", "[evaluator]\ncommand = 'nope'\n");
  EXPECT_EQ(
      load(root_)->make_evaluator(false).error().message,
      "the evaluator nope does not load: FileNotFoundError: there is no program 'nope' that can be run");
}

TEST_F(TaskDomainTest, AnEvaluatorThatEndsWhileItLoadsIsNoLackOfContainment) {
  write("task.toml", "");
  write("program.py", "1");
  write("evaluator.py", "import os\nos.write(2, b'out of luck')\nos._exit(3)\n");
  for (const bool allow_uncontained : {false, true}) {
    const auto ended = load(root_)->make_evaluator(allow_uncontained);
    ASSERT_FALSE(ended.ok());
    EXPECT_EQ(ended.error().code, ErrorCode::kInvalidData) << ended.error().message;
    EXPECT_NE(ended.error().message.find("out of luck"), std::string::npos) << ended.error().message;
    EXPECT_EQ(ended.error().message.find("bubblewrap"), std::string::npos) << ended.error().message;
  }
}

TEST_F(TaskDomainTest, ACopyHasNothingFromOutsideAndCanBeRead) {
  write("secret", "of the user");
  write("t/task.toml", "");
  write("t/lib/helper.py", "");
  write("t/runs/old", "");
  std::filesystem::create_symlink("lib/helper.py", root_ / "t/inside");
  std::filesystem::create_symlink("lib", root_ / "t/folder");
  std::filesystem::create_symlink("../secret", root_ / "t/outside");
  std::filesystem::create_symlink(root_ / "secret", root_ / "t/absolute");
  std::filesystem::create_symlink("..", root_ / "t/above");
  const mode_t before = ::umask(077);
  const Status status = copy_task(root_ / "t", root_ / "t/run/task");
  const Status again = copy_task(root_ / "t", root_ / "t/run/task");
  ::umask(before);
  ASSERT_TRUE(status.ok()) << status.error().message;
  ASSERT_TRUE(again.ok()) << again.error().message;
  const std::filesystem::path copy = root_ / "t/run/task";
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(copy))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"folder", "inside", "lib", "task.toml"}));
  EXPECT_TRUE(std::filesystem::exists(copy / "folder/helper.py"));
  for (const char* folder : {"", "lib"}) {
    EXPECT_EQ(std::filesystem::status(copy / folder).permissions(), std::filesystem::perms(0755)) << folder;
  }
}

TEST_F(TaskDomainTest, AFileThatChangedSinceItsDigestIsNamed) {
  write("t/evaluator.py", "1");
  write("t/lib/helper.py", "2");
  std::filesystem::create_symlink("lib/helper.py", root_ / "t/link");
  const std::string digests = digest_files(root_ / "t").value();
  EXPECT_EQ(std::count(digests.begin(), digests.end(), '\n'), 3);
  write("t/notes", "of the user");
  EXPECT_TRUE(check_files(root_ / "t", digests).ok());
  EXPECT_TRUE(check_files(root_ / "t", "").ok());
  write("t/lib/helper.py", "3");
  const Status changed = check_files(root_ / "t", digests);
  ASSERT_FALSE(changed.ok());
  EXPECT_EQ(changed.error().message,
            (root_ / "t/lib/helper.py").string() + " has changed since the run began");
  write("t/lib/helper.py", "2");
  std::filesystem::remove(root_ / "t/evaluator.py");
  EXPECT_THAT(check_files(root_ / "t", digests).error().message, testing::HasSubstr("evaluator.py is gone"));
}

TEST_F(TaskDomainTest, MissingFilesAreNamed) {
  EXPECT_EQ(TaskDomain::load(root_).error().code, ErrorCode::kNotFound);
  write("task.toml", "program='x.py'\n");
  write("evaluator.py", "");
  EXPECT_NE(TaskDomain::load(root_).error().message.find("x.py"), std::string::npos);
  write("x.py", "# EVOLVE-BLOCK-START\n");
  EXPECT_NE(TaskDomain::load(root_).error().message.find("line 1"), std::string::npos);
}

TEST(CheckMarkersTest, AMarkerInACommentThatIsNotKnownIsNamed) {
  const Status refused =
      check_markers({"x", "@echo off\nREM EVOLVE-BLOCK-START\necho 1\nREM EVOLVE-BLOCK-END\n"});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, testing::HasSubstr("'x', line 2: \"REM EVOLVE-BLOCK-START\""));
  EXPECT_TRUE(check_markers({"x", ":: EVOLVE-BLOCK-START\necho 1\n:: EVOLVE-BLOCK-END\n"}).ok());
}

TEST_F(TaskDomainTest, ALinkThatTheRunsCopyWouldLackIsNamedWithItsTarget) {
  const std::string python = "[evaluator]\npython = 'lib/evaluator.py'\n";
  const std::string command = "[evaluator]\ncommand = ['sh', './evaluate.sh']\n";
  const std::string seeds = "seeds = ['other.py']\n";
  const std::tuple<std::string, std::string, std::string> links[] = {
      {"", "evaluator.py", "../elsewhere/file"},     {"", "evaluator.py", (root_ / "task/file").string()},
      {"", "program.py", "../elsewhere/file"},       {python, "lib", "../elsewhere"},
      {command, "evaluate.sh", "../elsewhere/file"}, {seeds, "other.py", "../elsewhere/file"}};
  for (const auto& [spec, link, target] : links) {
    std::filesystem::remove_all(root_ / "task");
    for (const char* file : {"elsewhere/file", "elsewhere/evaluator.py", "task/file", "task/program.py",
                             "task/evaluator.py", "task/evaluate.sh", "task/other.py"}) {
      write(file, "1");
    }
    write("task/task.toml", spec);
    const std::filesystem::path place = root_ / "task" / link;
    std::filesystem::remove(place);
    std::filesystem::create_symlink(target, place);
    const auto refused = TaskDomain::load(root_ / "task");
    ASSERT_FALSE(refused.ok()) << link << " " << target;
    const std::string& message = refused.error().message;
    EXPECT_NE(message.find(place.string() + " is a link"), std::string::npos) << message;
    EXPECT_NE(message.find(std::filesystem::canonical(place).string()), std::string::npos) << message;

    if (link == "lib") continue;
    std::filesystem::remove(place);
    std::filesystem::create_symlink("file", place);
    EXPECT_TRUE(TaskDomain::load(root_ / "task").ok()) << link;
  }
}

TEST_F(TaskDomainTest, WithoutContainmentNothingRunsUnlessAllowed) {
  ASSERT_TRUE(write_new_task(root_ / "t", "python").ok());
  const auto domain = load(root_ / "t");
  ::setenv("SAMARA_SANDBOX_REFUSE_BUBBLEWRAP", "1", 1);
  const auto refused = domain->make_evaluator(false);
  const auto allowed = domain->make_evaluator(true);
  ::unsetenv("SAMARA_SANDBOX_REFUSE_BUBBLEWRAP");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  ASSERT_TRUE(allowed.ok()) << allowed.error().message;
  const Program program(domain->seeds()[0].source);
  const Program* const programs[] = {&program};
  EXPECT_GT(fitness((*allowed)->evaluate(programs).value()[0]), 0.0);
}

TEST_F(TaskDomainTest, UncontainedAKeeperThatIsKilledIsStartedAgain) {
  write("task.toml", "");
  write("program.py", "1");
  write("evaluator.py",
        "import os, signal\ndef evaluate(path):\n    if 'kill' in open(path).read(): os.kill(os.getppid(), "
        "signal.SIGKILL)\n    return {'a': 1}\n");
  const auto domain = load(root_);
  ::setenv("SAMARA_SANDBOX_REFUSE_BUBBLEWRAP", "1", 1);
  const auto evaluator = domain->make_evaluator(true).value();
  ::unsetenv("SAMARA_SANDBOX_REFUSE_BUBBLEWRAP");
  const Program bad("kill"), good("1");
  const Program* const programs[] = {&bad, &good};
  const Result<std::vector<Evaluation>> evaluations = evaluator->evaluate(programs);
  ASSERT_TRUE(evaluations.ok()) << evaluations.error().message;
  EXPECT_EQ(failure((*evaluations)[0]).outcome, Outcome::kCrashed);
  EXPECT_EQ(fitness((*evaluations)[1]), 1.0);
}

TEST_F(TaskDomainTest, AnOpenEvolveTaskIsTakenAsItStands) {
  write("src/initial_program.py", "# EVOLVE-BLOCK-START\nx = 0.6\n# EVOLVE-BLOCK-END\n");
  write("src/evaluator.py",
        "from openevolve.evaluation_result import EvaluationResult\n"
        "def evaluate(path): return {'combined_score': 0.1}\n"
        "def evaluate_stage1(path): return EvaluationResult(metrics={'combined_score': 0.6}, artifacts={'a': "
        "'b'})\n"
        "def evaluate_stage2(path): return {'combined_score': 0.9}\n");
  write(
      "src/config.yaml",
      "max_iterations: 100\nrandom_seed: 7\nallow_full_rewrites: true\nmax_iteration: 3\nlog_level: INFO\n"
      "llm:\n  primary_model: m\n  api_key: k\nprompt:\n  system_message: 'Do well.'\n"
      "database:\n  num_islands: 4\n  feature_dimensions: [complexity, diversity, speed]\n  feature_bins: 7\n"
      "evaluator:\n  timeout: 50\n  cascade_thresholds: [0.5, 0.75]\n  distributed: false\n");
  const Result<ForeignTask> task = read_openevolve(root_ / "src/initial_program.py",
                                                   root_ / "src/evaluator.py", root_ / "src/config.yaml");
  ASSERT_TRUE(task.ok()) << task.error().message;
  ASSERT_TRUE(write_foreign_task(*task, root_ / "task").ok());
  EXPECT_EQ(task->max_iterations, 100u);
  EXPECT_EQ(task->random_seed, 7u);
  std::string warnings;
  for (const std::string& warning : task->warnings) warnings += warning + "\n";
  for (const char* name :
       {"without effect in OpenEvolve too: allow_full_rewrites, evaluator.distributed",
        "max_iteration is no setting", "did you mean max_iterations", "database.num_islands (--islands)",
        "without a counterpart in Samara: log_level", "diversity", "an api_key stands in the file"}) {
    EXPECT_NE(warnings.find(name), std::string::npos) << name << "\n" << warnings;
  }
  EXPECT_THAT(task->models.keys, testing::ElementsAre("llm.primary_model", "llm.api_key"));
  EXPECT_EQ(task->models.weights, (std::map<std::string, double>{{"m", 1.0}}));
  EXPECT_EQ(task->models.key_variable, "");
  EXPECT_FALSE(std::filesystem::exists(root_ / "task/config.yaml")) << "it holds a key";
  const auto domain = load(root_ / "task");
  EXPECT_EQ(domain->spec().description, "Do well.");
  EXPECT_EQ(domain->spec().limits.wall_seconds, 50.0);
  ASSERT_EQ(domain->spec().behavior.size(), 2u);
  EXPECT_EQ(domain->spec().behavior[0], (BehaviorSpec{"program_size", {}, {}, 7}));
  EXPECT_EQ(domain->spec().behavior[1].name, "speed");
  ASSERT_EQ(domain->spec().evaluator.stages.size(), 2u);
  EXPECT_EQ(domain->spec().evaluator.stages[0], (Stage{"evaluate_stage1", 0.5}));
}

TEST_F(TaskDomainTest, AnOpenEvolveConfigSetsUpItsModels) {
  write("src/initial_program.py", "x = 1\n");
  write("src/evaluator.py", "def evaluate(path): return {'combined_score': 1.0}\n");
  const auto models_of = [&](const std::string& config, std::string* warnings = nullptr) {
    write("src/config.yaml", config);
    const Result<ForeignTask> task = read_openevolve(root_ / "src/initial_program.py",
                                                     root_ / "src/evaluator.py", root_ / "src/config.yaml");
    SAMARA_CHECK(task.ok());
    SAMARA_CHECK(write_foreign_task(*task, root_ / "task").ok());
    EXPECT_EQ(std::filesystem::exists(root_ / "task/config.yaml"), task->left_out.empty());
    if (warnings) *warnings = fmt::format("{}", fmt::join(task->warnings, "\n"));
    return task->models;
  };
  std::string warnings;
  const ForeignModels list = models_of(
      "diff_based_evolution: false\n"
      "llm:\n  api_base: http://127.0.0.1:1/v1\n  api_key: ${SOME_KEY}\n  top_p: 0.9\n  temperature: 0.5\n"
      "  timeout: 30\n  retries: 9\n  reasoning_effort: low\n  max_tokens: 77\n  models:\n"
      "    - {name: big, weight: 0.25}\n    - {name: small, wait: 1}\n    - {name: off, weight: 0}\n",
      &warnings);
  EXPECT_EQ(list.weights, (std::map<std::string, double>{{"big", 0.25}, {"small", 1.0}}));
  EXPECT_EQ(list.endpoint, "http://127.0.0.1:1/v1");
  EXPECT_EQ(list.key_variable, "SOME_KEY");
  EXPECT_EQ(list.temperature, 0.5);
  EXPECT_EQ(list.max_tokens, 77u);
  EXPECT_EQ(list.seconds, 30.0);
  EXPECT_EQ(list.body, R"({"reasoning_effort":"low","top_p":0.9})");
  EXPECT_TRUE(list.rewrites);
  EXPECT_THAT(warnings, testing::HasSubstr("llm.models.wait is no setting"));
  EXPECT_THAT(warnings, testing::HasSubstr("without a counterpart in Samara: llm.retries"));
  EXPECT_THAT(warnings, testing::Not(testing::HasSubstr("differ")));

  const ForeignModels two = models_of("llm: {primary_model: a, secondary_model: b, top_p: null}\n");
  EXPECT_EQ(two.weights, (std::map<std::string, double>{{"a", 1.0}, {"b", 0.2}}));
  EXPECT_EQ(two.body, "");
  const ForeignModels one = models_of(
      "llm: {primary_model: a, primary_model_weight: 0.6, secondary_model: b, secondary_model_weight: 0}\n");
  EXPECT_EQ(one.weights, (std::map<std::string, double>{{"a", 0.6}}));

  const ForeignModels own = models_of(
      "llm:\n  temperature: 0.1\n  models:\n    - {name: a, temperature: 0.2, api_key: sk-secret-secret}\n"
      "    - {name: b, api_base: http://127.0.0.1:2/v1}\n",
      &warnings);
  EXPECT_EQ(own.temperature, 0.2);
  EXPECT_EQ(own.endpoint, "");
  EXPECT_EQ(own.key_variable, "");
  EXPECT_THAT(warnings, testing::HasSubstr("differ in temperature"));
  EXPECT_THAT(warnings, testing::HasSubstr("differ in api_base"));
  EXPECT_THAT(warnings, testing::HasSubstr("an api_key stands in the file"));
  EXPECT_THAT(warnings, testing::Not(testing::HasSubstr("secret")));
  EXPECT_TRUE(models_of("llm:\n").weights.empty());

  // A file outside of the evaluator's folder is not copied, and stays where it is.
  write("elsewhere/config.yaml", "llm: {api_key: sk-secret-secret}\n");
  const Result<ForeignTask> outside = read_openevolve(
      root_ / "src/initial_program.py", root_ / "src/evaluator.py", root_ / "elsewhere/config.yaml");
  ASSERT_TRUE(outside.ok() && write_foreign_task(*outside, root_ / "task").ok());
  EXPECT_TRUE(std::filesystem::exists(root_ / "elsewhere/config.yaml"));
}

TEST_F(TaskDomainTest, AShinkaTaskIsTakenAsItStands) {
  write("src/initial.py", "def run(seed): return seed * 2\n");
  write("src/evaluate.py",
        "import argparse\nfrom shinka.core import run_shinka_eval\n"
        "def check(result): return (result > 0, None if result > 0 else 'not positive')\n"
        "def main(program_path, results_dir):\n"
        "    run_shinka_eval(program_path=program_path, results_dir=results_dir, experiment_fn_name='run', "
        "num_runs=2,\n"
        "                    validate_fn=check, aggregate_metrics_fn=lambda r: {'combined_score': "
        "float(sum(r)), "
        "'public': {'n': len(r)}})\n"
        "if __name__ == '__main__':\n"
        "    p = argparse.ArgumentParser()\n    p.add_argument('--program_path')\n    "
        "p.add_argument('--results_dir')\n"
        "    a = p.parse_args()\n    raise SystemExit(main(a.program_path, a.results_dir))\n");
  ASSERT_TRUE(write_foreign_task(read_shinka(root_ / "src").value(), root_ / "task").ok());
  const auto domain = load(root_ / "task");
  EXPECT_EQ(fitness(evaluate_seed(*domain)), 6.0);
  const Failure incorrect = failure(evaluate(*domain, "def run(seed): return -1\n"));
  EXPECT_EQ(incorrect.outcome, Outcome::kInvalidPhenotype);
  EXPECT_NE(incorrect.message.find("not positive"), std::string::npos);
  EXPECT_EQ(read_shinka(root_).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace samara::task
