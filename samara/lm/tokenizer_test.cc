#include "samara/lm/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "samara/base/rng.h"
#include "samara/lm/bpe_trainer.h"
#include "samara/lm/diff_specials.h"

namespace samara::lm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kPattern[] = "_*[A-Za-z]+|_+|[0-9]|[^A-Za-z_0-9]+";

using Merges = std::vector<std::pair<std::string, std::string>>;

/// "aab" from bytes and a few merges, behind two specials.
Tokenizer small() {
  return Tokenizer::make(kPattern, {{"a", "b"}, {"a", "ab"}, {"b", "b"}, {" ", " "}}, {"<|pad|>", "<|end|>"})
      .value();
}

TokenId byte_token(char byte) {
  return 2 + static_cast<std::uint8_t>(byte);
}

/// Any bytes: runs of letters and blanks mostly, some Unicode, some that is no UTF-8.
std::string random_text(Rng& rng, std::uint32_t max_parts = 30) {
  static const std::vector<std::string> kParts = {
      "a",  "b",        "ab",           "bb",   " ",    "  ",      "_x", "7",
      "\n", "\xc3\xa4", "\xe2\x82\xac", "\xff", "\xc3", "<|end|>", "(",  "\0"};
  std::string text;
  for (std::uint32_t n = rng.below(max_parts); n > 0; --n) {
    text += kParts[rng.below(static_cast<std::uint32_t>(kParts.size()))];
  }
  return text;
}

/// The textbook's BPE, of one piece: while there is a pair with a rank, merge the lowest, the leftmost of it.
Tokens reference_merge(const std::string& piece, const Merges& merges, TokenId first_merge) {
  std::vector<std::string> parts;
  for (const char c : piece) parts.emplace_back(1, c);
  std::map<std::string, TokenId> ids;
  for (int byte = 0; byte < 256; ++byte)
    ids[std::string(1, static_cast<char>(byte))] = byte_token(static_cast<char>(byte));
  TokenId next = first_merge;
  for (const auto& [left, right] : merges) {
    if (ids.emplace(left + right, next).second) ++next;
  }
  while (true) {
    std::size_t best_rank = merges.size();
    std::size_t best = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto it = std::find(merges.begin(), merges.end(), std::pair(parts[i], parts[i + 1]));
      const std::size_t rank = static_cast<std::size_t>(it - merges.begin());
      if (rank < best_rank) best_rank = rank, best = i;
    }
    if (best_rank == merges.size()) break;
    parts[best] += parts[best + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  Tokens tokens;
  for (const std::string& part : parts) tokens.push_back(ids.at(part));
  return tokens;
}

TEST(TokenizerTest, SpecialsThenBytesThenMerges) {
  const Tokenizer tokenizer = small();
  EXPECT_EQ(tokenizer.size(), 2U + 256 + 4);
  EXPECT_EQ(tokenizer.bytes(1), "<|end|>");
  EXPECT_EQ(tokenizer.bytes(byte_token('a')), "a");
  EXPECT_EQ(tokenizer.bytes(259), "aab");
  EXPECT_EQ(tokenizer.special("<|end|>"), 1U);
  EXPECT_EQ(tokenizer.special("<|start|>"), std::nullopt);
  EXPECT_TRUE(tokenizer.is_special(0));
  EXPECT_FALSE(tokenizer.is_special(2));
}

TEST(TokenizerTest, TheLowestRankIsMergedFirst) {
  EXPECT_THAT(small().encode("aabb"), ElementsAre(259, byte_token('b')));
}

TEST(TokenizerTest, MergesDoNotCrossPieces) {
  EXPECT_THAT(small().encode("a7b"), ElementsAre(byte_token('a'), byte_token('7'), byte_token('b')));
}

TEST(TokenizerTest, NamesOfSpecialsInPlainTextAreText) {
  const Tokenizer tokenizer = small();
  EXPECT_EQ(tokenizer.encode("<|end|>").size(), 7U);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("a<|end|>")), "a<|end|>");
  EXPECT_THAT(tokenizer.encode_with_specials("a<|end|>b"), ElementsAre(byte_token('a'), 1, byte_token('b')));
}

