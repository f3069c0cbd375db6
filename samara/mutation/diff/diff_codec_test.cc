#include "samara/mutation/diff/diff_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "samara/lm/diff_specials.h"
#include "samara/patch/line_diff.h"

namespace samara::diff {
namespace {

DiffCodec make_codec() {
  Result<lm::Tokenizer> tokenizer = lm::Tokenizer::make("_*[A-Za-z]+|_+|[0-9]|[^A-Za-z_0-9]+",
                                                        {{"a", "b"}, {" ", " "}}, lm::diff_specials());
  SAMARA_CHECK(tokenizer.ok());
  Result<DiffCodec> codec = DiffCodec::make(std::move(tokenizer).value());
  SAMARA_CHECK(codec.ok());
  return std::move(codec).value();
}

/// A sequence as people read it: names of special tokens, text between them.
std::string spelled(const DiffCodec& codec, const lm::Tokens& tokens) {
  std::string text;
  for (const lm::TokenId token : tokens) text += codec.tokenizer().bytes(token);
  return text;
}

std::string text_of(const std::vector<std::uint8_t>& letters) {
  std::string text;
  for (const std::uint8_t letter : letters)
    text += std::string(1 + letter % 3, static_cast<char>('a' + letter % 4)) + "\n";
  return text;
}

TEST(DiffCodecTest, WritesWhatTheDocumentShows) {
  const DiffCodec codec = make_codec();
  const std::string before = "def area(a, b):\n    return a + b", after = "def area(a, b):\n    return a * b";
  const std::vector<std::string_view> lines = split_lines(before);
  EXPECT_EQ(spelled(codec, codec.encode_program(lines)) + spelled(codec, codec.encode_request("Fixed bugs.")),
            "<|file|><|line 1|>def area(a, b):<|line 1|><|line 2|>    return a + b<|line 2|>"
            "<|message|>Fixed bugs.<|diff|>");
  EXPECT_EQ(spelled(codec, codec.encode_hunks(hunks_between(before, after))),
            "<|line 2|><|delete|><|insert|>    return a * b<|end|>");
}

RC_GTEST_PROP(DiffCodecTest, WhatIsWrittenIsRead,
              (const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b)) {
  const DiffCodec codec = make_codec();
  const std::string before = text_of(a), after = text_of(b);
  const std::vector<Hunk> hunks = hunks_between(before, after);
  RC_PRE(!hunks.empty() && a.size() < DiffCodec::kLineTokens);
  const auto read = codec.decode(codec.encode_hunks(hunks), a.size());
  RC_ASSERT(std::holds_alternative<std::vector<Hunk>>(read));
  RC_ASSERT(std::get<std::vector<Hunk>>(read) == hunks);
}

RC_GTEST_PROP(DiffCodecTest, AnyTokensAreHunksThatFitOrAReason,
              (std::vector<std::uint16_t> tokens, std::uint8_t lines)) {
  const DiffCodec codec = make_codec();
  lm::Tokens completion;
  for (const std::uint16_t token : tokens) {
    completion.push_back(token % (token % 2 == 0 ? 16 : static_cast<unsigned>(codec.tokenizer().size())));
  }
  const auto read = codec.decode(completion, lines);
  if (const auto* hunks = std::get_if<std::vector<Hunk>>(&read)) {
    std::string program;
    for (unsigned i = 0; i < lines; ++i) program += "x\n";
    apply_hunks(program, *hunks);  // checks that they are in order and inside
  } else {
    RC_ASSERT(!std::get<std::string>(read).empty());
  }
}

RC_GTEST_PROP(DiffCodecTest, ACommitThatIsShownInPartStillHoldsItsChange,
              (const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b, std::uint64_t seed)) {
  const DiffCodec codec = make_codec();
  const std::string before = text_of(a), after = text_of(b);
  Rng rng(seed);
  const std::size_t max_tokens = 60 + rng.below(200);
  const auto commit = codec.encode_commit(before, "Change.", after, max_tokens, 0.5, rng);
  RC_PRE(commit.has_value());
  RC_ASSERT(commit->tokens.size() <= max_tokens);

  // Read the window back from the prompt, and apply the completion to it.
  std::string window;
  std::size_t first_number = 0, lines = 0;
  bool in_line = false;
  for (std::size_t i = 1; i < commit->loss_from; ++i) {
    if (const auto number = codec.line_number(commit->tokens[i])) {
      if (first_number == 0) first_number = *number;
      RC_ASSERT(*number == first_number + lines);
      if (!in_line && lines > 0) window += '\n';
      if (in_line) ++lines;
      in_line = !in_line;
    } else if (!codec.tokenizer().is_special(commit->tokens[i])) {
      window += codec.tokenizer().bytes(commit->tokens[i]);
    } else {
      break;
    }
  }
  lm::Tokens completion(commit->tokens.begin() + static_cast<std::ptrdiff_t>(commit->loss_from),
                        commit->tokens.end());
  for (lm::TokenId& token : completion) {  // as if the window were numbered from 1
    if (codec.line_number(token) && first_number > 0) token -= static_cast<lm::TokenId>(first_number - 1);
  }
  if (lines == 0) return;  // a change of an empty program may have any number
  const auto hunks = codec.decode(completion, lines);
  RC_ASSERT(std::holds_alternative<std::vector<Hunk>>(hunks));
  window += '\n';
  const std::string changed = apply_hunks(window, std::get<std::vector<Hunk>>(hunks));
  const std::size_t at = before.find(window);
  RC_ASSERT(at != std::string::npos);
  bool found = false;  // the window may occur more than once
  for (std::size_t place = at; place != std::string::npos && !found; place = before.find(window, place + 1)) {
    std::string whole = before;
    whole.replace(place, window.size(), changed);
    found = whole == after;
  }
  RC_ASSERT(found);
}

TEST(DiffCodecTest, WhatIsNoDiffSaysWhy) {
  const DiffCodec codec = make_codec();
  const auto reason = [&](const std::string& text) {
    const lm::Tokens tokens = codec.tokenizer().encode_with_specials(text);
    const auto read = codec.decode(tokens, 3);
    return std::holds_alternative<std::string>(read) ? std::get<std::string>(read) : "applies";
  };
  EXPECT_EQ(reason("<|line 2|><|delete|><|insert|>x<|end|>"), "applies");
  EXPECT_EQ(reason("<|line 4|><|insert|>x"), "applies") << "one past the last line appends";
  EXPECT_EQ(reason("<|end|>"), "no edit at all");
  EXPECT_EQ(reason("x<|end|>"), "text outside of an inserted line");
  EXPECT_EQ(reason("<|insert|>x<|end|>"), "an edit without a line number");
  EXPECT_EQ(reason("<|line 5|><|insert|>x<|end|>"), "an edit at line 5, but the program has 3 lines");
  EXPECT_EQ(reason("<|line 3|><|delete|><|delete|><|end|>"), "an edit removes lines past the end");
  EXPECT_EQ(reason("<|line 2|><|insert|>x<|delete|><|end|>"), "a removed line after an inserted one");
  EXPECT_EQ(reason("<|line 2|><|delete|><|line 2|><|delete|><|end|>"),
            "an edit at line 2 after one further down");
  EXPECT_EQ(reason("<|line 2|><|end|>"), "an edit that removes and inserts nothing");
  EXPECT_EQ(reason("<|line 2|><|insert|>a<|file|>b<|end|>"), "the special token <|file|> in a diff");
}

RC_GTEST_PROP(DiffCodecTest, CommitsPutNoLineBack,
              (const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b)) {
  const DiffCodec codec = make_codec();
  const std::string before = text_of(a), after = text_of(b);
  const std::vector<Hunk> hunks = hunks_between(before, after);
  RC_PRE(a.size() < DiffCodec::kLineTokens);
  RC_ASSERT(!codec.line_put_back(codec.encode_hunks(hunks), split_lines(before)));
}

TEST(DiffCodecTest, SaysWhereALineIsPutBack) {
  const DiffCodec codec = make_codec();
  const std::vector<std::string_view> lines = {"a = 1", "b = 2", "c = 3", "d = 4"};
  /// What stands before the first line that is put back.
  const auto before = [&](const std::string& text) -> std::string {
    const lm::Tokens tokens = codec.tokenizer().encode_with_specials(text);
    const std::optional<std::size_t> at = codec.line_put_back(tokens, lines);
    return at ? spelled(codec, lm::Tokens(tokens.begin(), tokens.begin() + *at)) : "nothing";
  };
  const std::string two = "<|line 2|><|delete|><|delete|>";
  EXPECT_EQ(before(two + "<|insert|>b = 5<|insert|>c = 3<|end|>"), two + "<|insert|>b = 5<|insert|>");
  EXPECT_EQ(before(two + "<|insert|>b = 2<|insert|>c = 5<|end|>"), two + "<|insert|>");
  EXPECT_EQ(before(two + "<|insert|>b = 5<|insert|>c = 5<|end|>"), "nothing");
  EXPECT_EQ(before(two + "<|insert|>c = 3<|insert|>b = 2<|end|>"), "nothing") << "they are swapped";
  EXPECT_EQ(before("<|line 2|><|delete|><|insert|>b = 2<|end|>"), "<|line 2|><|delete|><|insert|>");
  EXPECT_EQ(before("<|line 1|><|delete|><|insert|>a = 2<|line 4|><|delete|><|insert|>d = 4"),
            "<|line 1|><|delete|><|insert|>a = 2<|line 4|><|delete|><|insert|>");
  EXPECT_EQ(before(two + "<|insert|>x<|insert|>y<|insert|>c = 3<|end|>"),
            two + "<|insert|>x<|insert|>y<|insert|>")
      << "the last one stands for the last";
  EXPECT_EQ(before(two + "<|insert|>x<|insert|>c = 3<|insert|>y<|end|>"), "nothing")
      << "three lines for two: what the one in the middle stands for cannot be told";
  EXPECT_EQ(before("<|line 2|><|insert|>b = 2<|end|>"), "nothing") << "nothing is removed";
  EXPECT_EQ(before("<|line 9|><|delete|><|insert|>b = 2<|end|>"), "nothing") << "it does not apply";
}

TEST(DiffCodecTest, ATokenizerOfAnotherKindOfModelIsRefused) {
  const Result<lm::Tokenizer> tokenizer = lm::Tokenizer::make("[a-z]+", {}, {"<|end|>"});
  ASSERT_TRUE(tokenizer.ok());
  const Result<DiffCodec> codec = DiffCodec::make(*tokenizer);
  ASSERT_FALSE(codec.ok());
  EXPECT_EQ(codec.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace samara::diff
