#include "samara/bugfix/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace samara::bugfix {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class JudgeTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    PythonRunner::Options options;
    options.harnesses = {Judge::harness()};
    options.cpu_limit = std::chrono::milliseconds(100);
    Result<std::unique_ptr<PythonRunner>> started = PythonRunner::start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().message;
    runner_ = std::move(started).value().release();
  }
  static void TearDownTestSuite() {
    delete runner_;
    runner_ = nullptr;
  }

  static Task task_of(const std::string& function, const std::string& cases) {
    Result<Task> task = parse_task({"test",
                                    {{"task.toml", fmt::format("function = \"{}\"\n", function)},
                                     {"correct.py", ""},
                                     {"buggy_1.py", ""},
                                     {"cases.json", cases}}});
    EXPECT_TRUE(task.ok()) << task.error().message;
    task->name = "test";
    return std::move(task).value();
  }

  static Verdict judge(const Task& task, const std::string& source) {
    const Program program(source);
    const Program* const one = &program;
    Result<std::vector<Verdict>> verdicts = Judge(*runner_, 0).judge(task, {&one, 1});
    EXPECT_TRUE(verdicts.ok()) << verdicts.error().message;
    return verdicts->at(0);
  }

  static PythonRunner* runner_;
};

PythonRunner* JudgeTest::runner_ = nullptr;

constexpr const char* kAddCases =
    R"([{"args": [1, 2], "expected": 3}, {"args": [5, -5], "expected": 0}, {"args": [10, 4], "expected": 14}])";

TEST_F(JudgeTest, EveryBundledTaskIsRightAndEachOfItsBuggyVersionsIsNot) {
  Judge judge(*runner_, 0);
  for (const Task& task : bundled_tasks()) {
    const Status status = verify(task, judge);
    EXPECT_TRUE(status.ok()) << status.error().message;
  }
}

TEST_F(JudgeTest, TellsWhichCaseIsWrong) {
  const Task task = task_of("add", kAddCases);
  EXPECT_TRUE(passes(judge(task, "def add(a, b):\n    return a + b\n")));
  const Verdict verdict = judge(task, "def add(a, b):\n    return abs(a + b) if b > 0 else a - b\n");
  ASSERT_TRUE(std::holds_alternative<Answer>(verdict));
  EXPECT_EQ(std::get<Answer>(verdict).wrong_case, 1U);
  EXPECT_EQ(std::get<Answer>(verdict).returned, "10");
}

TEST_F(JudgeTest, AnAnswerThatIsNestedWithoutEndIsWrong) {
  const Task task = task_of("add", R"([{"args": [1, 2], "expected": 3}])");
  const Verdict verdict = judge(task,
                                "def add(a, b):\n    return a + b\n\n"
                                "def samara_as_json(values):\n    return '[' * 120000 + ']' * 120000\n");
  ASSERT_TRUE(std::holds_alternative<Answer>(verdict));
  EXPECT_EQ(std::get<Answer>(verdict).wrong_case, 0U);
}

TEST_F(JudgeTest, AValueComesBackAsItIs) {
  const std::string value =
      R"([null, true, -7, 0.1, 1e300, "é\n\"", [[], {"k": [1, 2.5]}], 9223372036854775807])";
  const Task task = task_of("same", fmt::format(R"([{{"args": [{0}], "expected": {0}}}])", value));
  EXPECT_TRUE(passes(judge(task, "def same(x):\n    return x\n")));
  EXPECT_FALSE(passes(judge(task, "def same(x):\n    return x[:-1]\n")));
}

TEST_F(JudgeTest, TuplesAreListsAndKeysAreText) {
  const Task task = task_of("f", R"([{"args": [], "expected": [1, {"2": [3]}]}])");
  EXPECT_TRUE(passes(judge(task, "def f():\n    return 1, {2: (3,)}\n")));
}

TEST_F(JudgeTest, ArgumentsAreFreshForEveryCase) {
  const Task task = task_of("f", R"([{"args": [[1]], "expected": 1}, {"args": [[1]], "expected": 1}])");
  EXPECT_TRUE(passes(judge(task, "def f(x):\n    x.append(2)\n    return len(x) - 1\n")));
}

