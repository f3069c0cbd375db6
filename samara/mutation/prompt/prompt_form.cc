#include "samara/mutation/prompt/prompt_form.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "samara/base/file.h"

namespace samara {

// Embedded by CMakeLists.txt.
extern const std::string_view kPromptDiff, kPromptRewrite, kPromptCross, kPromptFix, kPromptEdit,
    kPromptRetry;

namespace prompt {
namespace {

constexpr std::size_t kLargestForm = std::size_t{1} << 18;

/// The role that a line names, or nothing.
std::string_view role_of(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  for (const std::string_view role : {"system", "user", "assistant"}) {
    if (line.size() == role.size() + 8 && line.starts_with("--- ") && line.ends_with(" ---") &&
        line.substr(4, role.size()) == role) {
      return role;
    }
  }
  return {};
}

std::string_view without_blank_edges(std::string_view text) {
  const std::size_t begin = text.find_first_not_of("\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

}  // namespace

std::span<const std::string> template_names() {
  static const std::array<std::string, 18> names{
      {"task", "language", "function", "program", "fitness", "behavior", "metrics", "artifacts", "name",
       "value", "text", "lineage", "note", "error", "inspirations", "donor", "reason", "continues"}};
  return names;
}

Result<PromptForm> PromptForm::parse(std::string_view text, const std::string& file_name) {
  PromptForm form;
  std::string role = "user";
  std::string part;
  std::size_t lines_before = 0, line_number = 0;
  const auto end_part = [&]() -> Status {
    // Line breaks in front keep the numbers of lines in errors right; render() trims them.
    SAMARA_TRY(Template parsed,
               Template::parse(std::string(lines_before, '\n') + part, file_name, template_names()));
    const bool says_something = !without_blank_edges(parsed.render({})).empty() || parsed.uses("program");
    if (says_something) form.messages_.emplace_back(role, std::move(parsed));
    part.clear();
    return {};
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    ++line_number;
    const std::string_view next_role = role_of(line.substr(0, line.find('\n')));
    if (next_role.empty()) {
      part += line;
      continue;
    }
    SAMARA_TRY_STATUS(end_part());
    role = next_role;
    lines_before = line_number;
  }
  SAMARA_TRY_STATUS(end_part());
  if (form.messages_.empty()) {
    return make_error(ErrorCode::kInvalidArgument, "{} says nothing: write what a model shall be asked",
                      file_name);
  }
  return form;
}

PromptForm::Rendered PromptForm::render(const Scope& scope) const {
  Rendered rendered;
  for (const auto& [role, text] : messages_) {
    rendered.messages.push_back({role, std::string(without_blank_edges(text.render(scope)))});
  }
  const Template& last = messages_.back().second;
  if (last.uses("continues")) {
    // What the section adds: the text with it, less the text without it.
    const std::string& whole = rendered.messages.back().text;
    Scope without = scope;
    without.values["continues"] = std::string();
    const std::string before = last.render(without);
    const std::string kept = before.substr(std::min(before.find_first_not_of("\r\n"), before.size()));
    const auto differ = std::mismatch(whole.begin(), whole.end(), kept.begin(), kept.end());
    rendered.reply_begins.assign(differ.first, whole.end());
  }
  return rendered;
}

bool PromptForm::uses_donor() const {
  return std::any_of(messages_.begin(), messages_.end(),
                     [](const auto& message) { return message.second.uses("donor"); });
}

std::span<const std::pair<std::string_view, std::string_view>> bundled_forms() {
  static const std::array<std::pair<std::string_view, std::string_view>, 6> forms{
      {{"diff.txt", kPromptDiff},
       {"rewrite.txt", kPromptRewrite},
       {"cross.txt", kPromptCross},
       {"fix.txt", kPromptFix},
       {"edit.txt", kPromptEdit},
       {"retry.txt", kPromptRetry}}};
  return forms;
}

Status write_bundled_forms(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    return make_error(ErrorCode::kIo, "cannot make the folder {}: {}", folder.string(), failure.message());
  for (const auto& [name, text] : bundled_forms()) {
    if (!std::filesystem::exists(folder / name, failure)) continue;
    return make_error(ErrorCode::kAlreadyExists,
                      "{} is there already; name another folder, or remove it first",
                      (folder / name).string());
  }
  for (const auto& [name, text] : bundled_forms()) SAMARA_TRY_STATUS(write_file(folder / name, text));
  return {};
}

Result<std::string> read_form(const std::filesystem::path& folder, const std::string& name) {
  const std::string file = name + ".txt";
  if (folder.empty()) {
    std::string names;
    for (const auto& [known, text] : bundled_forms()) {
      if (known == file) return std::string(text);
      names += (names.empty() ? "" : ", ") + std::string(known.substr(0, known.size() - 4));
    }
    return make_error(
        ErrorCode::kNotFound,
        "no prompt '{}' comes with Samara (there are {}); for one of yours, set prompt.templates to "
        "a folder with {}",
        name, names, file);
  }
  Result<std::string> text = read_file(folder / file, kLargestForm);
  if (text.ok() || text.error().code != ErrorCode::kNotFound) return text;
  return make_error(ErrorCode::kNotFound,
                    "there is no {}; 'samara new prompts DIR' writes a folder with the bundled prompts",
                    (folder / file).string());
}

}  // namespace prompt
}  // namespace samara