TEST(TokenizerTest, SpecialsAndUnknownIdsDecodeToNothing) {
  EXPECT_EQ(small().decode(Tokens{0, byte_token('x'), 1, 4'000'000'000U, byte_token('y')}), "xy");
}

TEST(TokenizerTest, OfNamesThatBeginAlikeTheLongestIsFound) {
  const Tokenizer tokenizer = Tokenizer::make("", {}, {"<a>", "<a><b>", "<b>"}).value();
  EXPECT_THAT(tokenizer.encode_with_specials("<a><b><a><a>"), ElementsAre(1, 0, 0));
}

TEST(TokenizerTest, EveryByteStringSurvivesEncodingAndDecoding) {
  const Tokenizer tokenizer = small();
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    Rng rng(seed);
    std::string text = random_text(rng);
    if (seed % 2 == 0) {
      for (char& c : text) {
        if (rng.chance(0.2)) c = static_cast<char>(rng.below(256));
      }
    }
    ASSERT_EQ(tokenizer.decode(tokenizer.encode(text)), text) << "seed " << seed;
  }
}

TEST(TokenizerTest, MergesAreThoseOfTheTextbookForShortAndLongPieces) {
  const Merges merges = {{"a", "b"},  {"b", "a"},       {"ab", "ab"}, {"a", "a"},  {"b", "b"}, {"aa", "b"},
                         {"ab", "b"}, {"abab", "abab"}, {"bb", "a"},  {"c", "ab"}, {"a", "ab"}};
  const Tokenizer tokenizer = Tokenizer::make(kPattern, merges, {"<|pad|>", "<|end|>"}).value();
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    std::string piece(1 + rng.below(200), 'a');
    for (char& c : piece) c = "abc"[rng.below(3)];
    ASSERT_EQ(tokenizer.encode(piece), reference_merge(piece, merges, 258)) << "seed " << seed;
  }
}

TEST(TokenizerTest, APatternThatBacktracksWithoutEndLosesNoText) {
  const Tokenizer tokenizer = Tokenizer::make("(a+)+$|b", {{"a", "a"}}, {}).value();
  const std::string text = std::string(5000, 'a') + "b";
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
}

TEST(TokenizerTest, EmptyMatchesCutNothing) {
  const Tokenizer tokenizer = Tokenizer::make("x*", {{"a", "b"}}, {}).value();
  EXPECT_EQ(tokenizer.encode("abxxab").size(), 4U);  // ab, x, x, ab
}

TEST(TokenizerTest, WhatCannotBeATokenizerIsRefused) {
  const auto message = [](std::string pattern, Merges merges, std::vector<std::string> specials) {
    const auto made = Tokenizer::make(std::move(pattern), std::move(merges), std::move(specials));
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
    return made.error().message;
  };
  EXPECT_THAT(message("(a", {}, {}), HasSubstr("at byte 2"));
  EXPECT_THAT(message("", {{"ab", "c"}}, {}), HasSubstr("merge 0"));
  EXPECT_THAT(message("", {{"a", "b"}, {"a", "b"}}, {}), HasSubstr("twice"));
  EXPECT_THAT(message("", {}, {"<x>", "<x>"}), HasSubstr("<x>"));
  EXPECT_THAT(message("", {}, {"a"}), HasSubstr("byte"));
  EXPECT_THAT(message("", {{"a", "b"}}, {"ab"}), HasSubstr("special"));
  EXPECT_THAT(message("", {}, {"\xff"}), HasSubstr("UTF-8"));
}

TEST(TokenizerTest, AnotherWayToTheSameBytesIsNoNewToken) {
  const Tokenizer tokenizer =
      Tokenizer::make("", {{"b", "c"}, {"a", "b"}, {"ab", "c"}, {"a", "bc"}}, {}).value();
  EXPECT_EQ(tokenizer.size(), 256U + 3);
  EXPECT_THAT(tokenizer.encode("abc"), ElementsAre(258));
}

TEST(TokenizerJsonTest, WrittenAndReadIsTheSameTokenizer) {
  const Tokenizer tokenizer = small();
  const Tokenizer read = Tokenizer::from_json(tokenizer.to_json()).value();
  EXPECT_EQ(read.to_json(), tokenizer.to_json());
  ASSERT_EQ(read.size(), tokenizer.size());
  for (TokenId id = 0; id < read.size(); ++id) {
    EXPECT_EQ(read.bytes(id), tokenizer.bytes(id));
    EXPECT_EQ(read.is_special(id), tokenizer.is_special(id));
  }
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    Rng rng(seed);
    const std::string text = random_text(rng);
    ASSERT_EQ(read.encode(text), tokenizer.encode(text)) << "seed " << seed;
    ASSERT_EQ(read.encode_with_specials(text), tokenizer.encode_with_specials(text)) << "seed " << seed;
  }
}

