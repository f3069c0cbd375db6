#include "samara/mutation/composite_operator.h"

#include <gtest/gtest.h>

namespace samara {
namespace {

/// Answers with its name, the arm's index and the request's first random number.
class EchoOperator : public MutationOperator {
 public:
  EchoOperator(std::string name, std::vector<std::string> arms)
      : name_(std::move(name)), arms_(std::move(arms)) {}
  std::span<const std::string> arms() const override { return arms_; }
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override {
    if (name_ == "broken") return make_error(ErrorCode::kInternal, "broken");
    std::vector<ProposalResult> proposals;
    for (MutationRequest request : requests) {
      proposals.push_back(
          Proposal{.source = fmt::format("{} {} {}", name_, request.arm, request.rng.next_u32()),
                   .note = "",
                   .used_donor = false});
    }
    return proposals;
  }

 private:
  std::string name_;
  std::vector<std::string> arms_;
};

std::unique_ptr<MutationOperator> echo(std::string name, std::vector<std::string> arms) {
  return std::make_unique<EchoOperator>(std::move(name), std::move(arms));
}

TEST(CompositeOperatorTest, EveryRequestReachesItsArmAndStaysInItsPlace) {
  std::vector<std::unique_ptr<MutationOperator>> parts;
  parts.push_back(echo("a", {"a.x", "a.y"}));
  parts.push_back(echo("b", {"b.x"}));
  CompositeOperator both(std::move(parts));
  ASSERT_EQ(std::vector<std::string>(both.arms().begin(), both.arms().end()),
            (std::vector<std::string>{"a.x", "a.y", "b.x"}));

  const std::vector<std::string> expected_names = {"a 0", "a 1", "b 0"};
  std::vector<MutationRequest> requests;
  for (const std::size_t arm : {2u, 0u, 1u, 2u, 1u, 0u}) {
    requests.push_back({nullptr, nullptr, arm, Rng(requests.size() + 1), 0});
  }
  const auto proposals = both.propose(requests);
  ASSERT_TRUE(proposals.ok());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(std::get<Proposal>((*proposals)[i]).source,
              fmt::format("{} {}", expected_names[requests[i].arm], Rng(i + 1).next_u32()));
  }
}

TEST(CompositeOperatorTest, ThreeOperatorsShareABatch) {
  std::vector<std::unique_ptr<MutationOperator>> parts;
  for (const char* name : {"a", "b", "c"})
    parts.push_back(echo(name, {std::string(name) + ".x", std::string(name) + ".y"}));
  CompositeOperator all(std::move(parts));
  std::vector<MutationRequest> requests;
  for (std::size_t i = 0; i < 60; ++i) requests.push_back({nullptr, nullptr, (7 * i) % 6, Rng(i), 0});
  const auto proposals = all.propose(requests);
  ASSERT_TRUE(proposals.ok());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::size_t arm = requests[i].arm;
    EXPECT_EQ(std::get<Proposal>((*proposals)[i]).source,
              fmt::format("{} {} {}", "abc"[arm / 2], arm % 2, Rng(i).next_u32()));
  }
}

TEST(CompositeOperatorTest, AnErrorOfAPartIsTheError) {
  std::vector<std::unique_ptr<MutationOperator>> parts;
  parts.push_back(echo("a", {"a.x"}));
  parts.push_back(echo("broken", {"b.x"}));
  CompositeOperator both(std::move(parts));
  const std::vector<MutationRequest> fine = {{nullptr, nullptr, 0, Rng(1), 0}};
  EXPECT_TRUE(both.propose(fine).ok()) << "a part that is not asked cannot fail";
  const std::vector<MutationRequest> failing = {{nullptr, nullptr, 1, Rng(1), 0}};
  EXPECT_FALSE(both.propose(failing).ok());
}

}  // namespace
}  // namespace samara
