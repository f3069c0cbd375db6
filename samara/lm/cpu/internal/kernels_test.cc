#include "samara/lm/cpu/internal/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "samara/base/rng.h"

namespace samara::lm::cpu {
namespace {

class KernelsTest : public ::testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels_ = *GetParam();
  /// Relative rounding error of an element.
  const double rounding_ = kernels_.element == DataType::kF32 ? 0x1p-24 : 0x1p-8;
};

std::vector<float> normal_values(Rng& rng, std::size_t n, double deviation = 1.0) {
  std::vector<float> values(n);
  for (float& value : values) value = static_cast<float>(deviation * rng.normal());
  return values;
}

TEST_P(KernelsTest, NarrowedAndWidenedAgainAValueIsRounded) {
  Rng rng(1);
  for (const std::size_t n : {1, 7, 16, 31, 100}) {
    const std::vector<float> in = normal_values(rng, n, 10.0);
    std::vector<std::byte> elements(n * kernels_.element_size);
    std::vector<float> out(n);
    kernels_.narrow(in.data(), n, elements.data());
    kernels_.widen(elements.data(), n, out.data());
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_NEAR(out[i], in[i], rounding_ * std::abs(static_cast<double>(in[i])));
    }
  }
}

TEST_P(KernelsTest, ExponentialsAreWithinTheStatedError) {
  std::vector<float> x;
  for (float v = -86.9F; v < 0.0F; v += 0.00137F) x.push_back(v);
  x.push_back(0.0F);
  std::vector<float> e(x.size()), sums(round_up(x.size(), kGroup) / kGroup);
  kernels_.exponentials(x.data(), x.size(), 1.0F, 0.0F, e.data(), sums.data());
  double worst = 0.0;
  std::vector<double> exact(sums.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double wanted = std::exp(static_cast<double>(x[i]));
    worst = std::max(worst, std::abs(static_cast<double>(e[i]) / wanted - 1.0));
    exact[i / kGroup] += static_cast<double>(e[i]);
  }
  EXPECT_LT(worst, 3e-7);
  for (std::size_t i = 0; i < sums.size(); ++i) EXPECT_NEAR(sums[i] / exact[i], 1.0, 1e-6);
}

TEST_P(KernelsTest, ExponentialsOfTheImpossibleAreZero) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> x = {-88.0F, -1e30F, -infinity, std::numeric_limits<float>::quiet_NaN(), 2.0F};
  std::vector<float> e(x.size()), sums(1);
  kernels_.exponentials(x.data(), x.size(), 0.5F, 2.0F, e.data(), sums.data());
  EXPECT_NEAR(e[0], std::exp(-45.0), 1e-25);  // scaled, it is possible
  EXPECT_EQ(e[1], 0.0F);
  EXPECT_EQ(e[2], 0.0F);
  EXPECT_EQ(e[3], 0.0F);
  EXPECT_EQ(e[4], 1.0F);
  EXPECT_EQ(kernels_.largest(x.data(), x.size()), 2.0F);
}

TEST_P(KernelsTest, RmsNormSwigluAndRotationFollowTheirFormulas) {
  Rng rng(2);
  for (const std::size_t n : {2, 6, 16, 36, 64, 100}) {
    const std::vector<float> x = normal_values(rng, n, 3.0), y = normal_values(rng, n);
    std::vector<std::byte> elements(n * kernels_.element_size);
    std::vector<float> out(n);

    kernels_.rms_norm(x.data(), y.data(), n, 1e-5F, elements.data());
    kernels_.widen(elements.data(), n, out.data());
    double squares = 0.0;
    for (const float v : x) squares += static_cast<double>(v) * v;
    for (std::size_t i = 0; i < n; ++i) {
      const double wanted = x[i] / std::sqrt(squares / static_cast<double>(n) + 1e-5) * y[i];
      EXPECT_NEAR(out[i], wanted, (rounding_ + 1e-6) * std::abs(wanted)) << n;
    }

    kernels_.swiglu(x.data(), y.data(), n, elements.data());
    kernels_.widen(elements.data(), n, out.data());
    for (std::size_t i = 0; i < n; ++i) {
      const double wanted = x[i] / (1.0 + std::exp(-static_cast<double>(x[i]))) * y[i];
      EXPECT_NEAR(out[i], wanted, (rounding_ + 1e-6) * std::abs(wanted)) << n;
    }

    std::vector<float> head = x, cosines, sines;
    for (std::size_t i = 0; i < n / 2; ++i) {
      cosines.push_back(std::cos(y[i]));
      sines.push_back(std::sin(y[i]));
    }
    kernels_.rotate(head.data(), cosines.data(), sines.data(), n / 2);
    for (std::size_t i = 0; i < n / 2; ++i) {
      EXPECT_NEAR(head[i], x[i] * std::cos(y[i]) - x[i + n / 2] * std::sin(y[i]), 1e-5);
      EXPECT_NEAR(head[i + n / 2], x[i + n / 2] * std::cos(y[i]) + x[i] * std::sin(y[i]), 1e-5);
    }
  }
}

