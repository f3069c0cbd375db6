#include "samara/mutation/diff/bare_program.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "samara/patch/line_diff.h"

namespace samara::diff {
namespace {

TEST(BareProgramTest, LeavesOutLinesThatHoldACommentAlone) {
  const BareProgram bare = bare_program(
      "# one\n"
      "x = '''\n"
      "# text\n"
      "'''  # kept\n"
      "  # two\r\n"
      "y = (1,\r\n"
      "     # three\n"
      "     2)\n"
      "# four");
  EXPECT_EQ(bare.source, "x = '''\n# text\n'''  # kept\ny = (1,\r\n     2)\n");
  EXPECT_EQ(bare.line_of, (std::vector<std::size_t>{1, 2, 3, 5, 7, 9}));
  EXPECT_EQ(bare_program("").line_of, std::vector<std::size_t>{0});
  EXPECT_EQ(bare_program("#\n#").source, "");
  EXPECT_EQ(bare_program("x = 1").source, "x = 1");
  EXPECT_EQ(bare_program("x = 1 \\\n# ends the line\ny = 2\n").source, "x = 1 \\\n# ends the line\ny = 2\n");
}

/// A change of the bare program, made to the whole one, gives a program that is bare like the change's.
RC_GTEST_PROP(BareProgramTest, HunksOfItDoToTheWholeWhatTheyDoToIt, ()) {
  const auto line = rc::gen::map(rc::gen::inRange(0, 8), [](int i) {
    return i < 3 ? "# " + std::to_string(i) : "x = " + std::to_string(i);
  });
  const auto program = rc::gen::map(rc::gen::container<std::vector<std::string>>(line),
                                    [](const std::vector<std::string>& lines) {
                                      std::string text;
                                      for (const std::string& each : lines) text += each + "\n";
                                      return text;
                                    });
  const std::string whole = *program;
  const std::string goal = bare_program(*program).source;
  const BareProgram bare = bare_program(whole);
  const std::vector<Hunk> hunks = hunks_between(bare.source, goal);
  RC_ASSERT(apply_hunks(bare.source, hunks) == goal);
  const std::string after = apply_hunks(whole, hunks_of_whole(bare, hunks));
  RC_ASSERT(bare_program(after).source == goal);
  // Where nothing is removed every comment stays, in its order.
  const auto comments = [](const std::string& text) {
    std::string found;
    for (const std::string_view each : split_lines(text)) {
      if (each.starts_with('#')) found += each;
    }
    return found;
  };
  if (std::all_of(hunks.begin(), hunks.end(), [](const Hunk& hunk) { return hunk.removed == 0; })) {
    RC_ASSERT(comments(after) == comments(whole));
  }
}

}  // namespace
}  // namespace samara::diff
