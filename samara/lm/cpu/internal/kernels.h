// Kernels: what the sampler computes itself, beside oneDNN's matrix products: norms, rotary positions,
// SwiGLU, attention, exponentials. One table of functions per instruction set, chosen by the processor when a
// model is packed; kernel_templates.h is their one source. Within a table every function is a pure function
// of its arguments and treats a row alike however it is called; tables differ in the last bits. Safe to call
// concurrently.
//
// Activations between matrix products, keys and values are *elements*: fp32 or bf16, as the table says. A
// *word* is 32 bits: one fp32 element or two bf16 elements, which one instruction multiplies and adds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "samara/lm/tensor.h"

namespace samara::lm::cpu {

/// Keys of this many positions lie side by side, so that they are one vector, two or four.
inline constexpr std::size_t kGroup = 16;
/// Positions whose keys and values lie together, of all layers and heads: the unit of sharing and allocation.
inline constexpr std::size_t kPagePositions = 64;

constexpr std::size_t round_up(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

/// One token's attention in one layer, for all query heads of one key/value head.
struct Attention {
  const void* query;              ///< (heads, head_dim) elements, rotated
  const std::byte* const* pages;  ///< the sequence's pages, in order
  std::size_t offset;             ///< bytes into a page, where this layer's and head's block begins
  std::size_t positions;          ///< attended: those below it; at least 1
  std::size_t heads;
  std::size_t head_dim;
  float scale;     ///< of the scores, before the softmax
  float* scratch;  ///< heads * round_up(positions, kGroup) floats, 64 byte aligned
  void* out;       ///< (heads, head_dim) elements
};

struct Kernels {
  const char* name;  ///< "avx512-bf16", "avx512", "avx2", "plain"
  DataType element;  ///< kF32 or kBF16
  std::size_t element_size;

  void (*narrow)(const float* in, std::size_t n, void* out);
  void (*widen)(const void* in, std::size_t n, float* out);
  /// out = x * weight / sqrt(mean(x^2) + epsilon)
  void (*rms_norm)(const float* x, const float* weight, std::size_t n, float epsilon, void* out);
  /// Rotates pairs (head[i], head[i + half]) by the angles whose cosines and sines are given.
  void (*rotate)(float* head, const float* cosines, const float* sines, std::size_t half);
  /// out = gate / (1 + exp(-gate)) * up
  void (*swiglu)(const float* gate, const float* up, std::size_t n, void* out);
  /// Puts one position's key and value, head_dim floats each, into a block of a page.
  void (*store)(const float* key, const float* value, std::size_t head_dim, std::size_t position_in_page,
                std::byte* block);
  void (*attend)(const Attention& attention);
  /// Largest of n >= 1 values; NaN counts as minus infinity.
  float (*largest)(const float* in, std::size_t n);
  /// out[i] = exp(scale * (in[i] - shift)), 0 below exp(-87) and for NaN; sums[j] = sum of the j-th kGroup of
  /// them.
  void (*exponentials)(const float* in, std::size_t n, float scale, float shift, float* out, float* sums);

  /// Bytes of a block: one layer's and one key/value head's keys and values of a page.
  std::size_t block_bytes(std::size_t head_dim) const {
    return kPagePositions * (head_dim + round_up(head_dim, kGroup)) * element_size;
  }
};

/// The tables that this processor can run, best first; at least one of kF32.
std::span<const Kernels* const> supported_kernels();
/// The best table for elements of this type; null where the processor has none.
const Kernels* find_kernels(DataType element);

extern const Kernels kPlainKernels;
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels, kAvx512Kernels, kAvx512Bf16Kernels;
#endif

}  // namespace samara::lm::cpu
