#include "samara/store/internal/text_codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace samara::internal {
namespace {

std::string walker(int variant) {
  std::string text = "def make_walker():\n    wc = walker_creator()\n";
  for (int i = 0; i < 12; ++i) {
    text += fmt::format("    wc.add_joint({}, {})\n    wc.add_muscle({}, {})\n", (i * variant) % 97, i, i,
                        variant % 13);
  }
  return text + "    return wc.get_walker()\n";
}

std::vector<std::string> walkers(int from, int to) {
  std::vector<std::string> texts;
  for (int i = from; i < to; ++i) texts.push_back(walker(i));
  return texts;
}

RC_GTEST_PROP(TextCodecPropertyTest, TextsComeBack, (const std::string& text, bool with_dictionary)) {
  static const std::optional<std::string> dictionary = make_dictionary(walkers(0, 100));
  TextCodec codec;
  if (with_dictionary) {
    codec.add_dictionary(1, *dictionary);
    codec.compress_with(*dictionary);
  }
  const std::string frame(codec.compress(text));
  RC_ASSERT(codec.decompress(frame, with_dictionary, text.size()) == text);
  RC_ASSERT(codec.decompress(frame, with_dictionary, text.size() + 1) == std::nullopt);
}

TEST(TextCodecTest, ADictionaryOfRelativesMakesTextsMuchSmaller) {
  TextCodec codec;
  const std::string text = walker(1234);
  const std::size_t alone = codec.compress(text).size();
  codec.compress_with(make_dictionary(walkers(0, 100)).value());
  EXPECT_LT(codec.compress(text).size() * 2, alone);
}

TEST(TextCodecTest, OlderDictionariesStayReadable) {
  TextCodec codec;
  std::vector<std::string> frames;
  for (int number = 1; number <= 3; ++number) {
    const std::string dictionary = make_dictionary(walkers(number * 100, number * 100 + 50)).value();
    codec.add_dictionary(number, dictionary);
    codec.compress_with(dictionary);
    frames.emplace_back(codec.compress(walker(number)));
  }
  for (int number = 1; number <= 3; ++number) {
    EXPECT_EQ(codec.decompress(frames[static_cast<std::size_t>(number - 1)], number, walker(number).size()),
              walker(number));
  }
}

TEST(TextCodecTest, DictionariesOfOddTextsWorkToo) {
  const std::vector<std::string> odd[] = {
      {}, {"", "x", ""}, std::vector<std::string>(200, walker(1)), {std::string(300'000, 'x'), walker(1)}};
  for (const std::vector<std::string>& texts : odd) {
    const std::optional<std::string> dictionary = make_dictionary(texts);
    if (!dictionary) continue;
    TextCodec codec;
    codec.add_dictionary(1, *dictionary);
    codec.compress_with(*dictionary);
    const std::string frame(codec.compress(walker(2)));
    EXPECT_EQ(codec.decompress(frame, 1, walker(2).size()), walker(2));
  }
}

RC_GTEST_PROP(TextCodecPropertyTest, DamagedFramesAreRefusedOrHarmless,
              (std::uint16_t place, std::uint8_t change)) {
  TextCodec codec;
  const std::string text = walker(7);
  std::string frame(codec.compress(text));
  frame[place % frame.size()] = static_cast<char>(frame[place % frame.size()] ^ change);
  const auto decoded = codec.decompress(frame, 0, text.size());
  RC_ASSERT(!decoded || decoded->size() == text.size());
}

}  // namespace
}  // namespace samara::internal