/// Reads the small tokenizer's file after a merge patch (RFC 7396: null removes a key).
Result<Tokenizer> read_with(const nlohmann::json& changes) {
  nlohmann::json file = nlohmann::json::parse(small().to_json());
  file.merge_patch(changes);
  return Tokenizer::from_json(file.dump());
}

TEST(TokenizerJsonTest, WhatIsNotUnderstoodIsUnsupportedAndNamed) {
  using nlohmann::json;
  const json byte_level = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  const json split = {{"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "Removed"}};
  const std::vector<std::pair<json, std::string>> cases = {
      {{{"normalizer", {{"type", "Lowercase"}}}}, "Lowercase"},
      {{{"pre_tokenizer", {{"type", "Metaspace"}}}}, "Metaspace"},
      {{{"pre_tokenizer", nullptr}}, "pre_tokenizer"},
      {{{"pre_tokenizer", {{"type", "ByteLevel"}}}}, "add_prefix_space"},
      {{{"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", {split, byte_level}}}}}, "Removed"},
      {{{"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", {byte_level, split}}}}},
       "behind ByteLevel"},
      {{{"decoder", {{"type", "WordPiece"}}}}, "WordPiece"},
      {{{"model", {{"type", "Unigram"}}}}, "Unigram"},
      {{{"model", {{"byte_fallback", true}}}}, "byte_fallback"},
      {{{"model", {{"end_of_word_suffix", "</w>"}}}}, "end_of_word_suffix"},
      {{{"model", {{"dropout", 0.1}}}}, "dropout"},
      {{{"model", {{"vocab", {{"!", nullptr}}}}}}, "byte 0x21"},
      {{{"added_tokens", {{{"id", 300}, {"content", "<x>"}, {"lstrip", true}}}}}, "lstrip"},
  };
  for (const auto& [change, name] : cases) {
    const auto result = read_with(change);
    ASSERT_FALSE(result.ok()) << change;
    EXPECT_EQ(result.error().code, ErrorCode::kUnsupported) << change;
    EXPECT_THAT(result.error().message, HasSubstr(name));
  }
}

TEST(TokenizerJsonTest, WhatContradictsItselfIsInvalidAndNamed) {
  using nlohmann::json;
  const std::vector<std::pair<json, std::string>> cases = {
      {{{"model", nullptr}}, "no model"},
      {{{"model", {{"vocab", 3}}}}, "model.vocab"},
      {{{"model", {{"merges", {"a b", "a zz"}}}}}, "merge 1 names token \"zz\""},
      {{{"model", {{"merges", {"a b", "a b"}}}}}, "merge 1 is there twice"},
      {{{"model", {{"merges", {"ab"}}}}}, "merge 0 is not two tokens"},
      {{{"model", {{"merges", {"<|pad|> a"}}}}}, "merge 0"},
      {{{"model", {{"vocab", {{"xyz", 5}}}}}}, "id 5 belongs to both"},
      {{{"model", {{"vocab", {{"xyz", 5000000}}}}}}, "\"xyz\""},
      {{{"model", {{"vocab", {{"xyz", -1}}}}}}, "\"xyz\""},
      {{{"added_tokens", {{{"id", 5}, {"content", "<|pad|>"}}}}}, "<|pad|>"},
      {{{"added_tokens", {{{"id", 5}}}}}, "added_tokens[0]"},
  };
  for (const auto& [change, name] : cases) {
    const auto result = read_with(change);
    ASSERT_FALSE(result.ok()) << change;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidData) << change;
    EXPECT_THAT(result.error().message, HasSubstr(name));
  }
}

TEST(TokenizerJsonTest, WithIgnoreMergesAPieceThatIsATokenStaysWhole) {
  const nlohmann::json added = {{"model", {{"ignore_merges", true}, {"vocab", {{"zzz", 262}}}}}};
  EXPECT_THAT(read_with(added).value().encode("zzz"), ElementsAre(262));
  EXPECT_THAT(read_with(added).value().encode("zzzz"), testing::SizeIs(4));
}

