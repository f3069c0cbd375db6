// Candidates that misbehave, run through a whole task: each ends as the right outcome, leaves nothing behind,
// and costs the next one nothing. To add a hole that somebody found: one row in kHostile.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "samara/base/file.h"
#include "samara/domain/task/task_domain.h"

namespace samara::task {
namespace {

constexpr const char* kEvaluator = R"(
import importlib.util, os, time
LOADED = time.monotonic()  # another one when a candidate has cost its keeper's life
def evaluate(path):
    specification = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return {"combined_score": module.f(3), "loaded": LOADED, "processors": len(os.sched_getaffinity(0)),
            "left": len(os.listdir(os.getcwd())) + len(os.listdir("/tmp"))}
)";

constexpr const char* kTask = R"(
[evaluator]
python = "evaluator.py"
[limits]
cpu_seconds = 1
wall_seconds = 6
memory_mb = 300
address_space_mb = 1000
processes = 16
file_mb = 4
writable_mb = 16
)";

struct Hostile {
  const char* name;
  const char* program;
  std::vector<Outcome> outcomes;  ///< any of these
};

const Outcome kScored = Outcome::kAccepted;  // stands for a score here

const std::vector<Hostile>& hostile() {
  static const std::vector<Hostile> kHostile = {
      {"loops", "while True: pass", {Outcome::kTimeLimit}},
      {"sleeps", "import time\ntime.sleep(100)", {Outcome::kTimeLimit}},
      {"raises", "def f(x): return 1 / 0", {Outcome::kRuntimeError}},
      {"does not compile", "def f(x:", {Outcome::kSyntaxError}},
      {"no function", "g = 1", {Outcome::kRuntimeError}},
      {"exits early with success", "import os\nos._exit(0)", {Outcome::kCrashed}},
      {"exits by exception", "raise SystemExit(0)", {Outcome::kRuntimeError}},
      {"segmentation fault", "import ctypes\nctypes.string_at(0)", {Outcome::kCrashed}},
      {"kills itself", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", {Outcome::kCrashed}},
      {"ignores its limit of CPU time",
       "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
       {Outcome::kTimeLimit}},
      {"has children that leave no trace and do little",
       "import os, signal, time\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nfor _ in range(8):\n"
       "    if os.fork() == 0:\n        time.sleep(0.3)\n        os._exit(0)\n    time.sleep(0.1)\nf = "
       "lambda x: 1",
       {kScored}},
      {"hogs memory",
       "a = []\nwhile True: a.append(bytearray(10**7))",
       {Outcome::kMemoryLimit, Outcome::kTimeLimit}},
      {"hogs memory in other processes",
       "import os, time\nfor i in range(8):\n    if os.fork() == 0:\n        a = bytearray(b'1') * "
       "90_000_000\n        "
       "time.sleep(60)\ntime.sleep(60)",
       {Outcome::kMemoryLimit, Outcome::kTimeLimit}},
      {"hides memory in files that have no name",
       "import os\nfor fd in [os.memfd_create('x') for _ in range(200)]: os.write(fd, b'x' * 4_000_000)\n"
       "f = lambda x: 1",
       {Outcome::kRuntimeError, Outcome::kMemoryLimit}},
      {"fork bomb",
       "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
       {Outcome::kTimeLimit, Outcome::kMemoryLimit}},
      {"fork bomb that gives up",
       "import os\nwhile True: os.fork()",
       {Outcome::kRuntimeError, Outcome::kCrashed, Outcome::kTimeLimit, Outcome::kMemoryLimit}},
      {"leaves a zombie and a daemon",
       "import os, time\nif os.fork() == 0: os._exit(0)\nif os.fork() == 0:\n    os.setsid()\n    if "
       "os.fork() == 0:\n"
       "        time.sleep(600)\n    os._exit(0)\nf = lambda x: 1",
       {kScored}},
      {"writes to the system", "open('/usr/hole', 'w')", {Outcome::kForbidden}},
      {"writes to the root", "open('/hole', 'w')", {Outcome::kForbidden}},
      {"writes to the task", "import os\nopen('/task/evaluator.py', 'w')", {Outcome::kForbidden}},
      {"writes to a device", "open('/dev/hole', 'w')", {Outcome::kForbidden}},
      {"writes a large file", "open('large', 'wb').write(b'x' * 10**7)", {Outcome::kForbidden}},
      {"fills the temporary folder",
       "for i in range(100): open(f'f{i}', 'wb').write(b'x' * 10**6)",
       {Outcome::kRuntimeError}},
      {"leaves files that resist",
       "import os\nos.makedirs('a/b/c')\nopen('a/b/c/d', 'w').close()\nos.chmod('a/b', "
       "0)\nos.symlink('/usr', "
       "'/tmp/usr')\nopen('/dev/shm/left', 'w').close()\nf = lambda x: 1",
       {kScored}},
      {"leaves a folder that nobody may enter",
       "import os\nos.makedirs('/tmp/locked/inside')\nos.chmod('/tmp/locked', 0)\nf = lambda x: 1",
       {kScored}},
      {"opens a socket", "import socket\nsocket.socket()", {Outcome::kForbidden}},
      {"opens a raw socket",
       "import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
       {Outcome::kForbidden}},
      {"prints without end", "while True: print('x' * 10000)", {Outcome::kTimeLimit}},
      {"prints fake results",
       "print('{\"metrics\": {\"combined_score\": 99}}')\nf = lambda x: 1\n",
       {kScored}},
      {"writes fake results everywhere and leaves",
       "import os\nfor i in range(64):\n    try: os.write(i, b'{\"metrics\": {\"combined_score\": 99}}')\n   "
       " except "
       "OSError: pass\nos._exit(0)",
       {Outcome::kCrashed}},
      {"raises half a character", "def f(x): raise ValueError('\\udcff')", {Outcome::kRuntimeError}},
      {"raises an endless text", "def f(x): raise ValueError('x' * 10**7)", {Outcome::kRuntimeError}},
      {"raises what cannot be said",
       "class E(Exception):\n    def __str__(self): return 1 / 0\ndef f(x): raise E",
       {Outcome::kRuntimeError}},
      {"closes its output", "import sys\nsys.stdout.close()\nsys.stderr = None\nf = lambda x: 1", {kScored}},
      {"closes the way of its answer",
       "import os\nos.closerange(3, 64)\nf = lambda x: 1",
       {Outcome::kCrashed}},
      {"not a number", "f = lambda x: float('nan')", {Outcome::kInvalidPhenotype}},
      {"infinity", "f = lambda x: float('inf')", {Outcome::kInvalidPhenotype}},
      {"text for a number", "f = lambda x: '9' * 100", {Outcome::kInvalidPhenotype}},
      {"an endless result",
       "f = lambda x: 'x' * (1 << 24)",
       {Outcome::kInvalidPhenotype, Outcome::kEvaluationFailed}},
      {"an endless number",
       "f = lambda x: 1 << 100000",
       {Outcome::kInvalidPhenotype, Outcome::kRuntimeError}},
      {"kills its keeper",
       "import os, signal\nfor s in (9, 15, 19, 2, 1, 17): os.kill(1, s)\nf = lambda x: 1",
       {kScored}},
      {"looks into its keeper", "open('/proc/1/mem', 'rb+')", {Outcome::kForbidden}},
      {"reads its keeper's environment", "open('/proc/1/environ').read()", {Outcome::kForbidden}},
      {"limits its keeper",
       "import resource\nresource.prlimit(1, resource.RLIMIT_NOFILE, (1, 1))",
       {Outcome::kForbidden}},
      {"takes its keeper's processors", "import os\nos.sched_setaffinity(1, {0})", {Outcome::kForbidden}},
      {"traces its keeper",
       "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nif libc.ptrace(16, 1, 0, 0) == -1: raise "
       "PermissionError\nf = lambda x: 1",
       {Outcome::kForbidden}},
      {"makes a namespace",
       "import ctypes\nlibc = ctypes.CDLL(None)\nif libc.unshare(0x10000000) == -1: raise PermissionError\nf "
       "= lambda x: 1",
       {Outcome::kForbidden}},
      {"mounts",
       "import ctypes\nlibc = ctypes.CDLL(None)\nif libc.mount(b'/tmp', b'/mnt', b'', 4096, 0) == -1: raise "
       "PermissionError\nf = lambda x: 1",
       {Outcome::kForbidden}},
      {"becomes root", "import os\nos.setuid(0)", {Outcome::kForbidden}},
      {"reads passwords", "open('/etc/shadow').read()", {Outcome::kRuntimeError, Outcome::kForbidden}},
  };
  return kHostile;
}

class HostileTasksTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ::setenv("OPENAI_API_KEY", "secret-of-the-user", 1);
    folder_ = std::filesystem::path(testing::TempDir()) / fmt::format("hostile_tasks_{}", ::getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    SAMARA_CHECK(write_file(folder_ / "task.toml", kTask).ok());
    SAMARA_CHECK(write_file(folder_ / "program.py", kGood).ok());
    SAMARA_CHECK(write_file(folder_ / "evaluator.py", kEvaluator).ok());
    Result<std::unique_ptr<TaskDomain>> domain = TaskDomain::load(folder_);
    SAMARA_CHECK(domain.ok());
    domain_ = std::move(domain).value().release();
    Result<std::unique_ptr<Evaluator>> evaluator = domain_->make_evaluator(false);
    if (!evaluator.ok()) std::fprintf(stderr, "%s\n", evaluator.error().message.c_str());
    SAMARA_CHECK(evaluator.ok());
    evaluator_ = std::move(evaluator).value().release();
  }
  static void TearDownTestSuite() {
    delete evaluator_;
    delete domain_;
    std::filesystem::remove_all(folder_);
  }

  static Evaluation evaluate(const std::string& source) {
    const Program program(source);
    const Program* const programs[] = {&program};
    return evaluator_->evaluate(programs).value()[0];
  }

  static constexpr const char* kGood = "f = lambda x: x * 2\n";
  inline static std::filesystem::path folder_;
  inline static TaskDomain* domain_ = nullptr;
  inline static Evaluator* evaluator_ = nullptr;
};

