#include "samara/bugfix/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "samara/base/file.h"

namespace samara::bugfix {
namespace {

using ::testing::HasSubstr;

TaskFiles good_files() {
  return {"tasks/double",
          {{"task.toml", "function = \"double\"\nmessage = \"Repaired.\"\nnames = [\"z\"]\n"},
           {"correct.py", "def double(x):\n    return x * 2\n"},
           {"buggy_1.py", "def double(x):\n    return x * 3\n"},
           {"buggy_2.py", "def double(x):\n    return y * 3\n"},
           {"cases.json", "[{\"args\": [1], \"expected\": 2}, {\"args\": [4], \"expected\": 8}]"}}};
}

std::string error_of(const TaskFiles& files) {
  const Result<Task> task = parse_task(files);
  if (task.ok()) return "no error";
  EXPECT_EQ(task.error().code, ErrorCode::kInvalidData);
  return task.error().message;
}

TEST(TaskTest, FilesBecomeATask) {
  const Result<Task> task = parse_task(good_files());
  ASSERT_TRUE(task.ok()) << task.error().message;
  EXPECT_EQ(task->function, "double");
  EXPECT_EQ(task->hint, (Hint{"Repaired.", {"z"}}));
  EXPECT_EQ(task->levels(), 2U);
  EXPECT_THAT(task->buggy[1].source(), HasSubstr("y * 3"));
  ASSERT_EQ(task->cases.size(), 2U);
  EXPECT_EQ(task->cases[1].arguments, "4");
  EXPECT_EQ(task->cases[1].expected, 8);
}

TEST(TaskTest, TheMessageMayBeLeftOut) {
  TaskFiles files = good_files();
  files.texts["task.toml"] = "function = \"double\"\n";
  const Result<Task> task = parse_task(files);
  ASSERT_TRUE(task.ok()) << task.error().message;
  EXPECT_EQ(task->hint.message, "Fixed bugs.");
  EXPECT_TRUE(task->hint.names.empty());
}

TEST(TaskTest, ArgumentsBecomePython) {
  TaskFiles files = good_files();
  files.texts["cases.json"] =
      R"([{"args": [null, true, false, -1, 0.5, "a\"\n\u00e9\ud83d\ude00", [1, [2]], {"k": [], "l": {}}], "expected": 0}])";
  const Result<Task> task = parse_task(files);
  ASSERT_TRUE(task.ok()) << task.error().message;
  EXPECT_EQ(task->cases[0].arguments,
            "None, True, False, -1, 0.5, \"a\\\"\\n\u00e9\U0001F600\", [1, [2]], {\"k\": [], \"l\": {}}");
}

TEST(TaskTest, ErrorsNameTheFileAndTheKey) {
  struct Row {
    std::string file, text;
    std::vector<std::string> said;
  };
  const Row rows[] = {
      {"task.toml",
       "function = \"double\"\nmesage = \"x\"\n",
       {"tasks/double/task.toml", "'mesage'", "'message'"}},
      {"task.toml", "function = \"double\"\ncolour = 1\n", {"tasks/double/task.toml", "'colour'"}},
      {"task.toml", "message = \"x\"\n", {"task.toml", "'function'"}},
      {"task.toml", "function = \"a b\"\n", {"task.toml", "'function'"}},
      {"task.toml", "function = 3\n", {"task.toml", "'function'"}},
      {"task.toml", "function = \"f\"\nmessage = \"a\\nb\"\n", {"task.toml", "'message'"}},
      {"task.toml", "function = \"f\"\nmessage = []\n", {"task.toml", "'message'"}},
      {"task.toml", "function = \"f\"\nnames = \"x\"\n", {"task.toml", "'names'"}},
      {"task.toml", "function = \"f\"\nnames = [\"x\", 1]\n", {"task.toml", "'names'"}},
      {"task.toml", "function = \"f\"\n\nmessage = oops\n", {"task.toml", "line 3"}},
      {"cases.json", "[{\"args\": [1], \"expected\": 2}", {"cases.json", "JSON"}},
      {"cases.json", "[]", {"cases.json", "list of cases"}},
      {"cases.json", "{\"args\": []}", {"cases.json", "list of cases"}},
      {"cases.json", "[{\"args\": [1], \"expected\": 2}, {\"args\": [1]}]", {"case 2", "'expected'"}},
      {"cases.json", "[{\"args\": 1, \"expected\": 2}]", {"case 1", "'args'"}},
      {"cases.json", "[{\"expected\": 2}]", {"case 1", "'args'"}},
      {"cases.json", "[{\"args\": [], \"expected\": 2, \"input\": 3}]", {"case 1", "'input'"}},
      {"cases.json", "[7]", {"case 1"}},
      {"cases.json",
       "[{\"args\": [" + std::string(100, '[') + std::string(100, ']') + "], \"expected\": 1}]",
       {"nested"}},
      {"cases.json", std::string(1 << 20, '['), {"cases.json"}},
      {"correct.py", "x = '\xff'\n", {"correct.py", "UTF-8"}},
  };
  for (const Row& row : rows) {
    TaskFiles files = good_files();
    files.texts[row.file] = row.text;
    const std::string error = error_of(files);
    for (const std::string& part : row.said) EXPECT_THAT(error, HasSubstr(part)) << row.text.substr(0, 60);
  }
}

