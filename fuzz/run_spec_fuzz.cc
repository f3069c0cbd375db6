// Fuzzes the run spec reader: any text is a spec or an error, and a spec that was read survives being
// written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "samara/base/check.h"
#include "samara/pipeline/run_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace samara;
  RunSpec spec;
  if (!read_spec({reinterpret_cast<const char*>(data), size}, "fuzz.toml", spec).ok()) return 0;
  (void)validate(spec);
  const std::string written = write_spec(spec);
  RunSpec again;
  SAMARA_CHECK(read_spec(written, "written.toml", again).ok());
  SAMARA_CHECK(write_spec(again) == written);
  return 0;
}
