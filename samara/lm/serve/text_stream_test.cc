#include "samara/lm/serve/text_stream.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "samara/base/text.h"

namespace samara::lm {
namespace {

rc::Gen<std::string> awkward_bytes() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                          "a", "b", "ab", "aab", "\n", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff",
                          "\xc3", "\xe2\x82", "\xf0\x9f", "\x80", "\xed\xa0\x80")),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const std::string& part : parts) text += part;
                        return text;
                      });
}

/// The text up to the stop string that ends first; of those the longest.
std::string reference(const std::string& bytes, const std::vector<std::string>& stops) {
  for (std::size_t end = 1; end <= bytes.size(); ++end) {
    std::size_t longest = 0;
    for (const std::string& stop : stops) {
      if (std::string_view(bytes).substr(0, end).ends_with(stop)) longest = std::max(longest, stop.size());
    }
    if (longest > 0) return sanitize_utf8(bytes.substr(0, end - longest));
  }
  return sanitize_utf8(bytes);
}

TEST(TextStreamTest, HoweverBytesAreCutTheTextIsTheSame) {
  EXPECT_TRUE(rc::check([] {
    const std::string bytes = *awkward_bytes();
    const auto stops = *rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("ab", "b\n", "aaba", "\xc3\xa4",
                                      "\xe2\x82\xac"
                                      "a",
                                      "b"));
    TextStream stream(stops);
    std::string text;
    for (std::size_t at = 0; at < bytes.size() && !stream.stopped();) {
      const std::size_t size = *rc::gen::inRange<std::size_t>(1, 5);
      const std::string part = stream.push(std::string_view(bytes).substr(at, size));
      RC_ASSERT(sanitize_utf8(part) == part);
      text += part;
      at += size;
    }
    text += stream.finish();
    RC_ASSERT(text == reference(bytes, stops));
  }));
}

TEST(TextStreamTest, WhatCanBeShownIsShownAtOnce) {
  TextStream stream({"STOP"});
  EXPECT_EQ(stream.push("abc"), "abc");
  EXPECT_EQ(stream.push("ST"), "");
  EXPECT_EQ(stream.push("UP"), "STUP");
  EXPECT_EQ(stream.push("\xe2\x82"), "");
  EXPECT_EQ(stream.push("\xac"), "\xe2\x82\xac");
  EXPECT_EQ(stream.push("xSTOPy"), "x");
  EXPECT_TRUE(stream.stopped());
  EXPECT_EQ(stream.push("z"), "");
}

}  // namespace
}  // namespace samara::lm
