#include "samara/sandbox/python_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "samara/base/rng.h"
#include "samara/sandbox/hostile_programs.h"

namespace samara {
namespace {

using nlohmann::json;

constexpr char kHarness[] = R"py(
SHARED = []

class point:
    __slots__ = ("x",)

class unit:
    pass

class builder:
    origin = point()
    origin.x = 0
    unit = unit()
    unit.size = 1
    kinds = {1, 2}

    def __init__(self):
        self.parts = []

    def add(self, x):
        self.parts.append(x)
        return len(self.parts) - 1

EXPORTS = {"builder": builder, "SHARED": SHARED}
)py";

constexpr char kFunctions[] = R"py(
import ast, os

def change(text):
    return [len(text), ast.unparse(ast.parse(text))]
)py";

PythonRunner::Options tiny_options() {
  PythonRunner::Options options;
  options.harnesses = {{"tiny", kHarness, "make", Harness::Kind::kCandidate},
                       {"functions", kFunctions, "change", Harness::Kind::kFunction}};
  options.cpu_limit = std::chrono::milliseconds(250);
  options.stall_limit = std::chrono::milliseconds(300);
  options.memory_limit = std::size_t{256} << 20;
  return options;
}

std::unique_ptr<PythonRunner> make_runner(PythonRunner::Options options = tiny_options()) {
  auto runner = PythonRunner::start(std::move(options));
  if (!runner.ok()) ADD_FAILURE() << runner.error().message;
  return runner.ok() ? std::move(runner).value() : nullptr;
}

std::vector<JobResult> run(PythonRunner& runner, const std::vector<std::string>& texts,
                           std::size_t harness = 0) {
  std::vector<Job> jobs;
  for (const std::string& text : texts) jobs.push_back({harness, text});
  auto results = runner.run(jobs);
  if (!results.ok()) {
    ADD_FAILURE() << results.error().message;
    return std::vector<JobResult>(texts.size());
  }
  return std::move(results).value();
}

JobResult run_one(PythonRunner& runner, const std::string& text, std::size_t harness = 0) {
  return run(runner, {text}, harness).front();
}

json value_of(const JobResult& result) {
  if (const auto* failure = std::get_if<Failure>(&result)) {
    return std::string(outcome_name(failure->outcome)) + ": " + failure->message;
  }
  return json::from_msgpack(std::get<EncodedValue>(result).msgpack);
}

std::string describe(const JobResult& result) {
  return value_of(result).dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 200);
}

std::string bytes_of(const JobResult& result) {
  const auto* value = std::get_if<EncodedValue>(&result);
  return value == nullptr ? "failed " + describe(result) : value->msgpack;
}

// Programs that a neighbor's tricks would disturb.
std::vector<std::string> good_programs() {
  return {
      "import math\ndef make(): return [math.sin(k) for k in range(5)] + [math.pi]",
      "import random\ndef make(): return [random.random(), random.gauss(0, 1), random.randint(1, 9)]",
      "import random\ndef make(): return [random.Random().random(), random.uniform(2, 3)]",
      "def make():\n b = builder()\n b.add(1)\n return [b.add(2), b.parts, abs(-3), len(SHARED), "
      "len(b.parts),"
      " b.origin.x, b.unit.size, len(b.kinds), builder.__name__, builder.add.__doc__]",
      "def depth(n):\n try: return depth(n + 1)\n except RecursionError: return n\ndef make(): return "
      "depth(0)",
      "import collections, fractions\ndef make():\n c = collections.Counter('abracadabra')\n"
      " return [c.most_common(), str(fractions.Fraction(3, 6)), issubclass(builder, collections.abc.Sized)]",
      "import random, math, typing\ndef make(): return [random.Random(3).uniform(0, 1), math.pi, "
      "random.random(),"
      " [n for n in ['count', 'calls', 'parts', '__dataclass_fields__'] if n in "
      "builder.__init__.__annotations__],"
      " typing.Deque.__doc__, builder.add.__name__, builder().add(4)]",
      "class B(builder):\n def add(self, x): return super().add(2 * x)\n"
      "def make():\n b = B()\n return [b.add(1), b.parts, builder == B, b == b]",
      "class A: pass\ndef make(): return [str(x) for x in {A, int, str, builder}]",
      "def make(): return sorted({'a', 'b', 'c'}) + list({'x', 'y', 'z'})",
      "from dataclasses import dataclass\nfrom typing import List\n@dataclass\nclass P:\n x: int\n y: "
      "List[int]\n"
      "def make(): return [repr(P(1, [2])), P(1, [2]) == P(1, [2])]",
      "def make():\n x = []\n try:\n  while True: x.append(bytes(10 ** 6))\n except MemoryError: return "
      "len(x)",
      "def make(): return repr(builder)",
      "def make(): return [repr(object()), list({object(): 1, object(): 2}.values()), hash(float('nan'))]",
      "def make(x=[]):\n x.append(1)\n return x",
  };
}

