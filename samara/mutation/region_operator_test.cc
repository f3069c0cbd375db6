#include "samara/mutation/region_operator.h"

#include <gtest/gtest.h>

namespace samara {
namespace {

/// Adds a line, and with arm 1 the donor's text.
class Appender : public MutationOperator {
 public:
  std::span<const std::string> arms() const override { return arms_; }
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override {
    std::vector<ProposalResult> results;
    for (const MutationRequest& r : requests) {
      if (r.parent->source().find("stuck") != std::string::npos) {
        results.push_back(Failure{Outcome::kNoDiff, "stuck"});
      } else {
        results.push_back(Proposal{r.parent->source() + (r.arm == 1 ? r.donor->source() : "more = 1\n"),
                                   "added", r.arm == 1});
      }
    }
    return results;
  }

 private:
  std::vector<std::string> arms_{"add", "cross"};
};

std::string edited(const std::string& parent, const std::string& donor, std::size_t arm = 0) {
  RegionOperator regions(std::make_unique<Appender>(), ".py");
  const Program parent_program(parent), donor_program(donor);
  MutationRequest request{&parent_program, &donor_program, arm};
  request.rng = Rng(3);
  const std::vector<ProposalResult> results = regions.propose(std::span(&request, 1)).value();
  const Proposal* proposal = std::get_if<Proposal>(&results[0]);
  return proposal ? proposal->source : std::get<Failure>(results[0]).message;
}

TEST(RegionOperatorTest, AnUnmarkedProgramIsEditedAsItIs) {
  EXPECT_EQ(edited("x = 1\n", "y = 1\n"), "x = 1\nmore = 1\n");
}

TEST(RegionOperatorTest, OnlyTheBlockIsShownAndChanged) {
  const std::string parent = "import a\n# EVOLVE-BLOCK-START\nx = 1\n# EVOLVE-BLOCK-END\nprint(x)\n";
  const std::string donor = "import b\n# EVOLVE-BLOCK-START\ny = 1\n# EVOLVE-BLOCK-END\n";
  EXPECT_EQ(edited(parent, donor),
            "import a\n# EVOLVE-BLOCK-START\nx = 1\nmore = 1\n# EVOLVE-BLOCK-END\nprint(x)\n");
  EXPECT_EQ(edited(parent, donor, 1),
            "import a\n# EVOLVE-BLOCK-START\nx = 1\ny = 1\n# EVOLVE-BLOCK-END\nprint(x)\n");
}

TEST(RegionOperatorTest, AnIndentedBlockIsShownWithoutItsIndentation) {
  const std::string parent =
      "def f():\n    # EVOLVE-BLOCK-START\n    x = 1\n\n    y = 2\n    # EVOLVE-BLOCK-END\n";
  EXPECT_EQ(
      edited(parent, parent),
      "def f():\n    # EVOLVE-BLOCK-START\n    x = 1\n\n    y = 2\n    more = 1\n    # EVOLVE-BLOCK-END\n");
}

TEST(RegionOperatorTest, FilesOfOtherLanguagesAreLeftAlone) {
  EXPECT_EQ(edited("=== a.c ===\nint x;\n=== b.py ===\nx = 1\n", "x"),
            "=== a.c ===\nint x;\n=== b.py ===\nx = 1\nmore = 1\n");
  EXPECT_EQ(edited("=== a.c ===\nint x;\n", "x"), "the program has nothing to change");
}

TEST(RegionOperatorTest, FailuresPassThrough) {
  EXPECT_EQ(edited("# EVOLVE-BLOCK-START\nstuck\n# EVOLVE-BLOCK-END\n", "x"), "stuck");
}

}  // namespace
}  // namespace samara
