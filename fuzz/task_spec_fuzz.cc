// Fuzzes the reader of task.toml: any text is a task or an error, and a task that was read survives being
// written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "samara/base/check.h"
#include "samara/domain/task/task_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace samara::task;
  const auto spec = parse_task({reinterpret_cast<const char*>(data), size}, "task.toml");
  if (!spec.ok()) return 0;
  const auto again = parse_task(write_task(*spec), "written.toml");
  SAMARA_CHECK(again.ok());
  SAMARA_CHECK(*again == *spec);
  return 0;
}