std::vector<std::string> results_alone(const std::vector<std::string>& programs) {
  std::vector<std::string> results;
  for (const std::string& program : programs) results.push_back(bytes_of(run_one(*make_runner(), program)));
  return results;
}

void expect_end(const HostileProgram& program, const JobResult& result) {
  const auto* failure = std::get_if<Failure>(&result);
  switch (program.end) {
    case HostileProgram::End::kAnyhow:
      break;
    case HostileProgram::End::kGivesValue:
      EXPECT_EQ(failure, nullptr) << program.name << ": " << describe(result);
      break;
    case HostileProgram::End::kFails:
      ASSERT_NE(failure, nullptr) << program.name << " gave a value: " << describe(result);
      EXPECT_EQ(failure->outcome, program.outcome) << program.name << ": " << describe(result);
      EXPECT_FALSE(failure->message.empty()) << program.name;
      EXPECT_EQ(failure->message.find('\n'), std::string::npos) << program.name;
      EXPECT_LE(failure->message.size(), 400U) << program.name;
      break;
  }
}

TEST(HostileProgramsTest, EachAloneEndsAsTheTableSays) {
  const auto runner = make_runner();
  ASSERT_NE(runner, nullptr);
  for (const HostileProgram& program : hostile::kPrograms) {
    expect_end(program, run_one(*runner, std::string(program.source)));
  }
}

TEST(HostileProgramsTest, EachLeavesItsChildAsItWas) {
  std::vector<std::string> good = good_programs();
  std::erase_if(good, [](const std::string& program) {
    // These end their child themselves, whatever was before.
    return program.find("class A") != std::string::npos || program.find("object()") != std::string::npos ||
           program.find("MemoryError") != std::string::npos;
  });
  const std::vector<std::string> expected = results_alone(good);
  const auto runner = make_runner();
  ASSERT_NE(runner, nullptr);
  for (const HostileProgram& program : hostile::kPrograms) {
    std::vector<std::string> texts = {std::string(program.source)};
    texts.insert(texts.end(), good.begin(), good.end());
    const std::vector<JobResult> results = run(*runner, texts);
    for (std::size_t i = 0; i < good.size(); ++i) {
      EXPECT_EQ(bytes_of(results[i + 1]), expected[i]) << "after " << program.name << ": " << good[i];
    }
  }
}

TEST(HostileProgramsTest, AllMixedWithGoodProgramsChangeNoResult) {
  const std::vector<std::string> good = good_programs();
  const std::vector<std::string> expected = results_alone(good);
  std::vector<const HostileProgram*> hostile;
  for (const HostileProgram& program : hostile::kPrograms) hostile.push_back(&program);
  Rng(1).shuffle(std::span(hostile));
  PythonRunner::Options options = tiny_options();
  options.batch = 16;
  const auto runner = make_runner(std::move(options));
  ASSERT_NE(runner, nullptr);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    texts.emplace_back(hostile[i]->source);
    texts.push_back(good[i % good.size()]);
  }
  const std::vector<JobResult> results = run(*runner, texts);
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    expect_end(*hostile[i], results[2 * i]);
    EXPECT_EQ(bytes_of(results[2 * i + 1]), expected[i % good.size()])
        << "after " << hostile[i]->name << ": " << texts[2 * i + 1];
  }
}