TEST(BpeTrainerTest, TheMostFrequentPairComesFirst) {
  const std::vector<std::string> texts = {"abab", "cdcdcd", "ab"};
  BpeOptions options{.vocab_size = 258, .pattern = "", .specials = {}};
  const Tokenizer tokenizer = train_bpe(texts, options).value();
  EXPECT_EQ(tokenizer.bytes(256), "ab");  // as frequent as cd, and bytewise smaller
  EXPECT_EQ(tokenizer.bytes(257), "cd");
}

TEST(BpeTrainerTest, ATextsRepetitionsCount) {
  const std::vector<std::string> texts = {"xy", "xy", "xy", "ab", "ab"};
  EXPECT_EQ(train_bpe(texts, {.vocab_size = 257, .pattern = "", .specials = {}}).value().bytes(256), "xy");
}

TEST(BpeTrainerTest, RarePairsAreNotMerged) {
  const std::vector<std::string> texts = {"abcd", "ab"};
  EXPECT_EQ(train_bpe(texts, {.vocab_size = 1000, .pattern = "", .specials = {}}).value().size(), 257U);
}

TEST(BpeTrainerTest, TheOrderOfTextsDoesNotMatter) {
  std::vector<std::string> texts;
  Rng rng(5);
  for (int i = 0; i < 200; ++i) texts.push_back(random_text(rng));
  const BpeOptions options{.vocab_size = 500, .pattern = kPattern, .specials = diff_specials()};
  const std::string before = train_bpe(texts, options).value().to_json();
  rng.shuffle(std::span(texts));
  EXPECT_EQ(train_bpe(texts, options).value().to_json(), before);
}

/// Counts all pairs anew for each merge.
std::vector<std::string> reference_training(const std::vector<std::string>& texts, std::size_t merges) {
  std::vector<std::vector<std::string>> words;
  for (const std::string& text : texts) {
    words.emplace_back();
    for (const char c : text) words.back().emplace_back(1, c);
  }
  std::vector<std::string> made;
  while (made.size() < merges) {
    std::map<std::pair<std::string, std::string>, int> counts;
    for (const auto& word : words) {
      for (std::size_t i = 0; i + 1 < word.size(); ++i) ++counts[{word[i], word[i + 1]}];
    }
    auto best = counts.end();
    for (auto it = counts.begin(); it != counts.end(); ++it) {
      if (it->second >= 2 && (best == counts.end() || it->second > best->second)) best = it;
    }
    if (best == counts.end()) break;
    const auto [left, right] = best->first;
    if (std::find(made.begin(), made.end(), left + right) == made.end()) made.push_back(left + right);
    for (auto& word : words) {
      for (std::size_t i = 0; i + 1 < word.size(); ++i) {
        if (word[i] != left || word[i + 1] != right) continue;
        word[i] += right;
        word.erase(word.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
    }
  }
  return made;
}

TEST(BpeTrainerTest, MergesAreThoseOfCountingAnew) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    Rng rng(seed);
    std::vector<std::string> texts(20);
    for (std::string& text : texts) {
      text.resize(rng.below(40));
      for (char& c : text) c = "aaabc"[rng.below(5)];
    }
    const Tokenizer tokenizer = train_bpe(texts, {.vocab_size = 290, .pattern = "", .specials = {}}).value();
    const std::vector<std::string> expected = reference_training(texts, 34);
    ASSERT_EQ(tokenizer.size(), 256 + expected.size()) << "seed " << seed;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(tokenizer.bytes(static_cast<TokenId>(256 + i)), expected[i])
          << "seed " << seed << " merge " << i;
    }
  }
}

TEST(BpeTrainerTest, NoMergeMakesASpecialToken) {
  const std::vector<std::string> texts = {"<x><x><x>", "<x>"};
  const Tokenizer tokenizer =
      train_bpe(texts, {.vocab_size = 270, .pattern = "", .specials = {"<x>"}}).value();
  EXPECT_THAT(tokenizer.encode("<x>"), testing::SizeIs(testing::Gt(1U)));
  EXPECT_TRUE(Tokenizer::from_json(tokenizer.to_json()).ok());
}

TEST(BpeTrainerTest, AVocabularyTooSmallForSpecialsAndBytesIsRefused) {
  const auto result = train_bpe({}, {.vocab_size = 300, .pattern = kPattern, .specials = diff_specials()});
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(result.error().message, HasSubstr("391"));
}

}  // namespace
}  // namespace samara::lm