TEST_F(HostileTasksTest, EachEndsAsItShouldAndCostsItselfAlone) {
  const Evaluation good = evaluate(kGood);
  ASSERT_TRUE(std::holds_alternative<Score>(good)) << std::get<Failure>(good).message;
  for (const Hostile& row : hostile()) {
    const Evaluation evaluation = evaluate(row.program);
    const Failure* failure = std::get_if<Failure>(&evaluation);
    const Outcome outcome = failure ? failure->outcome : kScored;
    EXPECT_NE(std::find(row.outcomes.begin(), row.outcomes.end(), outcome), row.outcomes.end())
        << row.name << " ended as " << outcome_name(outcome) << ": " << (failure ? failure->message : "");
    if (!failure) {
      EXPECT_LT(std::get<Score>(evaluation).fitness, 99.0) << row.name;
    }
    // The next one is as it would have been, in every bit.
    EXPECT_EQ(evaluate(kGood), good) << "after: " << row.name;
  }
}

TEST_F(HostileTasksTest, WorkInChildrenCountsWhateverBecomesOfThem) {
  // Much wall time: on a busy machine that ended first.
  ASSERT_TRUE(write_file(folder_ / "task.toml", "[limits]\ncpu_seconds = 0.5\nwall_seconds = 100\n").ok());
  const auto domain = TaskDomain::load(folder_).value();
  const auto evaluator = domain->make_evaluator(false).value();
  const auto message_of = [&](const char* settings, double seconds_of_each, double seconds) {
    const Program program(fmt::format(R"(
import ctypes, os, signal, time
{}
for _ in range({}):
    if os.fork() == 0:
        while time.process_time() < {}: pass
        os._exit(0)
    try: os.wait()  # for the end of all, where they are not kept
    except ChildProcessError: pass
f = lambda x: 1
)",
                                      settings, static_cast<int>(seconds / seconds_of_each),
                                      seconds_of_each));
    const Program* const programs[] = {&program};
    const Evaluation evaluation = evaluator->evaluate(programs).value()[0];
    const Failure* failure = std::get_if<Failure>(&evaluation);
    return failure ? failure->message : "scored";
  };
  constexpr const char* kIgnored = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)";
  constexpr const char* kNotKept =  // sigaction() with SA_NOCLDWAIT, which /proc does not show
      "action = ctypes.create_string_buffer(152)\naction[136] = 2\n"
      "ctypes.CDLL(None).sigaction(signal.SIGCHLD, action, None)";
  const std::string too_much = "used more than 0.5 s of CPU time";
  EXPECT_EQ(message_of("", 0.02, 3.0), too_much);
  EXPECT_EQ(message_of(kIgnored, 0.3, 3.0), too_much);
  EXPECT_EQ(message_of(kIgnored, 0.02, 3.0), too_much);
  EXPECT_EQ(message_of(kNotKept, 0.02, 3.0), too_much);
  EXPECT_EQ(message_of("", 0.01, 0.1), "scored");
}

