// Fuzzes the reader of safetensors: any bytes are tensors or an error, and tensors that were read survive
// being written.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "samara/base/check.h"
#include "samara/lm/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace samara::lm;
  const auto tensors = read_safetensors({reinterpret_cast<const char*>(data), size});
  if (!tensors.ok()) return 0;
  const auto again = read_safetensors(write_safetensors(*tensors, DataType::kF32));
  SAMARA_CHECK(again.ok());
  SAMARA_CHECK(again->size() == tensors->size());
  for (const auto& [name, tensor] : *tensors) {
    const Tensor& other = again->at(name);
    SAMARA_CHECK(other.shape == tensor.shape && other.values.size() == tensor.values.size());
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      SAMARA_CHECK(other.values[i] == tensor.values[i] || std::isnan(tensor.values[i]));
    }
  }
  return 0;
}
