#include "samara/lm/torch/internal/products.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "samara/lm/processor.h"

namespace samara::lm {
namespace {

// Every number of rows that query blocks can have, as one size in a thousand corrupted the heap.
TEST(ProductsTest, TransposedProductsInBf16AgreeWithFp32AtEverySize) {
  if (!cpu_has_bf16()) GTEST_SKIP() << "emulated bf16 rounds its sums, too";
  for (std::int64_t n : {64, 128, 256}) {
    for (std::int64_t i = 16; i <= 1024; i += 16) {
      const at::Tensor a = at::randn({1, n, i}, at::kBFloat16), b = at::randn({1, n, 32}, at::kBFloat16);
      const at::Tensor exact = at::bmm(a.to(at::kFloat).transpose(1, 2), b.to(at::kFloat));
      const at::Tensor error = (transposed_product(a, b).to(at::kFloat) - exact).abs().max();
      EXPECT_LT(error.item<float>(), 0.01 * exact.abs().max().item<float>()) << n << " x " << i;
    }
  }
}

}  // namespace
}  // namespace samara::lm
