// PackedMatrix: a weight matrix in the layout that oneDNN likes best, with its compiled products. Row r of a
// product depends on row r of the source alone, not on how many rows there are: products are compiled for a
// few numbers of rows, on one thread, and a new matrix checks that they agree to the bit. Where one does not
// (oneDNN 2.6 for AVX2 sums two of 32 rows in another order), the first is used several times instead.
// Immutable; const is safe to call concurrently with a MatrixWorkspace per thread.
#pragma once

#include <array>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <unordered_map>
#include <vector>

#include "samara/lm/cpu/internal/aligned.h"
#include "samara/lm/tensor.h"

namespace samara::lm::cpu {

/// Rows that one product may have, multiples of the first; a caller pads to the next with padded_rows().
inline constexpr std::array<std::size_t, 6> kRowCounts = {16, 32, 48, 64, 96, 128};
inline constexpr std::size_t kMaxRows = kRowCounts.back();
std::size_t padded_rows(std::size_t rows);

/// The process' one oneDNN engine.
const dnnl::engine& matrix_engine();

/// What products write to besides their target, and oneDNN's names for all they use; one per thread. The
/// matrices that it was used with must outlive it.
class MatrixWorkspace {
 public:
  MatrixWorkspace() : stream_(matrix_engine()) {}

 private:
  friend class PackedMatrix;
  dnnl::stream stream_;
  AlignedBuffer scratchpad_;
  std::unordered_map<const void*, std::unordered_map<int, dnnl::memory>> arguments_;  ///< by product
};

class PackedMatrix {
 public:
  struct Spec {
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    std::size_t target_stride = 0;    ///< floats from a row of the target to the next; at least `outputs`
    bool accumulate = false;          ///< adds to the target instead of overwriting it
    std::size_t max_rows = kMaxRows;  ///< of a product: one of kRowCounts
  };

  PackedMatrix() = default;
  /// @param weights (outputs, inputs), row-major
  /// @param bias    `outputs` of them, or none
  /// Throws dnnl::error where oneDNN cannot do it: for want of instructions or memory, or because even 16
  /// rows are not treated alike.
  PackedMatrix(const Spec& spec, DataType element, std::span<const float> weights,
               std::span<const float> bias);

  /// target (rows, target_stride) floats = source (rows, inputs) elements times the weights, plus bias.
  /// @param rows one of kRowCounts, at most the spec's max_rows
  void multiply(MatrixWorkspace& workspace, std::size_t rows, const void* source, float* target) const;

 private:
  struct Product {
    dnnl::matmul primitive;
    dnnl::memory::desc source, target, scratchpad;
    bool agrees = true;  ///< with the first product
  };
  void run(MatrixWorkspace& workspace, const Product& product, const void* source, float* target) const;
  /// Whether equal rows give equal results with this product, equal to `row` where that is not empty; else
  /// they are put there.
  bool treats_rows_alike(const Spec& spec, std::size_t count, const Product& product,
                         std::vector<float>& row) const;

  std::vector<Product> products_;                      ///< for each of kRowCounts up to max_rows
  std::size_t source_stride_ = 0, target_stride_ = 0;  ///< bytes and floats of a row
  dnnl::memory weights_, bias_;
};

}  // namespace samara::lm::cpu
