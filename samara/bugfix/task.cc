#include "samara/bugfix/task.h"

#include <toml++/toml.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "samara/base/file.h"
#include "samara/base/text.h"

namespace samara::bugfix {

/// Made by embed_tasks.cmake: path below tasks/, text.
extern const std::span<const std::pair<std::string_view, std::string_view>> kBundledFiles;

namespace {

using nlohmann::json;

constexpr std::size_t kLargestFile = std::size_t{1} << 23;

bool is_name(std::string_view text) {
  const auto may_start = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && may_start(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return may_start(c) || (c >= '0' && c <= '9');
  });
}

Result<std::string> text_of(const TaskFiles& files, const std::string& name) {
  const auto found = files.texts.find(name);
  if (found == files.texts.end()) {
    return make_error(ErrorCode::kInvalidData, "{} has no {}; docs/bug-fixing.md lists the files of a task",
                      files.where, name);
  }
  if (sanitize_utf8(found->second) != found->second)
    return make_error(ErrorCode::kInvalidData, "{}/{} is not UTF-8 text", files.where, name);
  return found->second;
}

// Keys and values of task.toml.
Status read_settings(const TaskFiles& files, Task& task) {
  SAMARA_TRY(const std::string text, text_of(files, "task.toml"));
  const std::string where = files.where + "/task.toml";
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::kInvalidData, "{}, line {}: {}", where, error.source().begin.line,
                      error.description());
  }
  const std::vector<std::string> known{"function", "message", "names"};
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::optional<std::string> nearest = nearest_name(name, known);
    return make_error(ErrorCode::kInvalidData, "{}: unknown key '{}'{}", where, name,
                      nearest ? fmt::format(", did you mean '{}'?", *nearest)
                              : "; the keys are function, message and names");
  }
  const std::optional<std::string> function = table["function"].value<std::string>();
  if (!function || !is_name(*function)) {
    return make_error(ErrorCode::kInvalidData,
                      "{}: the key 'function' must be the name of the function that the cases call", where);
  }
  task.function = *function;
  if (table.contains("message")) {
    const std::optional<std::string> message = table["message"].value<std::string>();
    if (!message || message->empty() || one_line(*message, message->size()) != *message) {
      return make_error(ErrorCode::kInvalidData, "{}: the key 'message' must be one line of text", where);
    }
    task.hint.message = *message;
  }
  if (table.contains("names")) {
    const Error wrong =
        make_error(ErrorCode::kInvalidData, "{}: the key 'names' must be a list of variable names", where);
    const toml::array* names = table["names"].as_array();
    if (names == nullptr) return wrong;
    for (const toml::node& node : *names) {
      const std::optional<std::string> name = node.value<std::string>();
      if (!name || !is_name(*name)) return wrong;
      task.hint.names.push_back(*name);
    }
  }
  return {};
}

Status read_programs(const TaskFiles& files, Task& task) {
  SAMARA_TRY(std::string correct, text_of(files, "correct.py"));
  task.correct = Program(std::move(correct));
  std::size_t versions = 0;
  for (const auto& [name, text] : files.texts) {
    if (name.starts_with("buggy_") && name.ends_with(".py")) ++versions;
  }
  for (std::size_t bugs = 1; bugs <= std::max<std::size_t>(1, versions); ++bugs) {
    SAMARA_TRY(std::string buggy, text_of(files, fmt::format("buggy_{}.py", bugs)));
    task.buggy.emplace_back(std::move(buggy));
  }
  return {};
}

// The Python literal with a value's meaning. A JSON string is one already, as numbers are.
std::string python_literal(const json& value) {
  const auto join = [](const auto& items, const auto& text) {
    std::string joined;
    for (const auto& item : items) joined += (joined.empty() ? "" : ", ") + text(item);
    return joined;
  };
  switch (value.type()) {
    case json::value_t::null:
      return "None";
    case json::value_t::boolean:
      return value.get<bool>() ? "True" : "False";
    case json::value_t::array:
      return "[" + join(value, python_literal) + "]";
    case json::value_t::object:
      return "{" +
             join(value.items(),
                  [](const auto& item) {
                    return json(item.key()).dump() + ": " + python_literal(item.value());
                  }) +
             "}";
    default:
      return value.dump();
  }
}