TEST(PythonRunnerTest, ResultsDependNeitherOnThePositionNorOnTheRunner) {
  const std::vector<std::string> good = good_programs();
  const std::vector<std::string> expected = results_alone(good);
  std::vector<std::string> texts;
  for (int repeat = 0; repeat < 6; ++repeat) texts.insert(texts.end(), good.begin(), good.end());
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  Rng(7).shuffle(std::span(order));
  std::vector<std::string> shuffled;
  for (const std::size_t index : order) shuffled.push_back(texts[index]);
  const std::vector<JobResult> results = run(*make_runner(), shuffled);
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(bytes_of(results[i]), expected[order[i] % good.size()]) << shuffled[i];
  }
}

TEST(PythonRunnerTest, MessagesNameTheErrorAndTheLine) {
  const auto runner = make_runner();
  const auto message = [&](const std::string& text) {
    return std::get<Failure>(run_one(*runner, text)).message;
  };
  EXPECT_EQ(message("\n\ndef make(): return x"), "NameError: name 'x' is not defined (line 3)");
  EXPECT_EQ(message("def make():\n  b = builder()\n  b.add()\n"),
            "TypeError: builder.add() missing 1 required positional argument: 'x' (line 3)");
  EXPECT_EQ(message("x = 1\ny = (2\n"), "SyntaxError: '(' was never closed (line 2)");
  EXPECT_EQ(message("pass"), "the program defines no function make");
  EXPECT_EQ(message("class Own(Exception): pass\nraise Own('a\\nb')"), "Own: a b (line 2)");
  EXPECT_EQ(message("raise ValueError"), "ValueError (line 1)");
  EXPECT_EQ(message("def make():\n class Foo: pass\n return {'joints': [1, Foo()]}"),
            "the result holds an object of type 'Foo' at ['joints'][1]");
  EXPECT_EQ(message("def make(): return 2 ** 70"), "the result holds an int of more than 64 bits");
  EXPECT_EQ(message("while True: pass"), "used more than 250 ms of CPU time");
  EXPECT_THAT(message("import os"),
              testing::StartsWith("ImportError: module 'os' is not available to programs, only"));
  EXPECT_THAT(message("open('x')"), testing::HasSubstr("open() is not available to programs (line 1)"));
}

TEST(PythonRunnerTest, DocumentedModulesCanBeImported) {
  const auto runner = make_runner();
  for (const char* module :
       {"bisect", "cmath", "collections", "collections.abc", "copy", "dataclasses", "fractions", "functools",
        "heapq", "itertools", "math", "operator", "random", "string", "typing", "numpy", "numpy.linalg"}) {
    const std::string text = "import " + std::string(module) + " as m\ndef make(): return m.__name__";
    EXPECT_EQ(value_of(run_one(*runner, text)), module);
  }
  EXPECT_EQ(value_of(run_one(*runner, "from __future__ import annotations\ndef make(): return 1")), 1);
}

TEST(PythonRunnerTest, OrdinaryPythonWorks) {
  const auto runner = make_runner();
  const auto value = [&](const std::string& text) { return value_of(run_one(*runner, text)); };
  EXPECT_EQ(
      value("import functools\ndef twice(f):\n @functools.wraps(f)\n def g(): return 2 * f()\n return g\n"
            "@twice\ndef make(): return 4"),
      8);
  EXPECT_EQ(value("from typing import NamedTuple\nclass P(NamedTuple):\n x: int\ndef make(): return P(3).x"),
            3);
  EXPECT_EQ(value("def make():\n print('x', file=None)\n return __name__"), "candidate");
  EXPECT_EQ(value("if __name__ == '__main__': open('x')\ndef make(): return 1"), 1);
  EXPECT_EQ(value("class A:\n def __repr__(self): return 'me'\ndef make(): return f'{A()}'"), "me");
  EXPECT_EQ(value("import numpy as np\ndef make(): return (np.eye(2) @ np.ones(2)).tolist()"),
            json({1.0, 1.0}));
  EXPECT_EQ(value("import copy\ndef make(): return copy.deepcopy({'a': [1]})"), json({{"a", {1}}}));
  EXPECT_EQ(value("def make(): return '\\N{BULLET}'"), "\xe2\x80\xa2");
}

