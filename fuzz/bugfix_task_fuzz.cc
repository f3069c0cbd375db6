// Fuzzes the reader of the bug-fixing benchmark's tasks: any task.toml and cases.json are a task or an error.
// An input is task.toml and, behind a zero byte, cases.json.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "samara/base/check.h"
#include "samara/base/text.h"
#include "samara/bugfix/task.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace samara;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = std::min(input.find('\0'), input.size());
  const bugfix::TaskFiles files{"folder",
                                {{"task.toml", std::string(input.substr(0, zero))},
                                 {"cases.json", std::string(input.substr(std::min(zero + 1, size)))},
                                 {"correct.py", "def f(x):\n    return x\n"},
                                 {"buggy_1.py", "def f(x):\n    return -x\n"}}};
  const auto task = bugfix::parse_task(files);
  if (!task.ok()) {
    SAMARA_CHECK(task.error().message.find("folder") != std::string::npos);
    return 0;
  }
  SAMARA_CHECK(!task->function.empty() && !task->cases.empty() && task->levels() == 1);
  SAMARA_CHECK(task->hint.message.find('\n') == std::string::npos);
  for (const bugfix::Case& one : task->cases) {
    SAMARA_CHECK(sanitize_utf8(one.arguments) == one.arguments);
    SAMARA_CHECK(json_depth(one.expected.dump()) <= bugfix::kMaxDepth);
  }
  return 0;
}
