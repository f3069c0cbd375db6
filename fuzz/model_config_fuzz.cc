// Fuzzes the reader of config.json: any text is a config or an error, and a config that was read survives
// being written and has tensors that can be listed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "samara/base/check.h"
#include "samara/lm/model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace samara::lm;
  const auto config = read_config({reinterpret_cast<const char*>(data), size});
  if (!config.ok()) return 0;
  const auto again = read_config(write_config(*config));
  SAMARA_CHECK(again.ok());
  SAMARA_CHECK(*again == *config);
  if (config->layers <= 8) {  // the listing of a thousand layers tells nothing new and is slow
    std::uint64_t parameters = 0;
    for (const auto& [name, shape] : tensor_shapes(*config)) {
      parameters += shape.size() == 1 ? shape[0] : shape[0] * shape[1];
    }
    SAMARA_CHECK(parameters == config->parameters());
  }
  return 0;
}
