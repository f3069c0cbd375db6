#include "samara/mutation/prompt/template.h"

#include <algorithm>

#include "samara/base/text.h"

namespace samara::prompt {
namespace {

constexpr std::string_view kOpen = "{{", kClose = "}}";

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

const Value* find(std::span<const Scope* const> scopes, std::string_view name) {
  for (std::size_t i = scopes.size(); i-- > 0;) {
    const auto found = scopes[i]->values.find(name);
    if (found != scopes[i]->values.end()) return &found->second;
  }
  return nullptr;
}

bool is_empty(const Value* value) {
  return value == nullptr || std::visit([](const auto& v) { return v.empty(); }, *value);
}

}  // namespace

class Template::Parser {
 public:
  Parser(std::string_view text, const std::string& name, std::span<const std::string> known)
      : text_(text), name_(name), known_(known) {}

  Result<std::vector<Part>> parse() {
    open_.push_back({});
    while (at_ < text_.size()) {
      const std::size_t open = std::min(text_.find(kOpen, at_), text_.size());
      add_text(text_.substr(at_, open - at_));
      at_ = open;
      if (open < text_.size()) SAMARA_TRY_STATUS(take_tag());
    }
    if (open_.size() > 1) return mistake(open_.back().at, "section '{}' is not closed", open_.back().name);
    return std::move(open_.back().parts);
  }

 private:
  struct Open {
    std::string name;
    Part::Kind kind = Part::Kind::kSection;
    std::size_t at = 0;
    std::vector<Part> parts;
  };

  template <typename... Args>
  Error mistake(std::size_t at, fmt::format_string<Args...> format, Args&&... args) const {
    return make_error(ErrorCode::kInvalidArgument, "{}:{}: {}", name_,
                      1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'),
                      fmt::format(format, std::forward<Args>(args)...));
  }

  void add_text(std::string_view text) {
    if (!text.empty()) open_.back().parts.push_back({Part::Kind::kText, std::string(text), {}});
  }

  Status take_tag() {
    const std::size_t begin = at_;
    const std::size_t close = text_.find(kClose, begin);
    if (close == std::string_view::npos) return mistake(begin, "'{{{{' without its '}}}}'");
    std::string_view tag = trim(text_.substr(begin + kOpen.size(), close - begin - kOpen.size()));
    at_ = close + kClose.size();
    const char sign = tag.empty() ? '\0' : tag[0];
    const bool has_sign = sign == '#' || sign == '^' || sign == '/' || sign == '!';
    if (has_sign) tag = trim(tag.substr(1));
    if (has_sign) drop_line_of(begin);
    if (sign == '!') return {};
    SAMARA_TRY_STATUS(check_name(tag, begin));
    if (sign == '#' || sign == '^') {
      open_.push_back(
          {std::string(tag), sign == '#' ? Part::Kind::kSection : Part::Kind::kInverted, begin, {}});
    } else if (sign == '/') {
      if (open_.size() == 1) return mistake(begin, "'{{{{/{}}}}}' closes a section that is not open", tag);
      if (open_.back().name != tag) {
        return mistake(begin, "'{{{{/{}}}}}' where section '{}' is open", tag, open_.back().name);
      }
      Open section = std::move(open_.back());
      open_.pop_back();
      open_.back().parts.push_back({section.kind, section.name, std::move(section.parts)});
    } else {
      open_.back().parts.push_back({Part::Kind::kPlace, std::string(tag), {}});
    }
    return {};
  }

  Status check_name(std::string_view tag, std::size_t at) const {
    if (std::find(known_.begin(), known_.end(), tag) != known_.end()) return {};
    const auto nearest = nearest_name(tag, known_);
    std::string names;
    for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
    return mistake(at, "'{}' is not a name that templates have; {}", tag,
                   nearest ? fmt::format("did you mean '{}'?", *nearest) : "the names are " + names);
  }

  /// If the tag from `begin` to `at_` is all that its line holds, the line goes.
  void drop_line_of(std::size_t begin) {
    std::size_t left = begin, right = at_;
    while (left > 0 && (text_[left - 1] == ' ' || text_[left - 1] == '\t')) --left;
    while (right < text_.size() && (text_[right] == ' ' || text_[right] == '\t' || text_[right] == '\r'))
      ++right;
    const bool alone =
        (left == 0 || text_[left - 1] == '\n') && (right == text_.size() || text_[right] == '\n');
    if (!alone) return;
    at_ = std::min(right + 1, text_.size());
    std::vector<Part>& parts = open_.back().parts;
    if (left < begin && !parts.empty() && parts.back().kind == Part::Kind::kText) {
      std::string& before = parts.back().text;
      before.resize(before.size() - std::min(before.size(), begin - left));
    }
  }

  std::string_view text_;
  const std::string& name_;
  std::span<const std::string> known_;
  std::size_t at_ = 0;
  std::vector<Open> open_;
};

Result<Template> Template::parse(std::string_view text, const std::string& name,
                                 std::span<const std::string> known) {
  Template result;
  SAMARA_TRY(result.parts_, Parser(text, name, known).parse());
  return result;
}

std::string Template::render(const Scope& scope) const {
  std::string out;
  std::vector<const Scope*> scopes = {&scope};
  render(parts_, scopes, out);
  return out;
}

void Template::render(std::span<const Part> parts, std::vector<const Scope*>& scopes, std::string& out) {
  for (const Part& part : parts) {
    if (part.kind == Part::Kind::kText) {
      out += part.text;
      continue;
    }
    const Value* const value = find(scopes, part.text);
    if (part.kind == Part::Kind::kPlace) {
      if (value && std::holds_alternative<std::string>(*value)) out += std::get<std::string>(*value);
    } else if (part.kind == Part::Kind::kInverted) {
      if (is_empty(value)) render(part.parts, scopes, out);
    } else if (!is_empty(value)) {
      if (std::holds_alternative<std::string>(*value)) {
        render(part.parts, scopes, out);
      } else {
        for (const Scope& item : std::get<std::vector<Scope>>(*value)) {
          scopes.push_back(&item);
          render(part.parts, scopes, out);
          scopes.pop_back();
        }
      }
    }
  }
}

bool Template::uses(std::string_view name) const {
  return uses(parts_, name);
}

bool Template::uses(std::span<const Part> parts, std::string_view name) {
  return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
    return (part.kind != Part::Kind::kText && part.text == name) || uses(part.parts, name);
  });
}

}  // namespace samara::prompt
