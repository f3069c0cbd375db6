#include "samara/cli/spec_flags.h"

#include "samara/base/file.h"

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

/// The text "name=number,name=number" of --weights or --costs, as TOML writes a table.
Result<std::map<std::string, double>> parse_numbers(const std::string& flag,
                                                    const std::vector<std::string>& entries) {
  std::map<std::string, double> numbers;
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    char* end = nullptr;
    const double number = equals == std::string::npos ? 0.0 : std::strtod(entry.c_str() + equals + 1, &end);
    if (!end || end == entry.c_str() + equals + 1 || *end != '\0') {
      return make_error(ErrorCode::kInvalidArgument,
                        "{} '{}' is not of the form ARM=NUMBER, e.g. gp.constant=2", flag, entry);
    }
    numbers[entry.substr(0, equals)] = number;
  }
  return numbers;
}

}  // namespace

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
                ->type_name("ARM=W,...");
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
  SAMARA_TRY(given.weights, parse_numbers("--weights", tables_.at("weights")));
  SAMARA_TRY(given.costs, parse_numbers("--costs", tables_.at("costs")));
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
