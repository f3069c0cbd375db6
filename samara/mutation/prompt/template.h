// Template: text with places to fill in, from files that anyone can edit. docs/prompt-operator.md describes
// the language: {{name}} is a place, {{#name}} ... {{/name}} is kept where the name has a value (and repeated
// where it has a list), {{^name}} ... {{/name}} where it has none, {{! ...}} is dropped. A pure function of
// template and values. Immutable once parsed, so one template is shared by any number of threads.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "samara/base/result.h"

namespace samara::prompt {

/// What names stand for: a text (empty counts as no value), or a list of further scopes.
struct Scope;
using Value = std::variant<std::string, std::vector<Scope>>;
struct Scope {
  std::map<std::string, Value, std::less<>> values;
};

class Template {
 public:
  /// @param name   of the file, for errors
  /// @param known  the names that may be used, also in scopes of lists
  /// Errors (kInvalidArgument) name the line: an unknown name (with the nearest known one), a section that is
  /// not closed or not open, a "{{" without its "}}".
  static Result<Template> parse(std::string_view text, const std::string& name,
                                std::span<const std::string> known);

  /// Names are looked up in the innermost list's scope first. A line that holds nothing but a section's
  /// beginning or end, or a comment, disappears with its line break.
  std::string render(const Scope& scope) const;

  /// Whether the template has a place or a section of that name.
  bool uses(std::string_view name) const;

 private:
  struct Part {
    enum class Kind { kText, kPlace, kSection, kInverted };
    Kind kind = Kind::kText;
    std::string text;  ///< or the name
    std::vector<Part> parts;
  };
  class Parser;

  static void render(std::span<const Part> parts, std::vector<const Scope*>& scopes, std::string& out);
  static bool uses(std::span<const Part> parts, std::string_view name);

  std::vector<Part> parts_;
};

}  // namespace samara::prompt
