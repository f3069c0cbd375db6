// Matrix products that need a word. Internal: this header includes torch. Stateless.
#pragma once

#include <ATen/core/Tensor.h>

namespace samara::lm {

/// aᵀ b over the last two dimensions: (..., n, i) and (..., n, j) give (..., i, j). In bf16 on the CPU the
/// transpose is copied out first: oneDNN 2.6.3, which Debian's libtorch multiplies with, can read a
/// transposed left factor where it lies, but for some sizes (352 x 128 by 128 x 32 is one) its kernel then
/// writes past the end of its own buffer.
at::Tensor transposed_product(const at::Tensor& a, const at::Tensor& b);

}  // namespace samara::lm
