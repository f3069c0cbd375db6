#include "samara/mutation/text/text_operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "samara/mutation/text/source_text.h"

namespace samara::text {
namespace {

using ::testing::HasSubstr;

const Program kC(R"c(void sort(int *items, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = i + 1; j < count; ++j) {
      if (items[j] < items[i] && count > 1) {
        int other = items[i];
        items[i] = items[j];
        items[j] = other;
      } else {
        break;
      }
    }
  }
}
)c");
const Program kRust(R"rs(fn area<'a>(sides: &'a [f64], scale: f64) -> f64 {
    let mut sum = 0.0;
    for (i, side) in sides.iter().enumerate() {
        sum += side.powi(2) * scale + 1.5e-3 * (i as f64);
    }
    sum.max(0.25)
}
)rs");
const Program kLua(
    "local best, step = 10, 3\nwhile best > 0 do\n  best = best - step\nend\nprint(best, 1)\n");

class TextOperatorTest : public ::testing::Test {
 protected:
  ProposalResult propose(const Program& parent, const Program& donor, std::size_t arm, std::uint32_t slot) {
    const MutationRequest request{
        .parent = &parent, .donor = &donor, .arm = arm, .rng = Rng(1, 2, slot, Stream::kMutate)};
    return text_.propose(std::span(&request, 1)).value().at(0);
  }
  std::size_t arm(const std::string& name) {
    return static_cast<std::size_t>(std::find(text_.arms().begin(), text_.arms().end(), name) -
                                    text_.arms().begin());
  }
  /// Different children of an arm.
  std::set<std::string> children(const std::string& name, const Program& parent, const Program& donor) {
    std::set<std::string> children;
    for (std::uint32_t slot = 0; slot < 300; ++slot) {
      const ProposalResult result = propose(parent, donor, arm(name), slot);
      if (const Proposal* proposal = std::get_if<Proposal>(&result)) children.insert(proposal->source);
    }
    return children;
  }
  std::set<std::string> children(const std::string& name, const std::string& parent) {
    const Program program(parent);
    return children(name, program, program);
  }

  TextOperator text_;
};

std::ptrdiff_t brackets(const std::string& text) {
  std::ptrdiff_t depth = 0;
  const SourceText source(text);
  for (const Token& token : source.tokens()) {
    depth += token.kind == TokenKind::kOpen ? 1 : token.kind == TokenKind::kClose ? -1 : 0;
  }
  return depth;
}

TEST_F(TextOperatorTest, EveryChildDiffersAndKeepsBracketsInPairs) {
  for (const Program* parent : {&kC, &kRust, &kLua}) {
    for (std::size_t a = 0; a < text_.arms().size(); ++a) {
      int made = 0;
      for (std::uint32_t slot = 0; slot < 200; ++slot) {
        const ProposalResult result = propose(*parent, kC, a, slot);
        const Proposal* proposal = std::get_if<Proposal>(&result);
        if (proposal == nullptr) continue;
        ++made;
        EXPECT_NE(proposal->source, parent->source());
        EXPECT_EQ(brackets(proposal->source), 0) << text_.arms()[a] << ": " << proposal->source;
        EXPECT_FALSE(proposal->note.empty());
        EXPECT_EQ(proposal->note.find('\n'), std::string::npos);
      }
      const bool same = parent == &kC && text_.arms()[a] == "text.crossover";  // with itself as donor
      EXPECT_EQ(made > 0, !same) << text_.arms()[a] << " of " << parent->source();
    }
  }
}

TEST_F(TextOperatorTest, AProposalDependsOnItsRequestAlone) {
  std::vector<MutationRequest> requests;
  for (std::uint32_t slot = 0; slot < 50; ++slot) {
    requests.push_back({&kC, &kRust, slot % text_.arms().size(), Rng(7, 1, slot, Stream::kMutate)});
  }
  const auto text = [](const ProposalResult& result) {
    const Proposal* proposal = std::get_if<Proposal>(&result);
    return proposal ? proposal->source + proposal->note : std::get<Failure>(result).message;
  };
  const std::vector<ProposalResult> together = text_.propose(requests).value();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(text(together[i]), text(text_.propose(std::span(&requests[i], 1)).value().at(0)));
  }
}

