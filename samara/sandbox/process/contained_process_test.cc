#include "samara/sandbox/process/contained_process.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace samara::sandbox {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};

ContainedProcess start(const std::string& script, Containment containment = {}) {
  Result<ContainedProcess> process = ContainedProcess::start({"/bin/sh", "-c", script}, containment);
  if (!process.ok()) std::fprintf(stderr, "%s\n", process.error().message.c_str());
  return std::move(process).value();
}

/// What it prints until it ends.
std::string output(ContainedProcess process) {
  std::string text;
  while (true) {
    const Result<std::string> byte = process.receive(1, kPatience);
    if (!byte.ok()) return text;
    text += *byte;
  }
}

TEST(ContainedProcessTest, MessagesGoInAndComeBack) {
  ContainedProcess process = start("cat");
  ASSERT_TRUE(process.send("hello", kPatience).ok());
  EXPECT_EQ(process.receive(5, kPatience).value(), "hello");
  const std::string large(1 << 16, 'x');
  ASSERT_TRUE(process.send(large, kPatience).ok());
  EXPECT_EQ(process.receive(large.size(), kPatience).value(), large);
}

TEST(ContainedProcessTest, NothingOfOurEnvironmentGetsThere) {
  ::setenv("SAMARA_TEST_API_KEY", "secret", 1);
  Containment containment;
  containment.environment = {{"GIVEN", "this"}, {"PATH", "/usr/bin"}};
  const std::string text = output(start("env", containment));
  EXPECT_NE(text.find("GIVEN=this"), std::string::npos);
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
  EXPECT_EQ(text.find("HOME"), std::string::npos) << text;
}

TEST(ContainedProcessTest, OnlyItsTemporaryFolderCanBeWritten) {
  const std::string text = output(start(
      "for d in /tmp /dev/shm / /usr /etc /dev /proc; do (echo > $d/x) 2> /dev/null && echo wrote $d; done"));
  EXPECT_EQ(text, "wrote /tmp\nwrote /dev/shm\n");
}

TEST(ContainedProcessTest, ItIsAloneWithoutNetwork) {
  EXPECT_EQ(output(start("set -- /proc/[0-9]*; echo $#; grep -c : /proc/net/dev")), "1\n1\n");  // itself; lo
}

TEST(ContainedProcessTest, WhatIsGivenCanBeReadAndNotChanged) {
  Containment containment;
  containment.readable["/given/deep/folder"] = "/usr/share";
  containment.working_folder = "/given/deep/folder";
  EXPECT_EQ(output(start("pwd; echo > x || echo no", containment)), "/given/deep/folder\nno\n");
}

TEST(ContainedProcessTest, AnEndAndAStallAreDifferentErrors) {
  ContainedProcess gone = start("echo why >&2; exit 3");
  EXPECT_EQ(gone.receive(1, kPatience).error().code, ErrorCode::kIo);
  EXPECT_EQ(gone.error_text(), "why\n");
  ContainedProcess stalled = start("sleep 1000");
  EXPECT_EQ(stalled.receive(1, milliseconds(50)).error().code, ErrorCode::kTimeout);
}

TEST(ContainedProcessTest, AFullErrorStreamDoesNotStopIt) {
  EXPECT_EQ(output(start("head -c 1000000 /dev/zero >&2; echo done")), "done\n");
}

}  // namespace
}  // namespace samara::sandbox
