// PackedMatrix: a weight matrix in the layout that oneDNN likes best, with its compiled products. Row r of a
// product depends on row r of the source alone, not on how many rows there are: products are compiled for a
// few numbers of rows (row_counts()), on one thread, and the tests hold every one to the same bits.
// Immutable; const is safe to call concurrently with a MatrixWorkspace per thread.
#pragma once

#include <array>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>

#include "samara/lm/cpu/internal/aligned.h"
#include "samara/lm/tensor.h"

namespace samara::lm::cpu {

/// Rows that one product may have; a caller pads to the next with padded_rows().
inline constexpr std::array<std::size_t, 6> kRowCounts = {16, 32, 48, 64, 96, 128};
inline constexpr std::size_t kMaxRows = kRowCounts.back();
std::size_t padded_rows(std::size_t rows);

/// The process' one oneDNN engine.
const dnnl::engine& matrix_engine();

/// Keeps OpenMP, and so oneDNN, on the calling thread alone for as long as it lives.
class SingleThread {
 public:
  SingleThread();
  ~SingleThread();
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  int threads_;
};

/// What products write to besides their target; one per thread.
class MatrixWorkspace {
 public:
  MatrixWorkspace() : stream_(matrix_engine()) {}

 private:
  friend class PackedMatrix;
  dnnl::stream stream_;
  AlignedBuffer scratchpad_;
};

class PackedMatrix {
 public:
  struct Spec {
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    std::size_t target_stride = 0;  ///< floats from a row of the target to the next; at least `outputs`
    bool accumulate = false;        ///< adds to the target instead of overwriting it
  };

  PackedMatrix() = default;
  /// @param weights (outputs, inputs), row-major
  /// @param bias    `outputs` of them, or none
  /// Throws dnnl::error where oneDNN cannot do it, for want of instructions or memory.
  PackedMatrix(const Spec& spec, DataType element, std::span<const float> weights,
               std::span<const float> bias);

  /// target (rows, target_stride) floats = source (rows, inputs) elements times the weights, plus bias.
  /// @param rows one of kRowCounts
  void multiply(MatrixWorkspace& workspace, std::size_t rows, const void* source, float* target) const;

 private:
  struct Product {
    dnnl::matmul primitive;
    dnnl::memory::desc source, target, scratchpad;
  };
  std::array<Product, kRowCounts.size()> products_;
  dnnl::memory weights_, bias_;
};

}  // namespace samara::lm::cpu