TEST(PythonRunnerTest, FunctionHarnessesGetTheTextAsAnArgument) {
  const auto runner = make_runner();
  const auto results = run(*runner, {"x  =  1", "x = (", "numpy", "\xff", "y=2"}, 1);
  EXPECT_EQ(value_of(results[0]), json({7, "x = 1"}));
  EXPECT_EQ(std::get<Failure>(results[1]).outcome, Outcome::kRuntimeError);
  EXPECT_EQ(value_of(results[2]), json({5, "numpy"}));
  EXPECT_EQ(std::get<Failure>(results[3]).outcome, Outcome::kSyntaxError);
  EXPECT_EQ(value_of(results[4]), json({3, "y = 2"}));
  const std::string bomb = std::string(100000, '-') + "1";
  const auto mixed = run(*runner, {"a", bomb, "b"}, 1);
  EXPECT_EQ(value_of(mixed[0]), json({1, "a"}));
  EXPECT_NE(std::get_if<Failure>(&mixed[1]), nullptr);
  EXPECT_EQ(value_of(mixed[2]), json({1, "b"}));
}

TEST(PythonRunnerTest, LargeAndStrangeTextsEndInAResult) {
  const auto runner = make_runner();
  const std::size_t mib = std::size_t{1} << 20;
  std::vector<std::string> texts = {
      std::string(10000, '(') + std::string(10000, ')'),
      std::string(100000, '-') + "1",
      "x = " + std::string(500000, '['),
      std::string(mib + 1, '#'),
      "#" + std::string(mib - 200, ' ') + "\ndef make(): return 1",
  };
  std::string indented;
  for (int i = 0; i < 200; ++i) indented += std::string(static_cast<std::size_t>(i), ' ') + "if 1:\n";
  texts.push_back(indented);
  std::string attributes = "x";
  for (int i = 0; i < 50000; ++i) attributes += ".a";
  texts.push_back(attributes);
  for (int i = 0; i < 10; ++i) texts.push_back(texts[4]);  // more than fits into one request
  const auto results = run(*runner, texts);
  EXPECT_EQ(std::get<Failure>(results[0]).outcome, Outcome::kSyntaxError);
  EXPECT_EQ(std::get<Failure>(results[1]).outcome, Outcome::kSyntaxError);
  EXPECT_EQ(std::get<Failure>(results[2]).outcome, Outcome::kSyntaxError);
  EXPECT_EQ(std::get<Failure>(results[3]).outcome, Outcome::kMemoryLimit);
  EXPECT_EQ(value_of(results[4]), 1);
  EXPECT_EQ(std::get<Failure>(results[5]).outcome, Outcome::kSyntaxError);
  EXPECT_NE(std::get_if<Failure>(&results[6]), nullptr);
  EXPECT_EQ(value_of(results.back()), 1);
}

TEST(PythonRunnerTest, NothingOfTheEnvironmentIsVisible) {
  ::setenv("SAMARA_TEST_SECRET", "hidden", 1);
  const auto runner = make_runner();
  const json names = value_of(run_one(
      *runner,
      "env = print.__globals__['sys'].modules['posix'].environ\ndef make(): return [str(k) for k in env]"));
  EXPECT_FALSE(names.empty());
  for (const std::string name : names) EXPECT_EQ(name.find("SECRET"), std::string::npos) << name;
}

TEST(PythonRunnerTest, ARefusedLayerIsNamedAndStopsTheStart) {
  for (const char* layer : {"descriptors", "parent", "dumpable", "memory", "cpu", "files", "processes",
                            "privileges", "seccomp"}) {
    ::setenv("SAMARA_SANDBOX_REFUSE_LAYER", layer, 1);
    const auto refused = PythonRunner::start(tiny_options());
    ASSERT_FALSE(refused.ok()) << layer;
    EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(refused.error().message, testing::HasSubstr(std::string("'").append(layer).append("'")));
    PythonRunner::Options trusted = tiny_options();
    trusted.allow_uncontained = true;
    EXPECT_EQ(value_of(run_one(*make_runner(std::move(trusted)), "def make(): return 5")), 5) << layer;
  }
  ::unsetenv("SAMARA_SANDBOX_REFUSE_LAYER");
}

