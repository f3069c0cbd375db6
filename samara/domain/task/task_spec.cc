#include "samara/domain/task/task_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iterator>
#include <limits>
#include <sstream>

#include "samara/base/text.h"
#include "samara/patch/regions.h"

namespace samara::task {
namespace {

/// Reads one table: what is not asked for is an unknown key. The first fault is kept and the rest passed
/// over.
class Table {
 public:
  Table(const toml::table& table, std::string prefix, const std::string& file, std::optional<Error>& fault)
      : table_(table), prefix_(std::move(prefix)), file_(file), fault_(fault) {}

  void text(std::string_view key, std::string& target) {
    take(key, "a string", [&](const toml::node& node) {
      const auto value = node.value_exact<std::string>();
      if (value) target = *value;
      return value.has_value();
    });
  }
  void flag(std::string_view key, bool& target) {
    take(key, "true or false", [&](const toml::node& node) {
      const auto value = node.value_exact<bool>();
      if (value) target = *value;
      return value.has_value();
    });
  }
  void number(std::string_view key, double& target, double low, double high) {
    take(key, fmt::format("a number from {} to {}", low, high), [&](const toml::node& node) {
      const auto value = node.is_number() ? node.value<double>() : std::nullopt;
      if (!value || !(*value >= low && *value <= high)) return false;
      target = *value;
      return true;
    });
  }
  void number(std::string_view key, std::optional<double>& target) {
    take(key, "a finite number", [&](const toml::node& node) {
      const auto value = node.is_number() ? node.value<double>() : std::nullopt;
      if (!value || !std::isfinite(*value)) return false;
      target = *value;
      return true;
    });
  }
  void whole(std::string_view key, std::uint32_t& target, std::uint32_t low, std::uint32_t high) {
    take(key, fmt::format("a whole number from {} to {}", low, high), [&](const toml::node& node) {
      const auto value = node.value_exact<std::int64_t>();
      if (!value || *value < low || *value > high) return false;
      target = static_cast<std::uint32_t>(*value);
      return true;
    });
  }
  /// A list of strings; one string counts as a list of itself.
  void texts(std::string_view key, std::vector<std::string>& target) {
    take(key, "a string or a list of strings", [&](const toml::node& node) {
      if (const auto one = node.value_exact<std::string>()) {
        target = {*one};
        return true;
      }
      const toml::array* array = node.as_array();
      if (!array) return false;
      target.clear();
      for (const toml::node& element : *array) {
        const auto value = element.value_exact<std::string>();
        if (!value) return false;
        target.push_back(*value);
      }
      return true;
    });
  }
  using Entry = std::function<bool(std::string name, const toml::node& value)>;
  /// A table with names of the user's own.
  void entries(std::string_view key, const std::string& kind, const Entry& entry) {
    take(key, kind, [&](const toml::node& node) {
      if (!node.is_table()) return false;
      for (const auto& [name, value] : *node.as_table()) {
        if (!entry(std::string(name.str()), value)) return false;
      }
      return true;
    });
  }
  void table(std::string_view key, const std::function<void(Table&)>& read) {
    take(key, "a table", [&](const toml::node& node) {
      if (!node.is_table()) return false;
      Table inner(*node.as_table(), prefix_ + std::string(key) + ".", file_, fault_);
      read(inner);
      inner.refuse_others();
      return true;
    });
  }
  /// False when there are none.
  bool tables(std::string_view key, const std::function<void(Table&)>& read) {
    bool any = false;
    take(key, "a list of tables", [&](const toml::node& node) {
      const toml::array* array = node.as_array();
      if (!array) return false;
      for (const toml::node& element : *array) {
        if (!element.is_table()) return false;
        Table inner(*element.as_table(), prefix_ + std::string(key) + ".", file_, fault_);
        read(inner);
        inner.refuse_others();
        any = true;
      }
      return true;
    });
    return any;
  }
  bool has(std::string_view key) const { return table_.contains(key); }
  bool is_text(std::string_view key) const { return table_[key].is_string(); }
  void refuse(std::string_view key, std::string_view what) {
    const toml::node* node = table_.get(key);
    fail(node ? *node : static_cast<const toml::node&>(table_), fmt::format("'{}{}' {}", prefix_, key, what));
  }

