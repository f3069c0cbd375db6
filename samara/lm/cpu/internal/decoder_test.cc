#include "samara/lm/cpu/internal/decoder.h"

#include <gtest/gtest.h>

#include "samara/lm/cpu/internal/test_models.h"

namespace samara::lm::cpu {
namespace {

using testing::Reference;

/// Logits at every position, fed in passes of `chunk` rows.
std::vector<std::vector<float>> run(const ModelParts& parts, const Tokens& tokens, std::size_t chunk) {
  Decoder decoder(parts);
  PagePool pool(parts.page_bytes());
  KvSequence sequence(pool);
  sequence.reserve(tokens.size());
  std::vector<std::vector<float>> all;
  for (std::size_t from = 0; from < tokens.size(); from += chunk) {
    std::vector<Row> rows;
    std::vector<std::size_t> indices;
    for (std::size_t p = from; p < std::min(tokens.size(), from + chunk); ++p) {
      indices.push_back(rows.size());
      rows.push_back({tokens[p], p, &sequence});
    }
    decoder.forward(rows);
    const float* logits = decoder.logits(indices);
    for (const std::size_t i : indices) {
      all.emplace_back(logits + i * parts.config.vocab_size, logits + (i + 1) * parts.config.vocab_size);
    }
  }
  return all;
}

/// Root mean square of the differences, and of the reference.
std::pair<double, double> deviation(const std::vector<std::vector<float>>& ours,
                                    const std::vector<std::vector<double>>& theirs) {
  double difference = 0.0, size = 0.0, count = 0.0;
  for (std::size_t p = 0; p < ours.size(); ++p) {
    for (std::size_t i = 0; i < ours[p].size(); ++i, ++count) {
      difference += std::pow(static_cast<double>(ours[p][i]) - theirs[p][i], 2);
      size += std::pow(theirs[p][i], 2);
    }
  }
  return {std::sqrt(difference / count), std::sqrt(size / count)};
}

class DecoderTest : public ::testing::TestWithParam<const Kernels*> {};

TEST_P(DecoderTest, LogitsAreThoseOfTheReference) {
  const Kernels& kernels = *GetParam();
  std::uint64_t seed = 1;
  for (const testing::Shape& shape : testing::test_shapes()) {
    SCOPED_TRACE(::testing::Message() << "shape " << seed);
    const ModelConfig config = testing::config_of(shape);
    const Tensors tensors = testing::make_tensors(config, seed);
    Rng rng(++seed);
    const Tokens tokens = testing::random_tokens(rng, 150, shape.vocab);
    const auto parts = pack(config, tensors, kernels);
    const auto ours = run(*parts, tokens, 40);
    const auto theirs = Reference(config, tensors).logits(tokens);
    const auto [difference, size] = deviation(ours, theirs);
    EXPECT_GT(size, 0.5);
    EXPECT_LT(difference, (kernels.element == DataType::kF32 ? 2e-6 : 3e-2) * size);
    if (kernels.element != DataType::kF32) continue;
    for (std::size_t p = 0; p < ours.size(); ++p) {
      for (std::size_t i = 0; i < ours[p].size(); ++i) {
        ASSERT_NEAR(static_cast<double>(ours[p][i]), theirs[p][i], 1e-4 * size) << p << " " << i;
      }
    }
  }
}

TEST_P(DecoderTest, LogitsAreTheSameBitsHoweverThePassesArePutTogether) {
  for (const testing::Shape& shape : testing::test_shapes()) {
    const ModelConfig config = testing::config_of(shape);
    const auto parts = pack(config, testing::make_tensors(config, 5), *GetParam());
    Rng rng(6);
    const Tokens tokens = testing::random_tokens(rng, 140, shape.vocab);
    const auto one_by_one = run(*parts, tokens, 1);
    for (const std::size_t chunk : {2, 16, 17, 33, 64, 100, 128}) {
      ASSERT_EQ(run(*parts, tokens, chunk), one_by_one) << "chunks of " << chunk;
    }
  }
}

TEST_P(DecoderTest, AForkedSequenceContinuesAsItsOriginAndApartFromIt) {
  const testing::Shape shape = testing::test_shapes()[1];
  const ModelConfig config = testing::config_of(shape);
  const auto parts = pack(config, testing::make_tensors(config, 7), *GetParam());
  Rng rng(8);
  const Tokens first = testing::random_tokens(rng, 130, shape.vocab);
  for (const std::size_t shared : {1, 63, 64, 65, 100, 129}) {
    Tokens second = testing::random_tokens(rng, 130, shape.vocab);
    std::copy(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(shared), second.begin());

    Decoder decoder(*parts);
    PagePool pool(parts->page_bytes());
    KvSequence origin(pool);
    const auto feed = [&](KvSequence& sequence, const Tokens& tokens, std::size_t from) {
      sequence.reserve(tokens.size());
      std::vector<float> last;
      for (std::size_t p = from; p < tokens.size(); ++p) {
        const Row row{tokens[p], p, &sequence};
        decoder.forward({&row, 1});
        const std::size_t index = 0;
        const float* logits = decoder.logits({&index, 1});
        last.assign(logits, logits + config.vocab_size);
      }
      return last;
    };
    const Tokens beginning(first.begin(), first.end() - 1);
    feed(origin, beginning, 0);
    KvSequence fork = origin.fork(shared);
    EXPECT_EQ(feed(fork, second, shared), run(*parts, second, 1).back()) << shared;
    EXPECT_EQ(feed(origin, first, beginning.size()), run(*parts, first, 1).back()) << shared;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, DecoderTest,
                         ::testing::ValuesIn(supported_kernels().begin(), supported_kernels().end()),
                         [](const auto& instance) {
                           std::string name = instance.param->name;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace samara::lm::cpu
