#include "samara/patch/regions.h"

#include <gtest/gtest.h>

namespace samara {
namespace {

std::vector<std::string> open_texts(const std::string& text) {
  std::vector<std::string> texts;
  const Result<Regions> regions = find_regions(text);
  EXPECT_TRUE(regions.ok());
  for (const Region& region : regions->open)
    texts.push_back(text.substr(region.begin, region.end - region.begin));
  return texts;
}

const std::string kMarked =
    "import os\n# EVOLVE-BLOCK-START\ndef f():\n    return 1\n# EVOLVE-BLOCK-END\nprint(f())\n";

TEST(RegionsTest, AProgramWithoutMarkersIsOneRegion) {
  EXPECT_EQ(open_texts("a\nb\n"), std::vector<std::string>{"a\nb\n"});
  EXPECT_EQ(open_texts(""), std::vector<std::string>{""});
}

TEST(RegionsTest, CommentsOfAnyLanguageMark) {
  for (const char* comment : {"# ", "// ", "-- ", ";; ", "% ", "/* ", "(* ", "<!-- ", "    # ", "! ", "#"}) {
    const std::string text = fmt::format("x\n{0}EVOLVE-BLOCK-START\ny\n{0}EVOLVE-BLOCK-END */\nz\n", comment);
    EXPECT_EQ(open_texts(text), std::vector<std::string>{"y\n"}) << comment;
  }
  EXPECT_EQ(open_texts("x = 'EVOLVE-BLOCK-START'\n").size(), 1u);
  EXPECT_FALSE(find_regions("EVOLVE-BLOCK-START = 1\n")->marked);
}

TEST(RegionsTest, BrokenMarkersAreErrorsThatNameTheLine) {
  for (const char* text : {"# EVOLVE-BLOCK-START\n", "x\n# EVOLVE-BLOCK-END\n",
                           "# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-END\n"}) {
    const Result<Regions> regions = find_regions(text);
    ASSERT_FALSE(regions.ok()) << text;
    EXPECT_NE(regions.error().message.find("line "), std::string::npos);
  }
}

TEST(RegionsTest, MarkersThatAreNotSeenAreNamed) {
  for (const char* comment : {"REM ", "@REM ", "dnl ", "NB. ", "", "  ", "c "}) {
    for (const char* marker : {"EVOLVE-BLOCK-START", "EVOLVE-BLOCK-END"}) {
      const std::string line = fmt::format("{}{}", comment, marker);
      EXPECT_EQ(unseen_marker("x\n" + line + "\r\ny\n"), fmt::format("line 2: \"{}\"", line));
    }
  }
  EXPECT_EQ(unseen_marker(kMarked), std::nullopt);
  EXPECT_EQ(unseen_marker("print('EVOLVE-BLOCKs are fine')\n"), std::nullopt);
  const std::string sentence = "# Lines from EVOLVE-BLOCK-START on may change.\n";
  EXPECT_EQ(unseen_marker(sentence + kMarked), std::nullopt);
  EXPECT_TRUE(unseen_marker(sentence).has_value());
  EXPECT_EQ(unseen_marker(kMarked + "REM EVOLVE-BLOCK-END\n"), "line 7: \"REM EVOLVE-BLOCK-END\"");
}

TEST(RegionsTest, ChangesInsideABlockAreAllowed) {
  std::string after = kMarked;
  after.replace(after.find("return 1"), 8, "x = 2\n    return x");
  EXPECT_EQ(forbidden_change(kMarked, after), std::nullopt);
  EXPECT_EQ(forbidden_change(kMarked, kMarked + "\n \n"), std::nullopt);
  const std::string emptied = "import os\n# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-END\nprint(f())";
  EXPECT_EQ(forbidden_change(kMarked, emptied), std::nullopt);
  EXPECT_EQ(forbidden_change(emptied, kMarked), std::nullopt);
}

TEST(RegionsTest, ChangesOutsideAreForbiddenAndNamed) {
  const auto refused = [](const std::string& from, const std::string& to) {
    std::string after = kMarked;
    after.replace(after.find(from), from.size(), to);
    const std::optional<std::string> why = forbidden_change(kMarked, after);
    EXPECT_TRUE(why.has_value()) << after;
    return why.value_or("");
  };
  EXPECT_NE(refused("import os", "import sys").find("line 1"), std::string::npos);
  EXPECT_NE(refused("print(f())", "print(2)").find("line 6"), std::string::npos);
  refused("import os\n", "");
  refused("print(f())\n", "print(f())\nprint(3)\n");
  refused("# EVOLVE-BLOCK-END\n", "");
  refused("# EVOLVE-BLOCK-START\n", "");
  refused("# EVOLVE-BLOCK-END\n", "# EVOLVE-BLOCK-END\n# EVOLVE-BLOCK-START\n1\n# EVOLVE-BLOCK-END\n");
  EXPECT_TRUE(forbidden_change(kMarked, "def f(): return 2\n").has_value());
}

TEST(RegionsTest, EveryFileOfAProgramMayChangeButNotTheirNames) {
  const std::string program = "=== main.c ===\nint main;\n=== src/sort.c ===\nint sort;\n";
  EXPECT_EQ(open_texts(program), (std::vector<std::string>{"int main;\n", "int sort;\n"}));
  EXPECT_EQ(find_regions(program)->open[1].path, "src/sort.c");
  EXPECT_EQ(forbidden_change(program, "=== main.c ===\nint x;\nint y;\n=== src/sort.c ===\n"), std::nullopt);
  EXPECT_TRUE(forbidden_change(program, "=== main.c ===\nint x;\n").has_value());
  EXPECT_TRUE(forbidden_change(program, program + "=== Makefile ===\nall:\n").has_value());
  EXPECT_TRUE(forbidden_change(program, "=== main.c ===\n=== sort.c ===\n").has_value());
}

TEST(RegionsTest, ALineLikeAHeaderInsideOfAProgramIsALine) {
  const std::string program = "\"\"\"\n=== usage ===\n\"\"\"\nx = 1\n";
  EXPECT_EQ(open_texts(program), std::vector<std::string>{program});
  EXPECT_EQ(forbidden_change(program, "x = 2\n"), std::nullopt);
  const std::string files = "=== a ===\n1\n=== b ===\n2\n";
  EXPECT_TRUE(forbidden_change(files, "0\n" + files).has_value());
}

TEST(RegionsTest, WithOneMarkedFileTheOthersAreFixed) {
  const std::string program =
      "=== a.py ===\nfixed\n=== b.py ===\n# EVOLVE-BLOCK-START\nopen\n# EVOLVE-BLOCK-END\n";
  EXPECT_EQ(open_texts(program), std::vector<std::string>{"open\n"});
  std::string after = program;
  after.replace(after.find("fixed"), 5, "other");
  EXPECT_TRUE(forbidden_change(program, after).has_value());
}

}  // namespace
}  // namespace samara
