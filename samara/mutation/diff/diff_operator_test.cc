#include "samara/mutation/diff/diff_operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "samara/lm/diff_specials.h"
#include "samara/mutation/diff/diff_constraint.h"
#include "samara/patch/line_diff.h"

namespace samara::diff {
namespace {

constexpr const char* kPattern = "_*[A-Za-z]+|_+|[0-9]|[^A-Za-z_0-9]+";
constexpr const char* kWalker =
    "def make_walker():\n"
    "    wc = walker_creator()\n"
    "    sides = [wc.add_joint(0, 0), wc.add_joint(0, 10)]\n"
    "    for k in range(len(sides) - 1):\n"
    "        wc.add_muscle(sides[k], sides[k + 1])\n"
    "    return wc.get_walker()\n";

std::shared_ptr<const lm::Model> model_with(std::vector<std::string> specials) {
  Result<lm::Tokenizer> tokenizer =
      lm::Tokenizer::make(kPattern, {{"w", "c"}, {"wc", "."}}, std::move(specials));
  SAMARA_CHECK(tokenizer.ok());
  return std::make_shared<const lm::Model>(lm::Model{{}, {}, std::move(tokenizer).value()});
}

/// Writes uniformly random tokens that the filter allows; a fixed reply where there is one.
class RandomGenerator : public lm::Generator {
 public:
  RandomGenerator(std::shared_ptr<const lm::Model> model, std::string reply)
      : model_(std::move(model)), reply_(std::move(reply)) {}

  Result<std::vector<lm::Generation>> generate(std::span<const lm::GenerationRequest> requests) override {
    std::vector<lm::Generation> generations;
    for (const lm::GenerationRequest& request : requests) generations.push_back(write(request));
    return generations;
  }

 private:
  lm::Generation write(const lm::GenerationRequest& request) const {
    lm::Generation generation;
    if (!reply_.empty()) {
      generation.tokens = model_->tokenizer.encode_with_specials(reply_);
      generation.finish = lm::FinishReason::kStop;
      return generation;
    }
    Rng rng = request.rng;
    while (generation.tokens.size() < request.sampling.max_tokens) {
      std::vector<lm::TokenId> allowed;
      for (lm::TokenId token = 0; token < model_->tokenizer.size(); ++token) {
        if (!request.filter || request.filter->allows(token)) allowed.push_back(token);
      }
      if (allowed.empty()) {
        generation.finish = lm::FinishReason::kStuck;
        return generation;
      }
      // Ends early where it may: random text seldom does by itself.
      const auto end = std::find(allowed.begin(), allowed.end(), request.stop_tokens[0]);
      const lm::TokenId token = end != allowed.end() && rng.chance(0.3)
                                    ? *end
                                    : allowed[rng.below(static_cast<std::uint32_t>(allowed.size()))];
      if (request.filter) request.filter->accept(token);
      generation.tokens.push_back(token);
      if (token == request.stop_tokens[0]) {
        generation.finish = lm::FinishReason::kStop;
        return generation;
      }
    }
    return generation;
  }

