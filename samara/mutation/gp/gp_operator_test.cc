#include "samara/mutation/gp/gp_operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace samara::gp {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSquare = R"py(def make_square(wc, left, bottom, right, top):
    # Four corners.
    j0 = wc.add_joint(left, bottom)
    j1 = wc.add_joint(left, top)
    j2 = wc.add_joint(right, top)
    j3 = wc.add_joint(right, bottom)
    return j0, j1, j2, j3


def make_walker():
    wc = walker_creator()
    corners = make_square(wc, 0, 0, 10, 10)
    center = wc.add_joint(5, 5)
    for k in range(4):
        wc.add_muscle(corners[k], corners[(k + 1) % 4])
    wc.add_muscle(corners[0], center, False, 5.0, 0.0)
    return wc.get_walker()
)py";

class GpOperatorTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    PythonRunner::Options options;
    options.harnesses = {harness()};
    Result<std::unique_ptr<PythonRunner>> started = PythonRunner::start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().message;
    runner_ = std::move(started).value().release();
  }
  static void TearDownTestSuite() {
    delete runner_;
    runner_ = nullptr;
  }

  static MutationRequest request(const Program& parent, std::size_t arm, std::uint32_t slot) {
    return {.parent = &parent, .donor = &parent, .arm = arm, .rng = Rng(1, 2, slot, Stream::kMutate)};
  }

  static std::vector<ProposalResult> propose(GpOperator& gp, std::span<const MutationRequest> requests) {
    Result<std::vector<ProposalResult>> proposals = gp.propose(requests);
    EXPECT_TRUE(proposals.ok()) << proposals.error().message;
    return proposals.ok() ? std::move(proposals).value() : std::vector<ProposalResult>{};
  }

  static PythonRunner* runner_;
};

PythonRunner* GpOperatorTest::runner_ = nullptr;

// Everything that a proposal is, for comparing.
std::string describe(const ProposalResult& result) {
  if (const auto* failure = std::get_if<Failure>(&result)) return "failed: " + failure->message;
  const auto& proposal = std::get<Proposal>(result);
  return proposal.note + (proposal.used_donor ? "|donor|" : "||") + proposal.source;
}

TEST_F(GpOperatorTest, EveryArmProposesAnotherProgramAndSaysHow) {
  for (const Preset preset : {Preset::kNode, Preset::kFull}) {
    GpOperator gp(preset, *runner_, 0);
    const Program parent(kSquare);
    for (std::size_t arm = 0; arm < gp.arms().size(); ++arm) {
      std::vector<MutationRequest> requests;
      for (std::uint32_t slot = 0; slot < 20; ++slot) requests.push_back(request(parent, arm, slot));
      int proposed = 0;
      for (const ProposalResult& result : propose(gp, requests)) {
        const auto* proposal = std::get_if<Proposal>(&result);
        if (proposal == nullptr) continue;
        ++proposed;
        EXPECT_NE(proposal->source, parent.source());
        EXPECT_FALSE(proposal->note.empty());
        EXPECT_EQ(proposal->note.find('\n'), std::string::npos);
        EXPECT_EQ(proposal->used_donor, gp.arms()[arm] == "gp.crossover");
      }
      EXPECT_GE(proposed, 15) << gp.arms()[arm];
    }
  }
}

TEST_F(GpOperatorTest, ProposalsDependOnTheRequestAlone) {
  GpOperator gp(Preset::kFull, *runner_, 0);
  const Program square(kSquare);
  const Program other("import math\n\n\ndef f(x):\n    y = math.sin(x) * 2.5\n    return y + 1\n");
  std::vector<MutationRequest> requests;
  for (std::uint32_t slot = 0; slot < 90; ++slot) {
    requests.push_back(request(slot % 3 == 0 ? other : square, slot % gp.arms().size(), slot));
    requests.back().donor = slot % 2 == 0 ? &other : &square;
  }
  const std::vector<ProposalResult> together = propose(gp, requests);
  ASSERT_EQ(together.size(), requests.size());
  for (std::size_t i = requests.size(); i-- > 0;) {
    EXPECT_EQ(describe(propose(gp, {&requests[i], 1}).at(0)), describe(together[i])) << i;
  }
}