TEST(PythonRunnerTest, OptionsThatCannotBeRightAreRefused) {
  const auto code = [](auto change) {
    PythonRunner::Options options = tiny_options();
    change(options);
    const auto runner = PythonRunner::start(std::move(options));
    return runner.ok() ? ErrorCode{0} : runner.error().code;
  };
  EXPECT_EQ(code([](auto& options) { options.batch = 0; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](auto& options) { options.batch = 100000; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](auto& options) { options.harnesses.clear(); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](auto& options) { options.memory_limit = 1000; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](auto& options) { options.harnesses[0].source = "def ("; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](auto& options) { options.harnesses[0].source = "x = 1"; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code([](auto& options) { options.harnesses[1].entry = "nothing"; }), ErrorCode::kInvalidArgument);
}

TEST(PythonRunnerTest, AMissingExecutableIsSaidSo) {
  ::setenv("SAMARA_PYTHON", "/nowhere/samara-python", 1);
  const auto runner = PythonRunner::start(tiny_options());
  ::unsetenv("SAMARA_PYTHON");
  ASSERT_FALSE(runner.ok());
  EXPECT_THAT(runner.error().message, testing::HasSubstr("/nowhere/samara-python"));
}

std::vector<pid_t> children() {
  std::ifstream file("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  return {std::istream_iterator<pid_t>(file), {}};
}

TEST(PythonRunnerTest, ALostWarmProcessIsStartedAgain) {
  const auto runner = make_runner();
  EXPECT_EQ(value_of(run_one(*runner, "def make(): return 1")), 1);
  for (int times = 0; times < 3; ++times) {
    ASSERT_EQ(children().size(), 1U);
    ::kill(children().front(), SIGKILL);
    EXPECT_EQ(value_of(run_one(*runner, "def make(): return 2")), 2);
  }
}

TEST(PythonRunnerTest, NoProcessOutlivesTheRunner) {
  {
    const auto runner = make_runner();
    run(*runner, {"import numpy\ndef make(): return 1", "while True: pass"});
    EXPECT_EQ(children().size(), 2U);
  }
  EXPECT_TRUE(children().empty());
}

TEST(PythonRunnerTest, NoJobsGiveNoResults) {
  EXPECT_TRUE(run(*make_runner(), {}).empty());
}

// Any value of the documented types, as Python source and as what it should come back as.
json random_value(Rng& rng, int depth) {
  switch (rng.below(depth > 0 ? 8 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return rng.chance(0.5);
    case 2:
      return static_cast<std::int64_t>(rng.next_u64()) >> rng.below(64);
    case 3:
      return rng.normal() * 1e3;
    case 4:
      return std::string(rng.below(300), static_cast<char>('a' + rng.below(26)));
    case 5:
      return "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xb3";
    case 6: {
      json list = json::array();
      for (std::uint32_t i = rng.below(20); i > 0; --i) list.push_back(random_value(rng, depth - 1));
      return list;
    }
    default: {
      json dict = json::object();
      for (std::uint32_t i = rng.below(20); i > 0; --i) {
        dict["k" + std::to_string(rng.below(1000))] = random_value(rng, depth - 1);
      }
      return dict;
    }
  }
}

TEST(PythonRunnerTest, ValuesComeBackAsTheyWere) {
  const auto runner = make_runner();
  rc::check("encoded values decode to what the program returned", [&](std::uint64_t seed) {
    Rng rng(seed);
    const json value = random_value(rng, 4);
    const std::string program = "null, true, false = None, True, False\ndef make(): return " + value.dump();
    const JobResult result = run_one(*runner, program);
    if (const auto* failure = std::get_if<Failure>(&result)) {
      RC_ASSERT(failure->message == "the result holds more than 262144 bytes");
    } else {
      RC_ASSERT(value_of(result) == value);
    }
  });
}

}  // namespace
}  // namespace samara
