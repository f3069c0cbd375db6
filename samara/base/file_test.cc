#include "samara/base/file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

namespace samara {
namespace {

TEST(FileTest, WhatWasWrittenIsRead) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "file_test.txt";
  const std::string bytes("line\n\0binary", 12);
  ASSERT_TRUE(write_file(path, bytes).ok());
  EXPECT_EQ(read_file(path).value(), bytes);
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".partial"));
}

TEST(FileTest, ErrorsNameThePath) {
  const Result<std::string> missing = read_file("/no/such/file");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find("/no/such/file"), std::string::npos);
  EXPECT_EQ(write_file("/no/such/folder/file", "x").error().code, ErrorCode::kIo);
}

TEST(FileTest, AFailedWriteLeavesTheOldFile) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "file_test_full.txt";
  ASSERT_TRUE(write_file(path, "old").ok());
  // A file size limit fails a write the way a full disk does, in this process only.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit tiny{16, before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &tiny);
  const Status status = write_file(path, std::string(100000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_EQ(read_file(path).value(), "old");
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".partial"));
}

TEST(FileTest, OversizedFilesAreRefused) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "file_test_large.txt";
  ASSERT_TRUE(write_file(path, std::string(1000, 'x')).ok());
  EXPECT_EQ(read_file(path, 999).error().code, ErrorCode::kInvalidData);
  EXPECT_TRUE(read_file(path, 1000).ok());
}

}  // namespace
}  // namespace samara