TEST_F(TextOperatorTest, NumbersKeepTheirKindAndWhatIsWrittenBehindThem) {
  for (const std::string& child : children("text.number", "x = 10u;\n")) {
    EXPECT_TRUE(child.ends_with("u;\n")) << child;
    EXPECT_EQ(child.find('.'), std::string::npos) << child;
  }
  for (const std::string& child : children("text.number", "x = 2.5f32;\n")) {
    EXPECT_TRUE(child.ends_with("f32;\n")) << child;
    EXPECT_NE(child.find('.'), std::string::npos) << child;
  }
  EXPECT_GT(children("text.number", "x = 10u;\n").size(), 10U);
  EXPECT_TRUE(children("text.number", "x = 0xFF + 017 + \"3\"; // 4\n#define N 5\n").empty());
}

TEST_F(TextOperatorTest, ASignStaysOfItsKind) {
  EXPECT_EQ(children("text.sign", "ok = a <= b;\n"),
            (std::set<std::string>{"ok = a < b;\n", "ok = a > b;\n", "ok = a >= b;\n", "ok = a == b;\n",
                                   "ok = a != b;\n"}));
  EXPECT_EQ(children("text.sign", "a && b\n"), std::set<std::string>{"a || b\n"});
  // A pointer, an address, a template's argument, a sign before an operand.
  EXPECT_TRUE(children("text.sign", "int *p = &x; int* q = -p; vector<int> v;\n").empty());
}

TEST_F(TextOperatorTest, ANameStaysInItsRole) {
  EXPECT_EQ(children("text.name", "int c = f(a) + g(b);\n"),
            (std::set<std::string>{"int c = g(a) + g(b);\n", "int c = f(a) + f(b);\n",
                                   "int c = f(b) + g(b);\n", "int c = f(a) + g(a);\n"}));
}

TEST_F(TextOperatorTest, LinesTakeTheIndentationOfTheirNewPlace) {
  const std::set<std::string> moved = children("text.move", "if (x) {\n  a();\n}\nb();\n");
  EXPECT_TRUE(moved.contains("if (x) {\n  b();\n  a();\n}\n"));
  EXPECT_TRUE(moved.contains("a();\nif (x) {\n}\nb();\n"));
  const std::set<std::string> copied = children("text.copy", "if (x) {\n  a();\n}\nb();");
  EXPECT_TRUE(copied.contains("if (x) {\n  a();\n}\nb();\na();\n")) << "a last line without a line break";
}

TEST_F(TextOperatorTest, ADonorGivesWhatTheParentHasNot) {
  const Program parent("a();\nb();\n"), donor("a();\nif (x) {\n  c();\n}\n");
  const std::set<std::string> crossed = children("text.crossover", parent, donor);
  EXPECT_TRUE(crossed.contains("a();\nif (x) {\n  c();\n}\nb();\n"));
  EXPECT_TRUE(crossed.contains("a();\nc();\n"));
  EXPECT_FALSE(crossed.contains("a();\na();\nb();\n"));
}

TEST_F(TextOperatorTest, AProgramWithNothingToChangeIsToldSo) {
  const Program empty(""), comment("# nothing\n");
  for (std::size_t a = 0; a < text_.arms().size(); ++a) {
    for (const Program* parent : {&empty, &comment}) {
      const ProposalResult result = propose(*parent, *parent, a, 0);
      ASSERT_TRUE(std::holds_alternative<Failure>(result));
      EXPECT_EQ(std::get<Failure>(result).outcome, Outcome::kNoDiff);
      EXPECT_THAT(std::get<Failure>(result).message, HasSubstr("nothing to change"));
    }
  }
}

TEST_F(TextOperatorTest, TakesAnyBytes) {
  Rng rng(5);
  const std::string_view alphabet("ab01. \n(){}[]'\"\\/*#+-;,=<>\xff\0", 29);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    std::string bytes;
    for (std::uint32_t n = rng.below(80); n > 0; --n) bytes += alphabet[rng.below(29)];
    const Program parent(bytes);
    propose(parent, i % 2 == 0 ? kC : parent, i % text_.arms().size(), i);
  }
}

}  // namespace
}  // namespace samara::text
