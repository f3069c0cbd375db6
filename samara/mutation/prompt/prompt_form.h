// PromptForm: what an arm of the prompt operator says to a model: a template per message. The forms are files
// in a folder, NAME.txt for the arm prompt.NAME; those that come with Samara are
// samara/mutation/prompt/templates/. Read template.h for the language in them and docs/prompt-operator.md for
// the names. A form's messages are a pure function of the scope. Immutable once loaded.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "samara/base/result.h"
#include "samara/endpoint/protocol.h"
#include "samara/mutation/prompt/template.h"

namespace samara::prompt {

class PromptForm {
 public:
  /// A line "--- system ---", "--- user ---" or "--- assistant ---" begins a message; what stands before the
  /// first is a user's. Errors: those of Template::parse(), kInvalidArgument for a form without a message.
  static Result<PromptForm> parse(std::string_view text, const std::string& file_name);

  struct Rendered {
    std::vector<endpoint::Message> messages;
    std::string reply_begins;  ///< what the last message ends with and the reply goes on from; mostly empty
  };
  Rendered render(const Scope& scope) const;

  /// Whether it shows a second parent.
  bool uses_donor() const;

 private:
  std::vector<std::pair<std::string, Template>> messages_;  ///< role, text
};

/// The forms that come with Samara, as (file name, text).
std::span<const std::pair<std::string_view, std::string_view>> bundled_forms();

/// Writes them to a folder, which is made. Errors: kAlreadyExists when one of the files is there; kIo.
Status write_bundled_forms(const std::filesystem::path& folder);

/// The text of a form: `folder`/NAME.txt, or the bundled one where `folder` is empty. Errors: kNotFound
/// (names what there is), kIo.
Result<std::string> read_form(const std::filesystem::path& folder, const std::string& name);

/// The names that templates may use.
std::span<const std::string> template_names();

}  // namespace samara::prompt