TEST(TaskTest, EveryFileIsNeeded) {
  for (const char* name : {"task.toml", "correct.py", "buggy_1.py", "cases.json"}) {
    TaskFiles files = good_files();
    files.texts.erase(name);
    EXPECT_THAT(error_of(files), HasSubstr(std::string("tasks/double has no ") + name));
  }
}

/// A folder that disappears with the object.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / fmt::format("samara-task-test-{}", getpid())) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }
  void add(const std::string& name, const TaskFiles& files) const {
    std::filesystem::create_directories(path_ / name);
    for (const auto& [file, text] : files.texts) EXPECT_TRUE(write_file(path_ / name / file, text).ok());
  }

 private:
  std::filesystem::path path_;
};

TEST(LoadTasksTest, AFolderOfTasksOrOneTask) {
  const Folder folder;
  folder.add("second", good_files());
  folder.add("first", good_files());
  folder.add(".git", {});
  folder.add("__pycache__", {});
  const Result<std::vector<Task>> tasks = load_tasks(folder.path());
  ASSERT_TRUE(tasks.ok()) << tasks.error().message;
  const std::string group = folder.path().filename().string();
  ASSERT_EQ(tasks->size(), 2U);
  EXPECT_EQ((*tasks)[0].name, group + "/first");
  EXPECT_EQ((*tasks)[1].group, group);

  const Result<std::vector<Task>> one = load_tasks(folder.path() / "second/");
  ASSERT_TRUE(one.ok()) << one.error().message;
  ASSERT_EQ(one->size(), 1U);
  EXPECT_EQ((*one)[0].name, "second");
  EXPECT_EQ((*one)[0].correct.id(), parse_task(good_files())->correct.id());
}

TEST(LoadTasksTest, WhatIsNoTaskIsAnError) {
  const Folder folder;
  EXPECT_THAT(load_tasks(folder.path()).error().message, HasSubstr("neither a task.toml nor folders"));
  folder.add("notes", {"", {{"readme.txt", "hello"}}});
  EXPECT_THAT(load_tasks(folder.path()).error().message, HasSubstr("notes has no task.toml"));
  EXPECT_EQ(load_tasks(folder.path() / "nowhere").error().code, ErrorCode::kNotFound);
}

TEST(BundledTasksTest, ThePapersTwoAndAtLeastFortyOthers) {
  std::map<std::string, int> groups;
  std::set<std::string> names;
  for (const Task& task : bundled_tasks()) {
    ++groups[task.group];
    EXPECT_TRUE(names.insert(task.name).second) << task.name;
    EXPECT_LE(task.levels(), 5U) << task.name;
    EXPECT_GE(task.cases.size(), 3U) << task.name;
  }
  EXPECT_EQ(groups["parity"], 1);
  EXPECT_EQ(groups["quadratic"], 1);
  EXPECT_GE(groups["heldout"], 40);
}

// elm-paper.md's facts: which bugs, in which order.
TEST(BundledTasksTest, ParityAndQuadraticHaveThePapersBugs) {
  const auto replaced = [](std::string text, const std::string& old, const std::string& now,
                           std::size_t from) { return text.replace(text.find(old, from), old.size(), now); };
  for (const Task& task : bundled_tasks()) {
    std::string text = task.correct.source();
    if (task.name == "parity") {
      ASSERT_EQ(task.levels(), 5U);
      for (int k = 1; k <= 4; ++k) {
        text = replaced(text, fmt::format("b{}", k), fmt::format("c{}", k), text.find("sum(["));
        EXPECT_EQ(task.buggy[static_cast<std::size_t>(k) - 1].source(), text);
      }
      EXPECT_EQ(task.buggy[4].source(), replaced(text, "% 2", "% 3", 0));
      EXPECT_EQ(task.cases.size(), 16U);
      EXPECT_EQ(task.hint.names, (std::vector<std::string>{"c1", "c2", "c3", "c4"}));
    } else if (task.name == "quadratic") {
      ASSERT_EQ(task.levels(), 2U);
      for (std::size_t k = 0; k < 2; ++k) {
        text = replaced(text, " + ", " - ", 0);
        EXPECT_EQ(task.buggy[k].source(), text);
      }
    }
  }
}

}  // namespace
}  // namespace samara::bugfix
