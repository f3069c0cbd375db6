#include "samara/lm/cpu/internal/packed_matrix.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "samara/base/check.h"

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

SingleThread::SingleThread() : threads_(omp_get_max_threads()) {
  omp_set_num_threads(1);
}
SingleThread::~SingleThread() {
  omp_set_num_threads(threads_);
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
  for (std::size_t i = kRowCounts.size(); i-- > 0;) {
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
}

void PackedMatrix::multiply(MatrixWorkspace& workspace, std::size_t rows, const void* source,
                            float* target) const {
  const Product& product = products_[count_index(rows)];
  const std::size_t scratch = product.scratchpad.get_size();
  if (workspace.scratchpad_.bytes() < scratch) workspace.scratchpad_ = AlignedBuffer(scratch);
  const dnnl::engine& engine = matrix_engine();
  std::unordered_map<int, memory> arguments = {
      {DNNL_ARG_SRC, memory(product.source, engine, const_cast<void*>(source))},  // only read
      {DNNL_ARG_WEIGHTS, weights_},
      {DNNL_ARG_DST, memory(product.target, engine, target)},
      {DNNL_ARG_SCRATCHPAD, memory(product.scratchpad, engine, workspace.scratchpad_.as<void>())},
  };
  if (bias_) arguments.emplace(DNNL_ARG_BIAS, bias_);
  product.primitive.execute(workspace.stream_, arguments);
  workspace.stream_.wait();
}

}  // namespace samara::lm::cpu