  std::shared_ptr<const lm::Model> model_;
  std::string reply_;
};

GeneratorFactory random_generators(std::string reply = "") {
  return [reply](std::shared_ptr<const lm::Model> model) -> Result<std::unique_ptr<lm::Generator>> {
    return std::unique_ptr<lm::Generator>(std::make_unique<RandomGenerator>(std::move(model), reply));
  };
}

DiffOptions options_for_walkers() {
  DiffOptions options;
  options.function = "make_walker";
  options.known_names = {"walker_creator"};
  return options;
}

std::vector<MutationRequest> requests_for(const Program& parent, std::size_t count,
                                          std::uint32_t iteration = 1) {
  std::vector<MutationRequest> requests;
  for (std::size_t i = 0; i < count; ++i) {
    requests.push_back({&parent, &parent, i % 3,
                        Rng(7, iteration, static_cast<std::uint32_t>(i), Stream::kMutate), iteration});
  }
  return requests;
}

std::string source_of(const ProposalResult& result) {
  const Proposal* proposal = std::get_if<Proposal>(&result);
  return proposal ? proposal->source : "";
}

TEST(DiffOperatorTest, UnderTheConstraintEveryDiffThatEndsAppliesAndNearlyAllChangeTheProgram) {
  DiffOperator mutation(fixed_model(model_with(lm::diff_specials())), random_generators(),
                        options_for_walkers());
  const Program parent(kWalker);
  const auto proposals = mutation.propose(requests_for(parent, 300));
  ASSERT_TRUE(proposals.ok()) << proposals.error().message;
  std::size_t applied = 0;
  for (const ProposalResult& result : *proposals) {
    if (const Failure* failure = std::get_if<Failure>(&result)) {
      EXPECT_THAT(failure->message, testing::AnyOf(testing::HasSubstr("does not end"),
                                                   testing::HasSubstr("nothing that fits")));
      continue;
    }
    ++applied;
    EXPECT_NE(source_of(result), kWalker);
  }
  EXPECT_GT(applied, 30U);
}

TEST(DiffOperatorTest, IsSampledAsAskedOrElseAsTheModelsFolderSays) {
  /// Tells how it was asked.
  struct Recorder : lm::Generator {
    explicit Recorder(lm::SamplingOptions& heard) : heard(heard) {}
    Result<std::vector<lm::Generation>> generate(std::span<const lm::GenerationRequest> requests) override {
      heard = requests.front().sampling;
      return std::vector<lm::Generation>(requests.size());
    }
    lm::SamplingOptions& heard;
  };
  lm::SamplingOptions heard;
  const auto asked = [&](lm::SamplingAdvice of_spec, lm::SamplingAdvice of_model) {
    lm::Model model = *model_with(lm::diff_specials());
    model.sampling = of_model;
    DiffOptions options = options_for_walkers();
    options.sampling = of_spec;
    DiffOperator mutation(
        fixed_model(std::make_shared<const lm::Model>(std::move(model))),
        [&](std::shared_ptr<const lm::Model>) -> Result<std::unique_ptr<lm::Generator>> {
          return std::unique_ptr<lm::Generator>(std::make_unique<Recorder>(heard));
        },
        options);
    const Program parent(kWalker);
    EXPECT_TRUE(mutation.propose(requests_for(parent, 1)).ok());
    return std::pair(heard.temperature, heard.top_p);
  };
  EXPECT_EQ(asked({}, {}), std::pair(0.8F, 1.0F));
  EXPECT_EQ(asked({}, {1.0, 0.95}), std::pair(1.0F, 0.95F));
  EXPECT_EQ(asked({0.5, {}}, {1.0, 0.95}), std::pair(0.5F, 0.95F));
  EXPECT_EQ(asked({0.0, 0.0}, {1.0, 0.95}), std::pair(0.0F, 0.0F));
}

TEST(DiffOperatorTest, CommentLinesAreNotShownAndStayWhereTheyAre) {
  const Program parent(
      "# A walker.\n"
      "def make_walker():\n"
      "    # Its body.\n"
      "    wc = walker_creator()\n"
      "\n"
      "    # Its end,\n"
      "    return 1  # a number\n"
      "# in Python.\n");
  const auto child_of = [&](const std::string& reply, bool comments) {
    DiffOptions options = options_for_walkers();
    options.comments = comments;
    DiffOperator mutation(fixed_model(model_with(lm::diff_specials())), random_generators(reply), options);
    return source_of(mutation.propose(requests_for(parent, 1)).value().front());
  };
  EXPECT_EQ(child_of("<|line 2|><|delete|><|insert|>    wc = 1<|line 4|><|insert|>    wc = 2<|end|>", false),
            "# A walker.\n"
            "def make_walker():\n"
            "    # Its body.\n"
            "    wc = 1\n"
            "\n"
            "    # Its end,\n"
            "    wc = 2\n"
            "    return 1  # a number\n"
            "# in Python.\n");
  EXPECT_EQ(child_of("<|line 1|><|delete|><|delete|><|insert|>def make_walker(n=3):<|end|>", false),
            "# A walker.\n"
            "def make_walker(n=3):\n"
            "\n"
            "    # Its end,\n"
            "    return 1  # a number\n"
            "# in Python.\n");
  EXPECT_EQ(child_of("<|line 5|><|insert|>x = 1<|end|>", false), parent.source() + "x = 1\n");
  EXPECT_EQ(child_of("<|line 1|><|delete|><|insert|># Mine.<|end|>", true),
            "# Mine." + parent.source().substr(std::string("# A walker.").size()));
}

TEST(DiffOperatorTest, NewLinesMayBe20BytesLongerThanTheLongestShownOr100) {
  const auto model = model_with(lm::diff_specials());
  const DiffCodec codec = DiffCodec::make(model->tokenizer).value();
  for (const std::size_t longest : {30U, 80U, 81U, 150U}) {
    const std::string source = "'" + std::string(longest - 2, 'n') + "'\n";
    const auto lines = split_lines(source);
    DiffConstraint constraint(codec, lines, {0, 1},
                              PythonGuard(PythonProgram::parse(source), {.names = false}));
    for (const lm::TokenId token : model->tokenizer.encode_with_specials("<|line 1|><|delete|><|insert|>'")) {
      constraint.accept(token);
    }
    const lm::TokenId letter = model->tokenizer.encode("n").front();
    std::size_t bytes = 1;  // the quote
    for (; bytes < 1000 && constraint.allows(letter); ++bytes) constraint.accept(letter);
    EXPECT_EQ(bytes, longest <= 80 ? 100U : longest + 20);
  }
}

TEST(DiffOperatorTest, WithoutTheConstraintRandomTextIsRefusedWithAReason) {
  DiffOptions options = options_for_walkers();
  options.constrained = false;
  DiffOperator mutation(fixed_model(model_with(lm::diff_specials())), random_generators(), options);
  const Program parent(kWalker);
  const auto proposals = mutation.propose(requests_for(parent, 50));
  ASSERT_TRUE(proposals.ok());
  for (const ProposalResult& result : *proposals) {
    const Failure* failure = std::get_if<Failure>(&result);
    ASSERT_NE(failure, nullptr);
    EXPECT_EQ(failure->outcome, Outcome::kDiffDoesNotApply);
    EXPECT_FALSE(failure->message.empty());
  }
}

TEST(DiffOperatorTest, ADiffIsAppliedAndTheNoteIsTheMessage) {
  DiffOperator mutation(fixed_model(model_with(lm::diff_specials())),
                        random_generators("<|line 3|><|delete|><|insert|>    sides = []<|end|>"),
                        options_for_walkers());
  const Program parent(kWalker);
  const auto proposals = mutation.propose(requests_for(parent, 3));
  ASSERT_TRUE(proposals.ok());
  std::string expected = kWalker;
  const std::string line = "    sides = [wc.add_joint(0, 0), wc.add_joint(0, 10)]\n";
  expected.replace(expected.find(line), line.size(), "    sides = []\n");
  std::vector<std::string> notes;
  for (const ProposalResult& result : *proposals) {
    EXPECT_EQ(source_of(result), expected);
    notes.push_back(std::get<Proposal>(result).note);
  }
  EXPECT_THAT(notes, testing::ElementsAre("Changed make_walker function.",
                                          "Changed parameters in make_walker function.",
                                          "Small change to make_walker function."));
}

/// Gives the replies in turn, one to each call, and the last again and again.
GeneratorFactory replies_in_turn(std::vector<std::string> replies, std::size_t& calls) {
  return [replies, &calls](std::shared_ptr<const lm::Model> model) -> Result<std::unique_ptr<lm::Generator>> {
    class InTurn : public lm::Generator {
     public:
      InTurn(std::shared_ptr<const lm::Model> model, std::vector<std::string> replies, std::size_t& calls)
          : model_(std::move(model)), replies_(std::move(replies)), calls_(calls) {}
      Result<std::vector<lm::Generation>> generate(std::span<const lm::GenerationRequest> requests) override {
        const std::string& reply = replies_[std::min(calls_++, replies_.size() - 1)];
        return std::vector<lm::Generation>(
            requests.size(), {model_->tokenizer.encode_with_specials(reply), lm::FinishReason::kStop, 0.0});
      }

     private:
      std::shared_ptr<const lm::Model> model_;
      std::vector<std::string> replies_;
      std::size_t& calls_;
    };
    return std::unique_ptr<lm::Generator>(std::make_unique<InTurn>(std::move(model), replies, calls));
  };
}

constexpr const char* kUnbinds = "<|line 3|><|delete|><|end|>";  // sides
constexpr const char* kRebinds = "<|line 3|><|delete|><|insert|>    sides = []<|end|>";

TEST(DiffOperatorTest, ADiffThatLeavesANameUnboundIsDrawnAnew) {
  const Program parent(kWalker);
  std::size_t calls = 0;
  DiffOperator mutation(fixed_model(model_with(lm::diff_specials())),
                        replies_in_turn({kUnbinds, "<|line 3|>nonsense", kRebinds}, calls),
                        options_for_walkers());
  const auto proposals = mutation.propose(requests_for(parent, 2));
  ASSERT_TRUE(proposals.ok());
  EXPECT_EQ(calls, 3U);
  EXPECT_THAT(source_of((*proposals)[0]), testing::HasSubstr("sides = []"));
}

TEST(DiffOperatorTest, TheLastAttemptStandsWhateverItIs) {
  const Program parent(kWalker);
  for (const bool constrained : {true, false}) {
    std::size_t calls = 0;
    DiffOptions options = options_for_walkers();
    options.attempts = 2;
    options.constrained = constrained;
    DiffOperator mutation(fixed_model(model_with(lm::diff_specials())), replies_in_turn({kUnbinds}, calls),
                          options);
    const auto proposals = mutation.propose(requests_for(parent, 1));
    ASSERT_TRUE(proposals.ok());
    EXPECT_EQ(calls, constrained ? 2U : 1U) << "what is not constrained is not judged either";
    EXPECT_THAT(source_of((*proposals)[0]), testing::Not(testing::HasSubstr("sides =")));
  }
}

TEST(DiffOperatorTest, ADiffMayPutALineBackAndIsThenDrawnAnew) {
  const Program parent("def f(a):\n    b = a\n    return b\n");
  const std::string same = "<|line 2|><|delete|><|insert|>    b = a<|end|>";
  const std::string other = "<|line 2|><|delete|><|insert|>    b = 3<|end|>";
  std::size_t calls = 0;
  DiffOperator mutation(fixed_model(model_with(lm::diff_specials())), replies_in_turn({same, other}, calls),
                        options_for_walkers());
  EXPECT_THAT(source_of(mutation.propose(requests_for(parent, 1)).value()[0]), testing::HasSubstr("b = 3"));
  EXPECT_EQ(calls, 2U);

  const auto model = model_with(lm::diff_specials());
  const DiffCodec codec = DiffCodec::make(model->tokenizer).value();
  const auto lines = split_lines(parent.source());
  const auto may_end = [&](const std::string& diff) {
    DiffConstraint constraint(codec, lines, {0, lines.size()},
                              PythonGuard(PythonProgram::parse(parent.source())));
    for (const lm::TokenId token : model->tokenizer.encode_with_specials(diff)) {
      if (!constraint.allows(token)) return false;
      constraint.accept(token);
    }
    return true;
  };
  EXPECT_TRUE(may_end(same));
  EXPECT_TRUE(may_end(other));
  EXPECT_FALSE(may_end("<|line 2|><|end|>")) << "an edit edits something";
}

TEST(DiffOperatorTest, ADiffThatPutsBackOneOfSeveralLinesIsDrawnAnewFromThatLineOn) {
  /// Writes the beginning of a diff, and its end to those that go on from there.
  class Hesitant : public lm::Generator {
   public:
    Hesitant(std::shared_ptr<const lm::Model> model, std::vector<std::string>& prompts)
        : model_(std::move(model)), prompts_(prompts) {}
    Result<std::vector<lm::Generation>> generate(std::span<const lm::GenerationRequest> requests) override {
      std::string prompt, diff;
      for (const lm::TokenId token : requests[0].prompt) prompt += model_->tokenizer.bytes(token);
      prompts_.push_back(prompt);
      if (prompts_.size() == 1) diff = "<|line 2|><|delete|><|delete|><|insert|>    b = 3<|insert|>";
      diff += prompts_.size() < 4 ? "    return b<|end|>" : "    return a<|end|>";
      EXPECT_TRUE(requests[0].filter->allows(model_->tokenizer.encode_with_specials(diff).front()));
      return std::vector<lm::Generation>{
          {model_->tokenizer.encode_with_specials(diff), lm::FinishReason::kStop, 0.0}};
    }

   private:
    std::shared_ptr<const lm::Model> model_;
    std::vector<std::string>& prompts_;
  };
  const Program parent("def f(a):\n    b = a\n    return b\n");
  const std::string kept = "<|line 2|><|delete|><|delete|><|insert|>    b = 3<|insert|>";
  for (const std::uint32_t attempts : {3U, 8U}) {
    std::vector<std::string> prompts;
    DiffOptions options = options_for_walkers();
    options.attempts = attempts;
    DiffOperator mutation(
        fixed_model(model_with(lm::diff_specials())),
        [&](std::shared_ptr<const lm::Model> model) -> Result<std::unique_ptr<lm::Generator>> {
          return std::unique_ptr<lm::Generator>(std::make_unique<Hesitant>(std::move(model), prompts));
        },
        options);
    const ProposalResult child = mutation.propose(requests_for(parent, 1)).value()[0];
    EXPECT_EQ(source_of(child), attempts == 3 ? "def f(a):\n    b = 3\n    return b\n"
                                              : "def f(a):\n    b = 3\n    return a\n");
    ASSERT_EQ(prompts.size(), attempts == 3 ? 3U : 4U);
    for (std::size_t i = 1; i < prompts.size(); ++i) EXPECT_EQ(prompts[i], prompts[0] + kept);
  }
}

TEST(DiffOperatorTest, CommentsAreNoFaultsOfAChild) {
  const Program parent(
      "def f(a, b):\n"
      "    return a\n"
      "def g(a):\n"
      "    x = f(a,\n"
      "          # the other\n"
      "          b=1)\n"
      "    return x\n");
  std::size_t calls = 0;
  DiffOperator mutation(fixed_model(model_with(lm::diff_specials())),
                        replies_in_turn({"<|line 6|><|delete|><|insert|>    return a<|end|>"}, calls),
                        options_for_walkers());
  EXPECT_THAT(source_of(mutation.propose(requests_for(parent, 1)).value()[0]),
              testing::HasSubstr("# the other"));
  EXPECT_EQ(calls, 1U);
}

TEST(DiffOperatorTest, WhatIsWrongWithTheParentIsAllowedToStayWrong) {
  const Program parent("def f(a):\n    b = a + c\n    return b + d\n");
  std::size_t calls = 0;
  DiffOperator mutation(fixed_model(model_with(lm::diff_specials())),
                        replies_in_turn({"<|line 2|><|delete|><|insert|>    b = a + a<|end|>"}, calls),
                        options_for_walkers());
  ASSERT_TRUE(mutation.propose(requests_for(parent, 1)).ok());
  EXPECT_EQ(calls, 1U);
}

TEST(DiffOperatorTest, AProposalDependsOnItsRequestAlone) {
  const auto model = model_with(lm::diff_specials());
  const Program a(kWalker), b("def make_walker():\n    return 1\n");
  DiffOperator together(fixed_model(model), random_generators(), options_for_walkers());
  std::vector<MutationRequest> requests = requests_for(a, 20);
  for (std::size_t i = 0; i < requests.size(); i += 2) requests[i].parent = &b;
  const auto all = together.propose(requests);
  ASSERT_TRUE(all.ok());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    DiffOperator alone(fixed_model(model), random_generators(), options_for_walkers());
    const auto one = alone.propose(std::span(requests).subspan(i, 1));
    ASSERT_TRUE(one.ok());
    EXPECT_EQ(source_of((*one)[0]), source_of((*all)[i])) << "request " << i;
  }
}

TEST(DiffOperatorTest, ALongProgramIsEditedEverywhere) {
  std::string source = "def make_walker():\n";
  for (int i = 0; i < 400; ++i) source += fmt::format("    x{} = {}\n", i, i);
  DiffOptions options = options_for_walkers();
  options.window_tokens = 200;
  DiffOperator mutation(fixed_model(model_with(lm::diff_specials())),
                        random_generators("<|line 2|><|delete|><|end|>"), options);
  const Program parent(source);
  std::vector<MutationRequest> requests = requests_for(parent, 400);
  for (std::size_t i = 0; i < requests.size(); i += 4) {
    for (std::size_t k = 1; k < 4; ++k) requests[i + k].first_sibling = requests[i].rng;
  }
  const auto proposals = mutation.propose(requests);
  ASSERT_TRUE(proposals.ok());
  std::set<std::string> different;
  for (std::size_t i = 0; i < requests.size(); i += 4) {
    EXPECT_LT(source_of((*proposals)[i]).size(), source.size());
    for (std::size_t k = 1; k < 4; ++k) {
      EXPECT_EQ(source_of((*proposals)[i]), source_of((*proposals)[i + k])) << "siblings share a window";
    }
    different.insert(source_of((*proposals)[i]));
  }
  EXPECT_GT(different.size(), 10U) << "windows should begin in many places";
}

TEST(DiffOperatorTest, EachIterationWritesWithItsModel) {
  class Alternating : public ModelSource {
   public:
    Result<std::shared_ptr<const lm::Model>> model_for(std::uint32_t iteration) override {
      return models[iteration % 2];
    }
    std::shared_ptr<const lm::Model> models[2] = {model_with(lm::diff_specials()),
                                                  model_with(lm::diff_specials())};
  };
  const auto models = std::make_shared<Alternating>();
  DiffOperator mutation(
      models,
      [&](std::shared_ptr<const lm::Model> model) -> Result<std::unique_ptr<lm::Generator>> {
        const std::string reply =
            model == models->models[0] ? "<|line 1|><|insert|>even<|end|>" : "<|line 1|><|insert|>odd<|end|>";
        return std::unique_ptr<lm::Generator>(std::make_unique<RandomGenerator>(model, reply));
      },
      options_for_walkers());
  const Program parent(kWalker);
  std::vector<MutationRequest> requests = requests_for(parent, 4, 1);
  for (const MutationRequest& request : requests_for(parent, 4, 2)) requests.push_back(request);
  const auto proposals = mutation.propose(requests);
  ASSERT_TRUE(proposals.ok());
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_TRUE(source_of((*proposals)[i]).starts_with(i < 4 ? "odd\n" : "even\n"));
}

TEST(DiffOperatorTest, AModelThatIsNoMoreNeededGoesBeforeTheNextIsMadeReady) {
  class New : public ModelSource {
   public:
    Result<std::shared_ptr<const lm::Model>> model_for(std::uint32_t) override {
      return model_with(lm::diff_specials());
    }
  };
  std::vector<std::weak_ptr<const lm::Model>> made;
  DiffOperator mutation(
      std::make_shared<New>(),
      [&](std::shared_ptr<const lm::Model> model) -> Result<std::unique_ptr<lm::Generator>> {
        EXPECT_TRUE(made.size() < 2 || made[made.size() - 2].expired());
        made.push_back(model);
        return std::unique_ptr<lm::Generator>(std::make_unique<RandomGenerator>(model, ""));
      },
      options_for_walkers());
  const Program parent(kWalker);
  for (std::uint32_t iteration = 1; iteration <= 4; ++iteration) {
    ASSERT_TRUE(mutation.propose(requests_for(parent, 1, iteration)).ok());
  }
  EXPECT_EQ(made.size(), 4U);
}

TEST(DiffOperatorTest, AProgramWithoutLinesHasNoDiff) {
  DiffOperator mutation(fixed_model(model_with(lm::diff_specials())), random_generators(),
                        options_for_walkers());
  const Program empty("");
  const auto proposals = mutation.propose(requests_for(empty, 1));
  ASSERT_TRUE(proposals.ok());
  EXPECT_EQ(std::get<Failure>((*proposals)[0]).outcome, Outcome::kNoDiff);
}

TEST(DiffOperatorTest, AModelOfAnotherKindIsAnError) {
  DiffOperator mutation(fixed_model(model_with({"<|end|>"})), random_generators(), options_for_walkers());
  const Program parent(kWalker);
  const auto proposals = mutation.propose(requests_for(parent, 1));
  ASSERT_FALSE(proposals.ok());
  EXPECT_EQ(proposals.error().code, ErrorCode::kUnsupported);
}

TEST(DiffOperatorTest, ThePapersMessagesHaveThePapersProbabilities) {
  std::vector<double> weights;
  for (const ArmWeight& arm : arm_weights(paper_messages())) weights.push_back(arm.weight);
  EXPECT_EQ(weights, (std::vector<double>{0.4, 0.3, 0.3}));
}

}  // namespace
}  // namespace samara::diff