// Whatever a program does, it passes only by returning the right values.
TEST_F(JudgeTest, NothingButRightValuesPasses) {
  const Task task = task_of("add", kAddCases);
  const std::string right = "def add(a, b):\n    return a + b\n";
  const std::string wrong = "def add(a, b):\n    return a - b\n";
  const std::string hostile[] = {
      "",
      wrong,
      "def add(a, b):\n    return [3, 0, 14]\n",
      "def add(a, b):\n    while True:\n        pass\n",
      "def add(a, b):\n    raise SystemExit(0)\n",
      "def add(a, b):\n    return float('nan')\n",
      "def add(a, b):\n    return True\n",
      "def add(a, b):\n    return {1}\n",
      "def add(a, b):\n    x = []\n    x.append(x)\n    return x\n",
      "def add(a, b):\n    return 10 ** 100\n",
      "add = 5\n",
      "def add(a):\n    return a\n",
      "def add(a, b):\n    return a + c\n",
      "def add(a, b:\n    return a + b\n",
      // equality that always holds
      "class Yes(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = None\n\ndef add(a, "
      "b):\n    return Yes(7)\n",
      "class Yes:\n    def __eq__(self, other):\n        return True\n\ndef add(a, b):\n    return Yes()\n",
      // takes the place of what the judge calls
      wrong + "def samara_as_json(values):\n    return '[3, 0]'\n",
      wrong + "samara_as_json = lambda values: values\n",
      wrong + "def samara_run_cases():\n    return '[3, 0, 14]'\n",
      // swallows the judge's part
      wrong + "def samara_run_cases():\n    return '[3, 0, 14]'\n'''",
      wrong + "def samara_run_cases():\n    return '[3, 0, 14]'\nx = (",
      wrong + "def samara_run_cases():\n    return '[3, 0, 14]'\nif False:",
      wrong + "def samara_run_cases():\n    return '[3, 0, 14]'\nraise ValueError",
      wrong + "x = 1 \\",
  };
  for (const std::string& source : hostile) {
    EXPECT_FALSE(passes(judge(task, source))) << source;
  }
  EXPECT_TRUE(passes(judge(task, right))) << "the interpreter is as it was";
}

TEST_F(JudgeTest, AProgramWithoutALineBreakAtItsEndIsTried) {
  const Task task = task_of("add", kAddCases);
  EXPECT_TRUE(passes(judge(task, "def add(a, b):\n    return a + b  # sum")));
}

TEST_F(JudgeTest, VerdictsDoNotDependOnTheBatch) {
  const Task task = task_of("add", kAddCases);
  std::vector<Program> programs;
  for (const char* body : {"a + b", "a - b", "a.x", "a +", "exit()", "[a][1]", "b + a", "sum([a, b])"}) {
    programs.emplace_back(fmt::format("def add(a, b):\n    return {}\n", body));
  }
  programs.emplace_back("def add(a, b):\n    while a:\n        b += 1\n");
  std::vector<const Program*> pointers;
  for (int copies = 0; copies < 3; ++copies) {
    for (const Program& program : programs) pointers.push_back(&program);
  }
  const Result<std::vector<Verdict>> together = Judge(*runner_, 0).judge(task, pointers);
  ASSERT_TRUE(together.ok()) << together.error().message;
  for (std::size_t i = 0; i < pointers.size(); ++i) {
    const Verdict alone = judge(task, pointers[i]->source());
    EXPECT_EQ(passes(alone), passes(together->at(i))) << pointers[i]->source();
    EXPECT_EQ(alone.index(), together->at(i).index()) << pointers[i]->source();
  }
}

TEST_F(JudgeTest, VerifyNamesTaskFileAndCase) {
  Judge judge(*runner_, 0);
  Task task = task_of("add", kAddCases);
  const Program right("def add(a, b):\n    return a + b\n");
  const Program wrong("def add(a, b):\n    return a - b\n");
  task.correct = right;
  task.buggy = {wrong};
  EXPECT_TRUE(verify(task, judge).ok());

  task.buggy = {wrong, right};
  EXPECT_THAT(verify(task, judge).error().message, HasSubstr("task test: buggy_2.py passes every case"));
  task.correct = wrong;
  EXPECT_THAT(verify(task, judge).error().message,
              HasSubstr("case 1, add(1, 2) is 3, but correct.py returns -1"));
  task.correct = Program("def add(a, b):\n    return a + d\n");
  EXPECT_THAT(verify(task, judge).error().message, HasSubstr("runtime_error"));
}

TEST(ReturnsTheSameTest, NumbersByValueAndTheRestExactly) {
  const auto same = [](const char* expected, const char* returned) {
    return returns_the_same(json::parse(expected), json::parse(returned));
  };
  EXPECT_TRUE(same("3", "3.0"));
  EXPECT_TRUE(same("0.3", "0.30000000000000004"));
  EXPECT_TRUE(same("1e300", "1.0000000000001e300"));
  EXPECT_TRUE(same("18446744073709551615", "18446744073709551615"));
  EXPECT_TRUE(same("{\"a\": [1, {\"b\": null}]}", "{\"a\": [1, {\"b\": null}]}"));
  EXPECT_FALSE(same("0.3", "0.3000001"));
  EXPECT_FALSE(same("9007199254740993", "9007199254740992"));
  EXPECT_FALSE(same("1", "true"));
  EXPECT_FALSE(same("0", "false"));
  EXPECT_FALSE(same("0", "null"));
  EXPECT_FALSE(same("\"1\"", "1"));
  EXPECT_FALSE(same("[]", "{}"));
  EXPECT_FALSE(same("[1, 2]", "[1, 2, 3]"));
  EXPECT_FALSE(same("[1, 2, 3]", "[1, 2]"));
  EXPECT_FALSE(same("{\"a\": 1}", "{\"b\": 1}"));
  EXPECT_FALSE(same("{\"a\": 1}", "{\"a\": 1, \"b\": 1}"));
}

}  // namespace
}  // namespace samara::bugfix
