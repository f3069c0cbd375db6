#include "samara/mutation/diff/diff_codec.h"

#include <fmt/format.h>

#include <algorithm>

#include "samara/base/check.h"
#include "samara/patch/line_diff.h"

namespace samara::diff {
namespace {

void append(lm::Tokens& tokens, const lm::Tokens& more) {
  tokens.insert(tokens.end(), more.begin(), more.end());
}

/// The removed line which the inserted line `i` takes the place of; with other numbers of lines than before,
/// only the first and the last have one.
std::optional<std::string_view> replaced_line(const Hunk& hunk, std::size_t i,
                                              std::span<const std::string_view> lines) {
  const std::size_t inserted = hunk.inserted.size();
  if (hunk.removed == 0) return std::nullopt;
  if (i == 0 || inserted == hunk.removed) return lines[hunk.line + i];
  if (i + 1 == inserted) return lines[hunk.line + hunk.removed - 1];
  return std::nullopt;
}

}  // namespace

Result<DiffCodec> DiffCodec::make(lm::Tokenizer tokenizer) {
  DiffCodec codec(std::move(tokenizer));
  const std::pair<const char*, lm::TokenId*> named[] = {
      {"<|end|>", &codec.end_},      {"<|file|>", &codec.file_},     {"<|message|>", &codec.message_},
      {"<|diff|>", &codec.diff_},    {"<|delete|>", &codec.delete_}, {"<|insert|>", &codec.insert_},
      {"<|line 1|>", &codec.line_1_}};
  const auto missing = [](std::string_view name) {
    return make_error(ErrorCode::kUnsupported,
                      "the tokenizer has no special token {}: this is no diff model; those are made with "
                      "samara lm tokenizer and samara lm train",
                      name);
  };
  for (const auto& [name, token] : named) {
    const std::optional<lm::TokenId> found = codec.tokenizer_.special(name);
    if (!found) return missing(name);
    *token = *found;
  }
  for (std::size_t number = 1; number <= kLineTokens; ++number) {
    const std::string name = fmt::format("<|line {}|>", number);
    if (codec.tokenizer_.special(name) != codec.line_token(number)) return missing(name);
  }
  return codec;
}

lm::TokenId DiffCodec::line_token(std::size_t number) const {
  return line_1_ + static_cast<lm::TokenId>(number - 1);
}

std::optional<std::size_t> DiffCodec::line_number(lm::TokenId token) const {
  if (token < line_1_ || token >= line_1_ + kLineTokens) return std::nullopt;
  return token - line_1_ + 1;
}

lm::Tokens DiffCodec::encode_program(std::span<const std::string_view> lines,
                                     std::size_t first_number) const {
  SAMARA_CHECK(first_number >= 1 && first_number + lines.size() <= kLineTokens + 1);
  lm::Tokens tokens = {file_};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    tokens.push_back(line_token(first_number + i));
    append(tokens, tokenizer_.encode(lines[i]));
    tokens.push_back(line_token(first_number + i));
  }
  return tokens;
}

lm::Tokens DiffCodec::encode_request(std::string_view message) const {
  lm::Tokens tokens = {message_};
  append(tokens, tokenizer_.encode(message));
  tokens.push_back(diff_);
  return tokens;
}

lm::Tokens DiffCodec::encode_hunks(std::span<const Hunk> hunks, std::size_t first_number) const {
  lm::Tokens tokens;
  for (const Hunk& hunk : hunks) {
    SAMARA_CHECK(first_number + hunk.line <= kLineTokens);
    tokens.push_back(line_token(first_number + hunk.line));
    tokens.insert(tokens.end(), hunk.removed, delete_);
    for (const std::string& line : hunk.inserted) {
      tokens.push_back(insert_);
      append(tokens, tokenizer_.encode(line));
    }
  }
  tokens.push_back(end_);
  return tokens;
}