  void refuse_others() {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      const auto nearest = nearest_name(name, known_);
      fail(node, fmt::format("unknown key '{}{}'; {}", prefix_, name,
                             nearest ? fmt::format("did you mean '{}{}'?", prefix_, *nearest)
                                     : fmt::format("known here are {}", fmt::join(known_, ", "))));
    }
  }

 private:
  void take(std::string_view key, std::string_view kind, const std::function<bool(const toml::node&)>& read) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node && !read(*node)) fail(*node, fmt::format("'{}{}' must be {}", prefix_, key, kind));
  }
  void fail(const toml::node& node, std::string_view what) {
    if (fault_) return;
    fault_ = make_error(ErrorCode::kInvalidArgument, "{}:{}: {}", file_, node.source().begin.line, what);
  }

  const toml::table& table_;
  std::string prefix_;
  const std::string& file_;
  std::optional<Error>& fault_;
  std::vector<std::string> known_;
};

bool stays_inside(const std::string& path) {
  const std::filesystem::path normal = std::filesystem::path(path).lexically_normal();
  return !path.empty() && normal.is_relative() && *normal.begin() != "..";
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\u{:04x}", c);
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + '"';
}

std::string list(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) parts.push_back(toml_string(text));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

void read_evaluator(Table& table, EvaluatorSpec& evaluator) {
  const int kinds = table.has("python") + table.has("command") + table.has("shinka");
  if (kinds > 1)
    table.refuse("command", "and others are given: an evaluator is one of python, command and shinka");
  if (table.has("command")) evaluator.kind = EvaluatorKind::kCommand;
  if (table.has("shinka")) evaluator.kind = EvaluatorKind::kShinka;
  table.text("python", evaluator.file);
  table.text("shinka", evaluator.file);
  table.texts("command", evaluator.command);
  if (table.has("command") && evaluator.command.empty()) table.refuse("command", "is empty");
  if (table.is_text("command") && evaluator.command[0].find(' ') != std::string::npos) {
    table.refuse("command",
                 fmt::format("is a list of words: command = {}", list(words(evaluator.command[0]))));
  }
  if (!table.has("command") && !stays_inside(evaluator.file)) {
    table.refuse("python", "must be a file in the task's folder");
  }
  table.text("function", evaluator.stages[0].function);
  std::vector<Stage> stages;
  if (table.tables("stages", [&](Table& stage) {
        stages.emplace_back();
        stage.text("function", stages.back().function);
        stage.number("threshold", stages.back().threshold);
        if (stages.back().function.empty()) stage.refuse("function", "is missing");
      })) {
    evaluator.stages = std::move(stages);
    for (std::size_t i = 0; i + 1 < evaluator.stages.size(); ++i) {
      if (!evaluator.stages[i].threshold) table.refuse("stages", "need a threshold each, but for the last");
    }
    evaluator.stages.back().threshold.reset();
    if (table.has("function"))
      table.refuse("function", "and stages are given; one of them says what is called");
  }
  table.flag("warm", evaluator.warm);
  table.whole("repeats", evaluator.repeats, 1, 1000);
  for (const char* key : {"function", "stages"}) {
    if (table.has("command") && table.has(key)) table.refuse(key, "is of evaluators that are Python files");
  }
  table.text("interpreter", evaluator.python);
  if (!evaluator.python.starts_with('/')) table.refuse("interpreter", "must be an absolute path");
  table.texts("readable", evaluator.readable);
  for (std::string& path : evaluator.readable) {
    if (!path.starts_with('/')) table.refuse("readable", "must name absolute paths");
    std::filesystem::path normal = std::filesystem::path(path).lexically_normal();
    if (!normal.has_filename()) normal = normal.parent_path();
    path = normal.string();
    for (const char* own : {"/", "/dev", "/dev/shm", "/proc", "/tmp"}) {
      if (path == own)
        table.refuse("readable", fmt::format("names {}, which evaluations have of their own", own));
    }
  }
  table.entries("environment", "a table of strings", [&](std::string name, const toml::node& value) {
    const auto text = value.value_exact<std::string>();
    if (text) evaluator.environment[std::move(name)] = *text;
    return text.has_value();
  });
  table.flag("network", evaluator.network);
}

