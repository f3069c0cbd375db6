#include "samara/lm/cpu/internal/packed_matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "samara/base/rng.h"
#include "samara/lm/cpu/internal/kernels.h"

namespace samara::lm::cpu {
namespace {

std::vector<float> normal_values(Rng& rng, std::size_t n) {
  std::vector<float> values(n);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

/// A matrix with random weights and a source of kMaxRows rows for it.
struct Product {
  PackedMatrix::Spec spec;
  const Kernels& kernels;
  std::vector<float> weights, bias, source;
  AlignedBuffer elements;
  PackedMatrix matrix;

  Product(const PackedMatrix::Spec& spec_, const Kernels& kernels_, bool biased)
      : spec(spec_), kernels(kernels_) {
    Rng rng(1);
    weights = normal_values(rng, spec.inputs * spec.outputs);
    if (biased) bias = normal_values(rng, spec.outputs);
    source = normal_values(rng, kMaxRows * spec.inputs);
    elements = AlignedBuffer(source.size() * kernels.element_size);
    kernels.narrow(source.data(), source.size(), elements.as());
    kernels.widen(elements.as(), source.size(), source.data());
    matrix = PackedMatrix(spec, kernels.element, weights, bias);
    if (kernels.element == DataType::kBF16) {
      std::vector<std::uint16_t> rounded(weights.size());
      kernels.narrow(weights.data(), weights.size(), rounded.data());
      kernels.widen(rounded.data(), weights.size(), weights.data());
    }
  }
  /// Rows from `from` on, added to 1 where the matrix accumulates.
  std::vector<float> rows(std::size_t from, std::size_t count) const {
    MatrixWorkspace workspace;
    std::vector<float> target(count * spec.target_stride, 1.0F);
    matrix.multiply(workspace, count, elements.as() + from * spec.inputs * kernels.element_size,
                    target.data());
    return target;
  }
};

std::vector<const Kernels*> kernels_of_each_type() {
  std::vector<const Kernels*> found = {find_kernels(DataType::kF32)};
  if (const Kernels* bf16 = find_kernels(DataType::kBF16)) found.push_back(bf16);
  return found;
}

TEST(PackedMatrixTest, ProductsAreThoseOfPlainLoops) {
  for (const Kernels* kernels : kernels_of_each_type()) {
    for (const bool biased : {false, true}) {
      for (const bool accumulate : {false, true}) {
        const Product product({50, 70, 80, accumulate}, *kernels, biased);
        const std::vector<float> found = product.rows(0, 48);
        for (std::size_t r = 0; r < 48; ++r) {
          for (std::size_t o = 0; o < 70; ++o) {
            double wanted = biased ? static_cast<double>(product.bias[o]) : 0.0;
            if (accumulate) wanted += 1.0;
            for (std::size_t i = 0; i < 50; ++i) {
              wanted += static_cast<double>(product.source[r * 50 + i]) * product.weights[o * 50 + i];
            }
            ASSERT_NEAR(found[r * 80 + o], wanted, 1e-4) << r << " " << o;
          }
          EXPECT_EQ(found[r * 80 + 75], 1.0F) << "what lies between rows is left alone";
        }
      }
    }
  }
}

/// What the sampler's promise rests on. Sizes of models of 1M, 4M and 10M parameters, and odd ones.
TEST(PackedMatrixTest, ARowHasTheSameBitsWhateverTheNumberOfRows) {
  const std::vector<PackedMatrix::Spec> specs = {
      {128, 192, 192, false},  {128, 704, 704, false},   {352, 128, 128, true},  {128, 1536, 1536, false},
      {256, 320, 320, false},  {256, 1408, 1408, false}, {704, 256, 256, true},  {256, 256, 256, true},
      {384, 448, 448, false},  {384, 2048, 2048, false}, {1024, 384, 384, true}, {384, 1536, 1536, false},
      {36, 100, 100, false},   {50, 36, 36, true},       {90, 333, 333, false},  {2, 1, 1, false},
      {896, 1152, 1152, false}};
  for (const Kernels* kernels : kernels_of_each_type()) {
    for (const PackedMatrix::Spec& spec : specs) {
      const Product product(spec, *kernels, !spec.accumulate);
      const std::vector<float> all = product.rows(0, kMaxRows);
      for (const std::size_t count : kRowCounts) {
        for (const std::size_t from : {std::size_t{0}, kMaxRows - count}) {
          const std::vector<float> some = product.rows(from, count);
          const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from * spec.target_stride);
          ASSERT_TRUE(std::equal(some.begin(), some.end(), begin))
              << kernels->name << " " << spec.inputs << " x " << spec.outputs << ", " << count << " rows";
        }
      }
    }
  }
}

}  // namespace
}  // namespace samara::lm::cpu