TEST_P(KernelsTest, SwigluOfExtremesIsFinite) {
  const std::vector<float> gate = {-1e4F, -88.0F, 0.0F, 88.0F, 1e4F}, up(5, 1.0F);
  std::vector<std::byte> elements(5 * kernels_.element_size);
  std::vector<float> out(5);
  kernels_.swiglu(gate.data(), up.data(), 5, elements.data());
  kernels_.widen(elements.data(), 5, out.data());
  EXPECT_NEAR(out[0], 0.0, 1e-30);
  EXPECT_NEAR(out[1], 0.0, 1e-30);
  EXPECT_EQ(out[2], 0.0F);
  EXPECT_NEAR(out[3], 88.0, 0.3);
  EXPECT_NEAR(out[4], 1e4, 40.0);
}

TEST_P(KernelsTest, AttentionIsTheSoftmaxWeightedMeanOfTheValues) {
  Rng rng(3);
  for (const std::size_t head_dim : {2, 6, 16, 20, 32, 64, 80}) {
    for (const std::size_t heads : {1, 2, 3, 4, 7, 8}) {
      for (const std::size_t positions : {1, 2, 15, 16, 17, 63, 64, 65, 130, 193}) {
        // Elements are rounded first, so that what is left is the kernel's own error.
        const auto rounded = [&](std::vector<float> values) {
          std::vector<std::byte> elements(values.size() * kernels_.element_size);
          kernels_.narrow(values.data(), values.size(), elements.data());
          kernels_.widen(elements.data(), values.size(), values.data());
          return values;
        };
        const std::vector<float> query = rounded(normal_values(rng, heads * head_dim));
        const std::vector<float> keys = rounded(normal_values(rng, positions * head_dim));
        const std::vector<float> values = rounded(normal_values(rng, positions * head_dim));
        constexpr std::size_t kOffset = 128;  // another block's place
        std::vector<std::vector<std::byte>> pages((positions + kPagePositions - 1) / kPagePositions);
        std::vector<const std::byte*> addresses;
        for (auto& page : pages) {
          page.assign(kOffset + kernels_.block_bytes(head_dim), std::byte{0xFF});  // NaN wherever read
          addresses.push_back(page.data());
        }
        for (std::size_t p = 0; p < positions; ++p) {
          kernels_.store(&keys[p * head_dim], &values[p * head_dim], head_dim, p % kPagePositions,
                         pages[p / kPagePositions].data() + kOffset);
        }
        std::vector<std::byte> query_elements(query.size() * kernels_.element_size),
            out(query_elements.size());
        kernels_.narrow(query.data(), query.size(), query_elements.data());
        std::vector<float> scratch(heads * round_up(positions, kGroup));
        const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
        kernels_.attend({query_elements.data(), addresses.data(), kOffset, positions, heads, head_dim, scale,
                         scratch.data(), out.data()});
        std::vector<float> ours(query.size());
        kernels_.widen(out.data(), ours.size(), ours.data());

        for (std::size_t h = 0; h < heads; ++h) {
          std::vector<double> weights(positions), mean(head_dim);
          double total = 0.0;
          for (std::size_t p = 0; p < positions; ++p) {
            double score = 0.0;
            for (std::size_t i = 0; i < head_dim; ++i) {
              score += static_cast<double>(query[h * head_dim + i]) * keys[p * head_dim + i];
            }
            total += weights[p] = std::exp(score * static_cast<double>(scale));
          }
          for (std::size_t i = 0; i < head_dim; ++i) {
            for (std::size_t p = 0; p < positions; ++p) {
              mean[i] += weights[p] / total * static_cast<double>(values[p * head_dim + i]);
            }
            ASSERT_NEAR(ours[h * head_dim + i], mean[i], 4 * rounding_ + 2e-6)
                << head_dim << " " << heads << " " << positions;
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, KernelsTest,
                         ::testing::ValuesIn(supported_kernels().begin(), supported_kernels().end()),
                         [](const auto& instance) {
                           std::string name = instance.param->name;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace samara::lm::cpu
