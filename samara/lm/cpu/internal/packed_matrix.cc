#include "samara/lm/cpu/internal/packed_matrix.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "samara/base/check.h"
#include "samara/base/rng.h"

// Of the OpenMP that oneDNN links; its header is the compiler's and clang has none without a package of its
// own.
extern "C" {
int omp_get_max_threads(void);
void omp_set_num_threads(int threads);
}

namespace samara::lm::cpu {
namespace {

using dnnl::memory;

std::size_t count_index(std::size_t rows) {
  const auto found = std::find(kRowCounts.begin(), kRowCounts.end(), rows);
  SAMARA_CHECK(found != kRowCounts.end());
  return static_cast<std::size_t>(found - kRowCounts.begin());
}

/// Keeps OpenMP, and so oneDNN, on the calling thread alone for as long as it lives.
class SingleThread {
 public:
  SingleThread() : threads_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~SingleThread() { omp_set_num_threads(threads_); }
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  int threads_;
};

memory::dim dim(std::size_t n) {
  return static_cast<memory::dim>(n);
}

}  // namespace

std::size_t padded_rows(std::size_t rows) {
  const auto found = std::lower_bound(kRowCounts.begin(), kRowCounts.end(), rows);
  SAMARA_CHECK(found != kRowCounts.end());
  return *found;
}

const dnnl::engine& matrix_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

PackedMatrix::PackedMatrix(const Spec& spec, DataType element, std::span<const float> weights,
                           std::span<const float> bias) {
  SAMARA_CHECK(weights.size() == spec.inputs * spec.outputs);
  const SingleThread single_thread;
  const dnnl::engine& engine = matrix_engine();
  const auto type = element == DataType::kBF16 ? memory::data_type::bf16 : memory::data_type::f32;
  const memory::dim inputs = dim(spec.inputs), outputs = dim(spec.outputs);
  const memory::desc bias_layout({1, outputs}, memory::data_type::f32, memory::format_tag::ab);
  if (!bias.empty()) {
    SAMARA_CHECK(bias.size() == spec.outputs);
    bias_ = memory(bias_layout, engine);
    std::copy(bias.begin(), bias.end(), static_cast<float*>(bias_.get_data_handle()));
  }

  dnnl::primitive_attr attributes;
  // Scratch memory is the workspace's: oneDNN's own would be shared by the threads that use this matrix.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (spec.accumulate) {
    dnnl::post_ops sum;
    sum.append_sum(1.0F);
    attributes.set_post_ops(sum);
  }
  // The layout is the one that the largest product prefers; the smaller ones are compiled for it.
  memory::desc layout({inputs, outputs}, type, memory::format_tag::any);
  products_.resize(count_index(spec.max_rows) + 1);
  for (std::size_t i = products_.size(); i-- > 0;) {
    const memory::dim rows = dim(kRowCounts[i]);
    const memory::desc source({rows, inputs}, type, memory::format_tag::ab);
    const memory::desc target({rows, outputs}, memory::data_type::f32, {dim(spec.target_stride), 1});
    const dnnl::matmul::desc description = bias.empty()
                                               ? dnnl::matmul::desc(source, layout, target)
                                               : dnnl::matmul::desc(source, layout, bias_layout, target);
    const dnnl::matmul::primitive_desc compiled(description, attributes, engine);
    products_[i] = {dnnl::matmul(compiled), source, target, compiled.scratchpad_desc()};
    layout = compiled.weights_desc();
  }

  weights_ = memory(layout, engine);
  const memory::desc plain({inputs, outputs}, memory::data_type::f32, memory::format_tag::ba);
  memory given(plain, engine, const_cast<float*>(weights.data()));  // only read
  dnnl::stream stream(engine);
  dnnl::reorder(given, weights_).execute(stream, given, weights_);
  stream.wait();

  source_stride_ = spec.inputs * (element == DataType::kBF16 ? 2 : 4);
  target_stride_ = spec.target_stride;
  std::vector<float> row;
  for (std::size_t i = 0; i < products_.size(); ++i) {
    products_[i].agrees = treats_rows_alike(spec, kRowCounts[i], products_[i], row);
    if (!products_[0].agrees)
      throw dnnl::error(dnnl_unimplemented, "equal rows of a matrix product give different results");
  }
}

bool PackedMatrix::treats_rows_alike(const Spec& spec, std::size_t count, const Product& product,
                                     std::vector<float>& row) const {
  // bf16 or fp32, whatever they are as numbers: the upper half of an fp32 number is a bf16 number.
  AlignedBuffer source(count * source_stride_);
  Rng rng(1);
  for (std::size_t i = 0; i < source_stride_ / 2; ++i) {
    const float value = static_cast<float>(rng.uniform(-1.0, 1.0));
    std::memcpy(source.as() + 2 * i, reinterpret_cast<const std::byte*>(&value) + 2, 2);
  }
  for (std::size_t r = 1; r < count; ++r) {
    std::memcpy(source.as() + r * source_stride_, source.as(), source_stride_);
  }
  MatrixWorkspace workspace;
  std::vector<float> target(count * target_stride_, 0.3F);  // also added to, in matrices that accumulate
  run(workspace, product, source.as(), target.data());
  if (row.empty()) row.assign(target.begin(), target.begin() + static_cast<std::ptrdiff_t>(spec.outputs));
  for (std::size_t r = 0; r < count; ++r) {
    const float* found = target.data() + r * target_stride_;
    if (std::memcmp(found, row.data(), row.size() * sizeof(float)) != 0) return false;
  }
  return true;
}

void PackedMatrix::multiply(MatrixWorkspace& workspace, std::size_t rows, const void* source,
                            float* target) const {
  const std::size_t index = count_index(rows);
  SAMARA_CHECK(index < products_.size());
  if (products_[index].agrees) return run(workspace, products_[index], source, target);
  const auto* bytes = static_cast<const std::byte*>(source);
  for (std::size_t from = 0; from < rows; from += kRowCounts[0]) {
    run(workspace, products_[0], bytes + from * source_stride_, target + from * target_stride_);
  }
}

void PackedMatrix::run(MatrixWorkspace& workspace, const Product& product, const void* source,
                       float* target) const {
  const SingleThread single_thread;
  const std::size_t scratch = product.scratchpad.get_size();
  if (workspace.scratchpad_.bytes() < scratch) workspace.scratchpad_ = AlignedBuffer(scratch);
  const dnnl::engine& engine = matrix_engine();
  auto& arguments = workspace.arguments_[&product];
  if (arguments.empty()) {
    arguments = {{DNNL_ARG_SRC, memory(product.source, engine, nullptr)},
                 {DNNL_ARG_WEIGHTS, weights_},
                 {DNNL_ARG_DST, memory(product.target, engine, nullptr)},
                 {DNNL_ARG_SCRATCHPAD, memory(product.scratchpad, engine, nullptr)}};
    if (bias_) arguments.emplace(DNNL_ARG_BIAS, bias_);
  }
  arguments[DNNL_ARG_SRC].set_data_handle(const_cast<void*>(source));  // only read
  arguments[DNNL_ARG_DST].set_data_handle(target);
  arguments[DNNL_ARG_SCRATCHPAD].set_data_handle(workspace.scratchpad_.as<void>());
  product.primitive.execute(workspace.stream_, arguments);
  workspace.stream_.wait();
}

}  // namespace samara::lm::cpu
