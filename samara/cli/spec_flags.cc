#include "samara/cli/spec_flags.h"

#include <filesystem>

#include "samara/base/file.h"
#include "samara/base/text.h"
#include "samara/domain/task/task_domain.h"
#include "samara/pipeline/parts.h"

namespace samara::cli {
namespace {

/// The entries "name=text" of --messages.
Result<std::map<std::string, std::string>> parse_messages(const std::vector<std::string>& entries) {
  std::map<std::string, std::string> messages;
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) {
      return make_error(ErrorCode::kInvalidArgument,
                        "--messages '{}' is not of the form NAME=TEXT, e.g. fix=\"Fixed bugs.\"", entry);
    }
    messages[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return messages;
}

/// The text "name=number,name=number" of --weights and the like, as TOML writes a table. A model's name alone
/// counts 1.
Result<std::map<std::string, double>> parse_numbers(const SpecField& field,
                                                    const std::vector<std::string>& entries) {
  std::map<std::string, double> numbers;
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.rfind('=');
    if (equals == std::string::npos && field.key == "prompt.models") {
      numbers[entry] = 1.0;
      continue;
    }
    char* end = nullptr;
    const double number = equals == std::string::npos ? 0.0 : std::strtod(entry.c_str() + equals + 1, &end);
    if (!end || end == entry.c_str() + equals + 1 || *end != '\0') {
      return make_error(ErrorCode::kInvalidArgument,
                        "{} '{}' is not of the form NAME=NUMBER, e.g. gp.constant=2", field.flag(), entry);
    }
    numbers[entry.substr(0, equals)] = number;
  }
  return numbers;
}

}  // namespace

Result<RunSpec> spec_of_target(const std::string& target) {
  if (std::filesystem::is_directory(target)) {
    SAMARA_TRY(const auto task, task::TaskDomain::load(target));
    RunSpec spec = task_defaults(task->spec());
    spec.task = target;
    return spec;
  }
  const std::string sodarace = "sodarace";
  if (target == sodarace) return RunSpec{};
  if (std::filesystem::exists(target)) {
    return make_error(ErrorCode::kInvalidArgument, "{} is a file; name the folder of a task, or sodarace",
                      target);
  }
  const auto nearest = nearest_name(target, {&sodarace, 1});
  return make_error(nearest ? ErrorCode::kInvalidArgument : ErrorCode::kNotFound,
                    "there is no folder '{0}' and no domain of this name{1}. To make a task there: samara "
                    "new task {0}",
                    target, nearest ? fmt::format("; did you mean {}?", *nearest) : "");
}

SpecFlags::SpecFlags(CLI::App& command) {
  command.add_option("--spec", file_, "Run spec (TOML); flags win over it")->type_name("FILE");
  for (const SpecField& field : fields(flags_)) {
    CLI::Option* option = std::visit(
        [&](auto* target) -> CLI::Option* {
          using Value = std::remove_pointer_t<decltype(target)>;
          if constexpr (std::is_same_v<Value, std::map<std::string, double>>) {
            return command.add_option(field.flag(), tables_[field.key], field.help)
                ->allow_extra_args(false)
                ->delimiter(',')
                ->type_name("NAME=W,...");
          } else if constexpr (std::is_same_v<Value, std::map<std::string, std::string>>) {
            return command.add_option(field.flag(), messages_, field.help)
                ->allow_extra_args(false)
                ->type_name("NAME=TEXT");
          } else if constexpr (std::is_same_v<Value, bool> || std::is_same_v<Value, std::optional<bool>>) {
            return command.add_flag(field.flag() + ",!--no-" + field.flag().substr(2), *target, field.help);
          } else if constexpr (std::is_same_v<Value, std::vector<std::uint32_t>>) {
            return command.add_option(field.flag(), *target, field.help)
                ->allow_extra_args(false)
                ->delimiter(',')
                ->type_name("N,N,...");
          } else if constexpr (std::is_same_v<Value, std::string>) {
            return command.add_option(field.flag(), *target, field.help)->type_name("NAME");
          } else {
            return command.add_option(field.flag(), *target, field.help)->type_name("N");
          }
        },
        field.target);
    options_.emplace_back(field.key, option);
  }
}

Result<RunSpec> SpecFlags::resolve(const RunSpec& defaults) const {
  RunSpec spec = defaults;
  if (!file_.empty()) {
    SAMARA_TRY(const std::string text, read_file(file_, std::size_t{1} << 20));
    SAMARA_TRY_STATUS(read_spec(text, file_, spec));
  }
  RunSpec given = flags_;
  for (const SpecField& field : fields(given)) {
    if (auto* const* table = std::get_if<std::map<std::string, double>*>(&field.target)) {
      SAMARA_TRY(**table, parse_numbers(field, tables_.at(field.key)));
    }
  }
  SAMARA_TRY(given.messages, parse_messages(messages_));
  const std::vector<SpecField> from = fields(given);
  const std::vector<SpecField> to = fields(spec);
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (options_[i].second->count() == 0) continue;
    std::visit([&](auto* target) { *target = *std::get<decltype(target)>(from[i].target); }, to[i].target);
  }
  SAMARA_TRY_STATUS(validate(spec));
  return spec;
}

}  // namespace samara::cli
