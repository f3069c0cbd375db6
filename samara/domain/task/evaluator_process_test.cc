// Evaluators of a Samara that is killed: whatever they are at, all of their processes end with it.
#include "samara/domain/task/evaluator_process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "samara/base/file.h"

namespace samara::task {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience{60'000};  // for whatever a busy machine may take to get there
constexpr milliseconds kEnd{5'000};        // what takes milliseconds, on such a machine

/// Waits in C, without letting go of the interpreter, beside a process that tells that it has come so far.
constexpr const char* kHang =
    "import ctypes, subprocess\nsubprocess.Popen(['sleep', '1000'])\nctypes.PyDLL(None).pause()\n";

std::vector<pid_t> children_of(pid_t process) {
  std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", process));
  return {std::istream_iterator<pid_t>(file), {}};
}

/// Whether the process or one that descends from it has this name.
bool runs(pid_t process, std::string_view name) {
  std::string its_name;
  std::ifstream(fmt::format("/proc/{}/comm", process)) >> its_name;
  if (its_name == name) return true;
  const std::vector<pid_t> children = children_of(process);
  return std::any_of(children.begin(), children.end(), [&](pid_t child) { return runs(child, name); });
}

bool within(milliseconds patience, const std::function<bool()>& condition) {
  const steady_clock::time_point until = steady_clock::now() + patience;
  while (!condition()) {
    if (steady_clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

class KilledSamaraTest : public testing::Test {
 protected:
  KilledSamaraTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // who outlives its parent becomes a child of this process
  }
  ~KilledSamaraTest() override {
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    std::filesystem::remove_all(folder_);
  }

  /// A process that starts this evaluator and measures a program with it, over and over.
  pid_t start(const std::string& evaluator) const {
    SAMARA_CHECK(write_file(folder_ / "evaluator.py", evaluator).ok());
    const pid_t samara = ::fork();
    if (samara != 0) return samara;
    TaskSpec spec;
    spec.evaluator.file = "evaluator.py";
    const auto process = EvaluatorProcess::start(spec, folder_, false);
    while (process.ok() && (*process)->measure({{"program.py", ""}}, "evaluate", 0).ok()) {
      if (evaluator == kIdle) ::prctl(PR_SET_NAME, "idle");
      if (evaluator == kIdle) ::pause();
    }
    ::_exit(1);
  }

  /// Kills it, and waits for the end of all that it started; false when some of these stay.
  static bool all_end_with(pid_t samara) {
    ::kill(samara, SIGKILL);
    const auto none_left = [] {
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      return errno == ECHILD;
    };
    if (within(kEnd, none_left)) return true;
    within(kPatience, [&] {
      for (const pid_t left : children_of(::getpid())) ::kill(left, SIGKILL);
      return none_left();
    });
    return false;
  }

  static constexpr const char* kIdle = "def evaluate(path): return {'a': 1}\n";
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / fmt::format("killed_samara_{}", ::getpid());
};

TEST_F(KilledSamaraTest, NothingIsLeftOfAnEvaluatorThatStarts) {
  for (const int pause : {1, 10, 20, 40, 80, 160, 320}) {
    const pid_t samara = start(kIdle);
    std::this_thread::sleep_for(milliseconds(pause));
    EXPECT_TRUE(all_end_with(samara)) << "killed after " << pause << " ms";
  }
}

TEST_F(KilledSamaraTest, NothingIsLeftOfAnEvaluatorThatHangsWhileItIsLoaded) {
  const pid_t samara = start(kHang);
  ASSERT_TRUE(within(kPatience, [&] { return runs(samara, "sleep"); }));
  EXPECT_TRUE(all_end_with(samara));
}

TEST_F(KilledSamaraTest, NothingIsLeftOfAnEvaluatorThatHangsAtAProgram) {
  const pid_t samara = start(fmt::format("def evaluate(path): exec('''{}''')\n", kHang));
  ASSERT_TRUE(within(kPatience, [&] { return runs(samara, "sleep"); }));
  EXPECT_TRUE(all_end_with(samara));
}

TEST_F(KilledSamaraTest, NothingIsLeftOfAnEvaluatorThatIsIdle) {
  const pid_t samara = start(kIdle);
  ASSERT_TRUE(within(kPatience, [&] { return runs(samara, "idle"); }));
  EXPECT_TRUE(all_end_with(samara));
}

}  // namespace
}  // namespace samara::task
