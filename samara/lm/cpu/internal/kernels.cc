#include "samara/lm/cpu/internal/kernels.h"

#include <vector>

#include "samara/lm/processor.h"

namespace samara::lm::cpu {

std::span<const Kernels* const> supported_kernels() {
  static const std::vector<const Kernels*> tables = [] {
    std::vector<const Kernels*> found;
#if defined(__x86_64__)
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (cpu_has_bf16()) found.push_back(&kAvx512Bf16Kernels);
    if (avx512) found.push_back(&kAvx512Kernels);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(&kAvx2Kernels);
#endif
    found.push_back(&kPlainKernels);
    return found;
  }();
  return tables;
}

const Kernels* find_kernels(DataType element) {
  for (const Kernels* table : supported_kernels()) {
    if (table->element == element) return table;
  }
  return nullptr;
}

}  // namespace samara::lm::cpu