Status read_cases(const TaskFiles& files, Task& task) {
  SAMARA_TRY(const std::string text, text_of(files, "cases.json"));
  const std::string where = files.where + "/cases.json";
  if (json_depth(text) > kMaxDepth)
    return make_error(ErrorCode::kInvalidData, "{} is nested deeper than {} levels", where, kMaxDepth);
  json cases;
  try {
    cases = json::parse(text);
  } catch (const json::exception& error) {
    return make_error(ErrorCode::kInvalidData, "{} is no JSON: {}", where, error.what());
  }
  if (!cases.is_array() || cases.empty()) {
    return make_error(ErrorCode::kInvalidData,
                      "{} must be a list of cases, {{\"args\": [...], \"expected\": ...}}", where);
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const json& one = cases[i];
    const auto wrong = [&](std::string_view what) {
      return make_error(ErrorCode::kInvalidData, "{}, case {}: {}", where, i + 1, what);
    };
    if (!one.is_object()) return wrong("must be an object with the keys 'args' and 'expected'");
    if (!one.contains("args") || !one["args"].is_array()) return wrong("the key 'args' must be a list");
    if (!one.contains("expected")) return wrong("the key 'expected' is missing");
    for (const auto& [key, value] : one.items()) {
      if (key != "args" && key != "expected") return wrong(fmt::format("unknown key '{}'", key));
    }
    const std::string list = python_literal(one["args"]);
    task.cases.push_back({list.substr(1, list.size() - 2), one["expected"]});
  }
  return {};
}

Result<TaskFiles> read_folder(const std::filesystem::path& folder) {
  TaskFiles files{folder.string(), {}};
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".py" && extension != ".toml" && extension != ".json") continue;
    SAMARA_TRY(files.texts[entry.path().filename().string()], read_file(entry.path(), kLargestFile));
  }
  if (failed)
    return make_error(ErrorCode::kIo, "cannot read the folder {}: {}", folder.string(), failed.message());
  return files;
}

Result<Task> load_task(const std::filesystem::path& folder, std::string name, std::string group) {
  SAMARA_TRY(const TaskFiles files, read_folder(folder));
  SAMARA_TRY(Task task, parse_task(files));
  task.name = std::move(name);
  task.group = std::move(group);
  return task;
}

std::vector<Task> parse_bundled() {
  std::map<std::string, TaskFiles> folders;
  for (const auto& [path, text] : kBundledFiles) {
    const std::size_t slash = path.rfind('/');
    TaskFiles& files = folders[std::string(path.substr(0, slash))];
    files.where = path.substr(0, slash);
    files.texts.emplace(path.substr(slash + 1), text);
  }
  std::vector<Task> tasks;
  for (const auto& [name, files] : folders) {
    Result<Task> task = parse_task(files);
    SAMARA_CHECK(task.ok());  // a test loads them
    task->name = name;
    task->group = name.substr(0, name.find('/'));
    tasks.push_back(std::move(task).value());
  }
  // In the order in which people read the results: the paper's two first.
  std::stable_partition(tasks.begin(), tasks.end(), [](const Task& task) { return task.name == task.group; });
  return tasks;
}

}  // namespace

Result<Task> parse_task(const TaskFiles& files) {
  Task task;
  SAMARA_TRY_STATUS(read_settings(files, task));
  SAMARA_TRY_STATUS(read_programs(files, task));
  SAMARA_TRY_STATUS(read_cases(files, task));
  return task;
}

Result<std::vector<Task>> load_tasks(const std::filesystem::path& folder) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::canonical(folder, failed);
  if (failed || !std::filesystem::is_directory(whole)) {
    return make_error(ErrorCode::kNotFound, "there is no folder {} with tasks", folder.string());
  }
  const std::string group = whole.filename().string();
  std::vector<Task> tasks;
  const auto holds = [&](const char* name) { return std::filesystem::exists(whole / name, failed); };
  if (holds("task.toml") || holds("correct.py") || holds("cases.json")) {
    SAMARA_TRY(Task task, load_task(folder, group, group));
    tasks.push_back(std::move(task));
    return tasks;
  }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(whole, failed)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && name[0] != '.' && name[0] != '_') names.push_back(name);
  }
  if (failed)
    return make_error(ErrorCode::kIo, "cannot read the folder {}: {}", folder.string(), failed.message());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    SAMARA_TRY(Task task, load_task(folder / name, group + "/" + name, group));
    tasks.push_back(std::move(task));
  }
  if (tasks.empty()) {
    return make_error(ErrorCode::kInvalidData, "{} has neither a task.toml nor folders with one",
                      folder.string());
  }
  return tasks;
}

const std::vector<Task>& bundled_tasks() {
  static const std::vector<Task> tasks = parse_bundled();
  return tasks;
}

}  // namespace samara::bugfix