std::optional<EncodedCommit> DiffCodec::encode_commit(std::string_view before, std::string_view message,
                                                      std::string_view after, std::size_t max_tokens,
                                                      double any_number, Rng& rng) const {
  std::vector<Hunk> hunks = hunks_between(before, after);
  if (hunks.empty()) return std::nullopt;
  const std::vector<std::string_view> lines = split_lines(before);
  const lm::Tokens request = encode_request(message);

  // The lines from the first change to the last must be shown; others as far as there is room, drawn from
  // both sides at random, so that changes stand anywhere in a window. One number is kept for appending.
  std::size_t begin = std::min(hunks.front().line, lines.size());
  std::size_t end =
      std::min(hunks.back().line + std::max<std::size_t>(hunks.back().removed, 1), lines.size());
  const auto cost = [&](std::size_t i) { return tokenizer_.encode(lines[i]).size() + 2; };
  std::size_t used = 1 + request.size() + encode_hunks({}, 1).size();
  for (const Hunk& hunk : hunks) {
    used += 1 + hunk.removed;
    for (const std::string& line : hunk.inserted) used += tokenizer_.encode(line).size() + 1;
  }
  for (std::size_t i = begin; i < end; ++i) used += cost(i);
  if (used > max_tokens || end - begin >= kLineTokens) return std::nullopt;
  while (end - begin + 1 < kLineTokens && (begin > 0 || end < lines.size())) {
    const bool grow_up = end == lines.size() || (begin > 0 && rng.chance(0.5));
    const std::size_t more = cost(grow_up ? begin - 1 : end);
    if (used + more > max_tokens) break;
    used += more;
    grow_up ? --begin : ++end;
  }

  for (Hunk& hunk : hunks) hunk.line -= begin;
  const std::size_t room = kLineTokens - (end - begin);  // numbers that the first line may have
  const bool from_any = any_number >= 1.0 || rng.chance(any_number);
  const std::size_t first_number = from_any ? 1 + rng.below(static_cast<std::uint32_t>(room)) : 1;
  EncodedCommit commit;
  commit.tokens = encode_program(std::span(lines).subspan(begin, end - begin), first_number);
  append(commit.tokens, request);
  commit.loss_from = commit.tokens.size();
  append(commit.tokens, encode_hunks(hunks, first_number));
  return commit;
}

std::variant<std::vector<Hunk>, std::string> DiffCodec::decode(std::span<const lm::TokenId> completion,
                                                               std::size_t lines) const {
  std::vector<Hunk> hunks;
  std::size_t next = 0;  // the first line that a hunk may name
  lm::Tokens text;       // of the inserted line under way
  bool in_text = false;
  const auto finish_line = [&] {
    if (in_text) hunks.back().inserted.push_back(tokenizer_.decode(text));
    in_text = false;
    text.clear();
  };
  const auto empty = [&] {
    return !hunks.empty() && hunks.back().removed == 0 && hunks.back().inserted.empty();
  };
  for (const lm::TokenId token : completion) {
    if (token == end_) break;
    if (!tokenizer_.is_special(token)) {
      if (!in_text) return std::string("text outside of an inserted line");
      text.push_back(token);
      continue;
    }
    finish_line();
    if (const std::optional<std::size_t> number = line_number(token)) {
      if (empty()) return std::string("an edit that removes and inserts nothing");
      if (!hunks.empty()) next = hunks.back().line + std::max<std::size_t>(hunks.back().removed, 1);
      const std::size_t line = *number - 1;
      if (line < next) return fmt::format("an edit at line {} after one further down", *number);
      if (line > lines)
        return fmt::format("an edit at line {}, but the program has {} lines", *number, lines);
      hunks.push_back({line, 0, {}});
    } else if (hunks.empty()) {
      return std::string("an edit without a line number");
    } else if (token == delete_) {
      Hunk& hunk = hunks.back();
      if (!hunk.inserted.empty()) return std::string("a removed line after an inserted one");
      if (hunk.line + hunk.removed >= lines) return std::string("an edit removes lines past the end");
      ++hunk.removed;
    } else if (token == insert_) {
      in_text = true;
    } else {
      return fmt::format("the special token {} in a diff", tokenizer_.bytes(token));
    }
  }
  finish_line();
  if (hunks.empty()) return std::string("no edit at all");
  if (empty()) return std::string("an edit that removes and inserts nothing");
  return hunks;
}

std::optional<std::size_t> DiffCodec::line_put_back(std::span<const lm::TokenId> completion,
                                                    std::span<const std::string_view> lines) const {
  const auto decoded = decode(completion, lines.size());
  const auto* hunks = std::get_if<std::vector<Hunk>>(&decoded);
  if (hunks == nullptr) return std::nullopt;
  std::size_t at = 0;  // in the completion; every inserted line has one insert token
  for (const Hunk& hunk : *hunks) {
    for (std::size_t i = 0; i < hunk.inserted.size(); ++i) {
      at = static_cast<std::size_t>(std::find(completion.begin() + at, completion.end(), insert_) -
                                    completion.begin()) +
           1;
      if (replaced_line(hunk, i, lines) == hunk.inserted[i]) return at;
    }
  }
  return std::nullopt;
}

}  // namespace samara::diff