TEST_F(HostileTasksTest, NoSecretReachesACandidate) {
  const Evaluation evaluation = evaluate(
      "import os, glob\n"
      "text = str(dict(os.environ))\n"
      "for path in glob.glob('/proc/[0-9]*/environ'):\n"
      "    try: text += open(path).read()\n"
      "    except OSError: pass\n"
      "def f(x):\n    raise ValueError(text)\n");
  ASSERT_TRUE(std::holds_alternative<Failure>(evaluation));
  const Failure& failure = std::get<Failure>(evaluation);
  EXPECT_NE(failure.details.find("HOME"), std::string::npos) << failure.details;
  EXPECT_EQ(failure.details.find("secret-of-the-user"), std::string::npos);
  EXPECT_EQ(failure.details.find("API_KEY"), std::string::npos);
}

TEST_F(HostileTasksTest, WhatAFailureSaidIsInItsDetails) {
  const Evaluation evaluation = evaluate(
      "import sys\nprint('to stdout')\nprint('to stderr', file=sys.stderr)\ndef f(x): return deep(x)\ndef "
      "deep(x): raise KeyError('lost')\n");
  const Failure& failure = std::get<Failure>(evaluation);
  EXPECT_EQ(failure.message, "KeyError: 'lost'");
  const auto artifacts = nlohmann::json::parse(failure.details)["artifacts"];
  EXPECT_NE(artifacts["traceback"].get<std::string>().find("in deep"), std::string::npos);
  EXPECT_NE(artifacts["stdout"].get<std::string>().find("to stdout"), std::string::npos);
  EXPECT_NE(artifacts["stderr"].get<std::string>().find("to stderr"), std::string::npos);
}

TEST_F(HostileTasksTest, ChanceIsTheSameForTheSameProgram) {
  const std::string program =
      "import random, os, secrets, uuid\nv = random.random() + int.from_bytes(os.urandom(4), 'big') + "
      "secrets.randbelow(10**6) + random.SystemRandom().random()\nf = lambda x: v\n";
  EXPECT_EQ(evaluate(program), evaluate(program));
  EXPECT_NE(std::get<Score>(evaluate(program)).fitness, std::get<Score>(evaluate(program + "\n")).fitness);
}

}  // namespace
}  // namespace samara::task
