#include "samara/lm/torch/internal/products.h"

#include <ATen/ATen.h>

namespace samara::lm {

at::Tensor transposed_product(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor transposed = a.transpose(-2, -1);
  const bool copied = a.is_cpu() && a.scalar_type() == at::kBFloat16;
  return at::matmul(copied ? transposed.contiguous() : transposed, b);
}

}  // namespace samara::lm
