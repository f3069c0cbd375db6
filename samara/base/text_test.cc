#include "samara/base/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace samara {
namespace {

TEST(TextTest, NearestNameFindsTyposOnly) {
  const std::vector<std::string> keys{"iterations", "batch", "operator", "workers"};
  EXPECT_EQ(nearest_name("iteratons", keys), "iterations");
  EXPECT_EQ(nearest_name("worker", keys), "workers");
  EXPECT_EQ(nearest_name("colour", keys), std::nullopt);
}

TEST(TextTest, OneLineHasNoBreaksAndABound) {
  EXPECT_EQ(one_line("a\nb\tc"), "a b c");
  EXPECT_EQ(one_line("0123456789", 8), "01234...");
  EXPECT_EQ(one_line("ééééé", 8), "éé...");  // two bytes each: never half a character
}

TEST(TextTest, JsonDepthCountsBracketsOutsideOfStrings) {
  EXPECT_EQ(json_depth("1"), 0);
  EXPECT_EQ(json_depth("[]"), 1);
  EXPECT_EQ(json_depth(R"([{"a": []}, [1]])"), 3);
  EXPECT_EQ(json_depth(R"(["[[\"[[", {}])"), 2);
  EXPECT_EQ(json_depth(std::string(1000, '[')), 1000);
}

TEST(TextTest, SanitizeKeepsValidTextAndReplacesTheRest) {
  EXPECT_EQ(sanitize_utf8("aé€😀"), "aé€😀");
  EXPECT_EQ(sanitize_utf8("a\xff"
                          "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(sanitize_utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  EXPECT_EQ(sanitize_utf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong '/'
  EXPECT_EQ(sanitize_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // cut off
}

}  // namespace
}  // namespace samara
