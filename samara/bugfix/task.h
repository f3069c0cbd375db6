// Task: one entry of the bug-fixing benchmark: a function, versions of it with bugs, and cases that tell them
// apart. Read docs/bug-fixing.md for the folder that a task is read from, then judge.h for how a version is
// tried. Plain values; loading is a function of the files alone and runs none of them.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "samara/base/result.h"
#include "samara/program/program.h"

namespace samara::bugfix {

/// Levels of nesting in cases.json, and so in what a right answer returns.
inline constexpr int kMaxDepth = 64;

/// What an operator may know of a task beside the program that it changes.
struct Hint {
  std::string message = "Fixed bugs.";  ///< the commit message
  std::vector<std::string> names;       ///< more terminals for genetic programming
  friend bool operator==(const Hint&, const Hint&) = default;
};

/// A call of the function and what it has to return.
struct Case {
  std::string arguments;    ///< Python text: `0, [1, 2], "a"`
  nlohmann::json expected;  ///< compared by returns_the_same()
};

struct Task {
  std::string name;      ///< e.g. "heldout/rotate"; unique among the tasks of a benchmark
  std::string group;     ///< e.g. "heldout"; tasks of a group are summed up together
  std::string function;  ///< what the cases call
  Hint hint;
  Program correct{""};
  std::vector<Program> buggy;  ///< buggy[k - 1] has k bugs; at least one
  std::vector<Case> cases;     ///< at least one

  std::size_t levels() const { return buggy.size(); }
};

/// The files of a task's folder by their names, and where they come from, for messages.
struct TaskFiles {
  std::string where;
  std::map<std::string, std::string> texts;
};

/// Name and group are left for the caller. Errors: kInvalidData, naming the file and the key or the case.
Result<Task> parse_task(const TaskFiles& files);

/// The task in a folder, or the tasks in the folders of a folder, by name; the group is the outer folder's
/// name. Folders whose names begin with '.' or '_' are left out. Errors: kNotFound, kInvalidData, kIo.
Result<std::vector<Task>> load_tasks(const std::filesystem::path& folder);

/// The tasks that come with Samara: groups "parity", "quadratic" and "heldout".
const std::vector<Task>& bundled_tasks();

}  // namespace samara::bugfix