void read_limits(Table& table, EvaluationLimits& limits) {
  table.number("cpu_seconds", limits.cpu_seconds, 0.05, 1e6);
  table.number("wall_seconds", limits.wall_seconds, 0.05, 1e6);
  table.whole("memory_mb", limits.memory_mb, 64, 1u << 20);
  table.whole("address_space_mb", limits.address_space_mb, 0, 1u << 30);
  table.whole("processes", limits.processes, 1, 100'000);
  table.whole("file_mb", limits.file_mb, 1, 1u << 20);
  table.whole("writable_mb", limits.writable_mb, 1, 1u << 20);
}

void read_behavior(Table& table, BehaviorSpec& behavior) {
  table.text("name", behavior.name);
  if (behavior.name.empty()) table.refuse("name", "is missing");
  table.number("low", behavior.low);
  table.number("high", behavior.high);
  table.whole("bins", behavior.bins, 1, 10'000);
  if (!behavior.low && behavior.bins < 2) table.refuse("bins", "must be 2 or more without low and high");
  if (behavior.low.has_value() != behavior.high.has_value()) {
    table.refuse(behavior.low ? "low" : "high",
                 "needs the other end too; without both, the range grows by itself");
  } else if (behavior.low && *behavior.low >= *behavior.high) {
    table.refuse("low", "must be below high");
  }
}

std::string number_text(double value) {
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string write_evaluator(const EvaluatorSpec& e) {
  std::string text = "\n[evaluator]\n";
  if (e.kind == EvaluatorKind::kCommand) {
    text += fmt::format("command = {}  # the program's path is appended, or stands for {{program}}\n",
                        list(e.command));
  } else {
    text +=
        fmt::format("{} = {}\n", e.kind == EvaluatorKind::kShinka ? "shinka" : "python", toml_string(e.file));
  }
  if (e.stages.size() == 1 && e.kind != EvaluatorKind::kCommand)
    text += fmt::format("function = {}\n", toml_string(e.stages[0].function));
  text += fmt::format("warm = {}  # load it once, not for every program\n", e.warm);
  text += fmt::format("repeats = {}  # of each evaluation, where scores are noisy\n", e.repeats);
  text += fmt::format("interpreter = {}\nnetwork = {}\n", toml_string(e.python), e.network);
  if (!e.readable.empty()) text += fmt::format("readable = {}\n", list(e.readable));
  if (!e.environment.empty()) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : e.environment)
      parts.push_back(toml_string(name) + " = " + toml_string(value));
    text += fmt::format("environment = {{{}}}\n", fmt::join(parts, ", "));
  }
  if (e.stages.size() > 1) {
    for (const Stage& stage : e.stages) {
      text += fmt::format("[[evaluator.stages]]\nfunction = {}\n", toml_string(stage.function));
      if (stage.threshold) text += fmt::format("threshold = {}\n", number_text(*stage.threshold));
    }
  }
  return text;
}

}  // namespace