TEST_F(GpOperatorTest, StreamsGiveDifferentProposals) {
  GpOperator gp(Preset::kFull, *runner_, 0);
  const Program parent(kSquare);
  std::vector<MutationRequest> requests;
  for (std::uint32_t slot = 0; slot < 64; ++slot) requests.push_back(request(parent, 0, slot));
  std::set<std::string> different;
  for (const ProposalResult& result : propose(gp, requests)) different.insert(describe(result));
  EXPECT_GT(different.size(), 50u);
}

TEST_F(GpOperatorTest, ExtraNamesReachTheEdits) {
  const Program parent("def f(a, b):\n    return a * b\n");
  const auto mentions = [&](const GpOptions& options) {
    GpOperator gp(Preset::kNode, *runner_, 0, options);
    std::vector<MutationRequest> requests;
    for (std::uint32_t slot = 0; slot < 64; ++slot) requests.push_back(request(parent, 0, slot));
    int count = 0;
    for (const ProposalResult& result : propose(gp, requests)) {
      count += describe(result).find("extra") != std::string::npos ? 1 : 0;
    }
    return count;
  };
  EXPECT_GT(mentions({.extra_names = {"extra"}}), 10);
  EXPECT_EQ(mentions({}), 0);
}

TEST_F(GpOperatorTest, NothingToChangeIsNoDiff) {
  GpOperator gp(Preset::kFull, *runner_, 0);
  for (const char* source : {"", "# only a comment\n", "def broken(:\n", "x = '\xff\xfe'\n", "pass\n"}) {
    const Program parent(source);
    for (std::size_t arm = 0; arm < gp.arms().size(); ++arm) {
      const MutationRequest one = request(parent, arm, 0);
      const std::vector<ProposalResult> results = propose(gp, {&one, 1});
      ASSERT_EQ(results.size(), 1u);
      const auto* failure = std::get_if<Failure>(&results[0]);
      ASSERT_NE(failure, nullptr) << source;
      EXPECT_EQ(failure->outcome, Outcome::kNoDiff) << source;
      EXPECT_FALSE(failure->message.empty());
    }
  }
}

TEST_F(GpOperatorTest, AProgramWithANullByteIsNoDiff) {
  GpOperator gp(Preset::kFull, *runner_, 0);
  const Program parent(std::string("x = 1\0\n", 7));
  const MutationRequest one = request(parent, 0, 0);
  const std::vector<ProposalResult> results = propose(gp, {&one, 1});
  ASSERT_TRUE(std::holds_alternative<Failure>(results.at(0)));
  EXPECT_THAT(std::get<Failure>(results[0]).message, HasSubstr("null byte"));
}

TEST_F(GpOperatorTest, HugeAndDeepProgramsEndInAnOutcome) {
  GpOperator gp(Preset::kFull, *runner_, 0);
  std::string sum = "x = 1";
  for (int i = 0; i < 20000; ++i) sum += " + 1";
  const std::string deep = "x = " + std::string(5000, '(') + "1" + std::string(5000, ')') + "\n";
  const std::string line = "x = '" + std::string(1 << 20, 'a') + "'\ny = 1\n";
  const std::string minus = "x = " + std::string(100000, '-') + "1\n";
  const Program neighbor(kSquare);
  const MutationRequest plain = request(neighbor, 0, 7);
  const std::string expected = describe(propose(gp, {&plain, 1}).at(0));
  for (const std::string& source : {sum, deep, line, minus}) {
    const Program parent(source);
    const std::vector<MutationRequest> requests{request(parent, 0, 0), plain, request(parent, 3, 1)};
    const std::vector<ProposalResult> results = propose(gp, requests);
    ASSERT_EQ(results.size(), 3u);
    EXPECT_EQ(describe(results[1]), expected);
  }
}

TEST_F(GpOperatorTest, PresetsNameEveryArmOnce) {
  for (const Preset preset : {Preset::kNode, Preset::kFull}) {
    const GpOperator gp(preset, *runner_, 0);
    const std::set<std::string> names(gp.arms().begin(), gp.arms().end());
    EXPECT_EQ(names.size(), gp.arms().size());
    EXPECT_EQ(names.size(), default_weights(preset).size());
    EXPECT_EQ(names.contains("gp.node"), preset == Preset::kNode);
  }
}

}  // namespace
}  // namespace samara::gp
