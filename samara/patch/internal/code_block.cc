// Finds the program in a reply that holds all of it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "samara/patch/internal/hunk.h"

namespace samara::internal {
namespace {

using Lines = std::vector<std::string_view>;

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

struct Fence {
  char sign = '`';
  std::size_t length = 0;
  std::string_view rest;  ///< what stands behind it, trimmed
};

std::optional<Fence> read_fence(std::string_view line) {
  const std::string_view text = trim(line);
  if (text.empty() || (text[0] != '`' && text[0] != '~')) return std::nullopt;
  const std::size_t length = std::min(text.find_first_not_of(text[0]), text.size());
  if (length < 3 || text.substr(length).find('`') != std::string_view::npos) return std::nullopt;
  return Fence{text[0], length, trim(text.substr(length))};
}

std::string join(std::span<const std::string_view> lines) {
  std::string text;
  for (const std::string_view line : lines) (text += line) += '\n';
  return text;
}

/// The contents of all fenced blocks; one that is cut off ends with the text.
std::vector<std::span<const std::string_view>> code_blocks(std::span<const std::string_view> lines) {
  std::vector<std::span<const std::string_view>> blocks;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::optional<Fence> open = read_fence(lines[i]);
    if (!open) continue;
    const std::size_t begin = ++i;
    for (; i < lines.size(); ++i) {
      const std::optional<Fence> close = read_fence(lines[i]);
      if (close && close->sign == open->sign && close->length >= open->length && close->rest.empty()) break;
    }
    blocks.push_back(lines.subspan(begin, i - begin));
  }
  std::erase_if(blocks, [](auto block) {
    return std::all_of(block.begin(), block.end(), [](std::string_view line) { return trim(line).empty(); });
  });
  return blocks;
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

enum class Reading { kProse, kNeutral, kCode };

/// Whether an unindented line reads like Python. kNeutral: nothing that prose could not have too.
Reading read_line(std::string_view line) {
  if (line.starts_with('#') || line.starts_with("\"\"\"") || line.starts_with("'''") ||
      std::string_view(")]}").find(line[0]) != std::string_view::npos) {
    return Reading::kNeutral;
  }
  if (line.starts_with('@')) return Reading::kCode;
  const auto word_end =
      static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), is_word_character) - line.begin());
  const std::string_view word = line.substr(0, word_end), rest = trim(line.substr(word_end));
  const auto one_of = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (word == "import") return rest.empty() ? Reading::kProse : Reading::kCode;
  if (word == "from") {
    return rest.find(" import ") != std::string_view::npos ? Reading::kCode : Reading::kProse;
  }
  if (one_of({"def", "class", "async", "if", "for", "while", "with", "try", "else", "elif", "except",
              "finally"})) {
    const bool opens = rest.find(':') != std::string_view::npos || rest.ends_with('(');
    return opens ? Reading::kCode : Reading::kProse;
  }
  if (one_of({"pass", "break", "continue"}) && rest.empty()) return Reading::kCode;
  if (one_of({"return", "raise", "assert", "del", "global", "print"})) return Reading::kNeutral;
  if (word.empty() || rest.empty()) return Reading::kProse;
  // A call, an assignment to a name, an element or an attribute: `f(x)`, `x = 1`, `x[0] += 1`, `a.b = 2`.
  if (line[word_end] == '(' && rest.find(')') != std::string_view::npos) return Reading::kCode;
  const std::string_view target = line.substr(0, line.find('='));
  const bool assigns = target.size() < line.size() && target.size() < 80 &&
                       (rest[0] == '=' || line[word_end] == '[' || line[word_end] == '.' || rest[0] == ':' ||
                        rest[0] == ',' || (rest.size() > 1 && rest[1] == '='));
  return assigns ? Reading::kCode : Reading::kProse;
}

/// The part of a text without fences that is code: from the first line that reads like it to where prose
/// begins again; nothing if code comes back after that.
std::span<const std::string_view> bare_code(std::span<const std::string_view> lines) {
  std::optional<std::size_t> begin, end;
  bool in_string = false;  // inside a """ string any line may stand
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    if (trim(line).empty()) continue;
    const bool was_in_string = in_string;
    for (std::size_t q = line.find("\"\"\""); q != std::string_view::npos; q = line.find("\"\"\"", q + 3)) {
      in_string = !in_string;
    }
    if (was_in_string && begin) continue;
    const bool indented = line[0] == ' ' || line[0] == '\t';
    const Reading reading = indented ? Reading::kNeutral : read_line(line);
    if (!begin) {
      in_string = in_string && reading != Reading::kProse;
      if (reading == Reading::kCode) begin = i;
    } else if (reading == Reading::kProse) {
      in_string = false;
      if (!end) end = i;
    } else if (end && reading == Reading::kCode) {
      return {};
    }
  }
  if (!begin) return {};
  return lines.subspan(*begin, end.value_or(lines.size()) - *begin);
}

}  // namespace

std::variant<std::string, PatchRefusal> extract_code(std::string_view reply) {
  const Lines lines = split_lines(reply);
  std::vector<std::span<const std::string_view>> blocks = code_blocks(lines);
  if (blocks.empty()) {
    std::span<const std::string_view> code = bare_code(lines);
    while (!code.empty() && trim(code.back()).empty()) code = code.first(code.size() - 1);
    if (!code.empty()) return join(code);
    return PatchRefusal{
        PatchProblem::kNoEdit,
        "the reply has neither a diff nor a program; put the changed program in one code block, "
        "between lines of ```"};
  }
  std::sort(blocks.begin(), blocks.end(), [](auto a, auto b) { return a.size() > b.size(); });
  if (blocks.size() > 1 && blocks[0].size() < 2 * blocks[1].size()) {
    return PatchRefusal{
        PatchProblem::kMalformed,
        fmt::format(
            "the reply has {} code blocks and none is clearly the program; put the whole program in one",
            blocks.size())};
  }
  return join(blocks[0]);
}

}  // namespace samara::internal