Result<TaskSpec> parse_task(std::string_view toml_text, const std::string& file_name) {
  TaskSpec spec;
  std::optional<Error> fault;
  try {
    const toml::table document = toml::parse(toml_text, file_name);
    Table table(document, "", file_name, fault);
    table.text("name", spec.name);
    table.text("description", spec.description);
    table.text("language", spec.language);
    table.texts("program", spec.program);
    if (spec.program.empty()) table.refuse("program", "names no file");
    table.texts("seeds", spec.seeds);
    for (const std::vector<std::string>* paths : {&spec.program, &spec.seeds}) {
      for (const std::string& path : *paths) {
        if (!stays_inside(path)) {
          table.refuse(
              paths == &spec.seeds ? "seeds" : "program",
              fmt::format("names '{}'; paths are relative to the task's folder and stay in it", path));
        }
      }
    }
    for (std::size_t i = 0; i < spec.program.size() && spec.program.size() > 1; ++i) {
      const std::string& path = spec.program[i];
      if (std::find(spec.program.begin(), spec.program.begin() + static_cast<std::ptrdiff_t>(i), path) !=
              spec.program.begin() + static_cast<std::ptrdiff_t>(i) ||
          file_header(fmt::format("=== {} ===", path)) != path) {
        table.refuse("program",
                     fmt::format("names '{}', which is there twice or holds spaces or quotes", path));
      }
    }
    table.text("fitness", spec.fitness);
    table.table("evaluator", [&](Table& inner) { read_evaluator(inner, spec.evaluator); });
    table.table("limits", [&](Table& inner) { read_limits(inner, spec.limits); });
    table.entries("metrics", "a table of \"max\" and \"min\"",
                  [&](std::string name, const toml::node& value) {
                    const auto direction = value.value_exact<std::string>();
                    if (!direction || (*direction != "max" && *direction != "min")) return false;
                    spec.minimized[std::move(name)] = *direction == "min";
                    return true;
                  });
    std::vector<BehaviorSpec> behavior;
    if (table.tables("behavior", [&](Table& inner) { read_behavior(inner, behavior.emplace_back()); })) {
      spec.behavior = std::move(behavior);
    }
    std::uint64_t niches = 1;
    for (const BehaviorSpec& dimension : spec.behavior)
      niches = std::min<std::uint64_t>(niches * dimension.bins, 1u << 31);
    if (niches > 10'000'000) table.refuse("behavior", "has more than 10,000,000 niches; take fewer bins");
    table.refuse_others();
  } catch (const toml::parse_error& error) {
    return make_error(ErrorCode::kInvalidArgument, "{}:{}:{}: not valid TOML: {}", file_name,
                      error.source().begin.line, error.source().begin.column, error.description());
  }
  if (fault) return *fault;
  return spec;
}

std::string write_task(const TaskSpec& s) {
  std::string text =
      "# A task for Samara. docs/tasks.md explains every key; those left out have their defaults.\n";
  text += fmt::format("name = {}\n", toml_string(s.name));
  text += fmt::format("description = {}\n", toml_string(s.description));
  text += fmt::format("language = {}\n", toml_string(s.language));
  text += fmt::format("program = {}  # what evolution starts from\n",
                      s.program.size() == 1 ? toml_string(s.program[0]) : list(s.program));
  if (!s.seeds.empty()) text += fmt::format("seeds = {}  # and these\n", list(s.seeds));
  if (!s.fitness.empty())
    text += fmt::format("fitness = {}  # the metric that counts\n", toml_string(s.fitness));
  text += write_evaluator(s.evaluator);
  const EvaluationLimits& l = s.limits;
  text += "\n[limits]  # of one evaluation, with all processes that it starts\n";
  text +=
      fmt::format("cpu_seconds = {}\nwall_seconds = {}\nmemory_mb = {}\naddress_space_mb = {}\n",
                  number_text(l.cpu_seconds), number_text(l.wall_seconds), l.memory_mb, l.address_space_mb);
  text +=
      fmt::format("processes = {}\nfile_mb = {}\nwritable_mb = {}\n", l.processes, l.file_mb, l.writable_mb);
  if (!s.minimized.empty()) text += "\n[metrics]  # which way is better\n";
  for (const auto& [name, minimized] : s.minimized) {
    text += fmt::format("{} = {}\n", toml_string(name), minimized ? "\"min\"" : "\"max\"");
  }
  for (const BehaviorSpec& b : s.behavior) {
    text += fmt::format("\n[[behavior]]  # an axis of the archive\nname = {}\nbins = {}\n",
                        toml_string(b.name), b.bins);
    if (b.low) text += fmt::format("low = {}\nhigh = {}\n", number_text(*b.low), number_text(*b.high));
  }
  return text;
}

}  // namespace samara::task
