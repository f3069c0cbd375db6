// Fuzzes the files of JSON lines that corpora are: any file is functions or an error, and commits or an
// error; what was read survives being written.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/check.h"
#include "samara/base/unique_fd.h"
#include "samara/corpus/json_lines.h"
#include "samara/pipeline/diff_training.h"

namespace {

using namespace samara;

/// A file in memory: the readers take paths.
class MemoryFile {
 public:
  MemoryFile() { SAMARA_CHECK(fd_.valid()); }

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }
  void write(std::string_view bytes) const {
    SAMARA_CHECK(::ftruncate(fd_.get(), 0) == 0);
    SAMARA_CHECK(::pwrite(fd_.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }

 private:
  UniqueFd fd_{::memfd_create("input", MFD_CLOEXEC)};
};

template <typename Item>
std::string to_lines(const std::vector<Item>& items) {
  std::string lines;
  for (const Item& item : items) lines += corpus::to_json_line(item) + '\n';
  return lines;
}

Result<std::vector<corpus::Commit>> read_commits(const std::filesystem::path& path) {
  std::vector<corpus::Commit> commits;
  SAMARA_TRY_STATUS(samara::read_commits(path, [&](const Commit& commit) -> Status {
    commits.push_back({commit.before, commit.message, commit.after, "git"});
    return {};
  }));
  return commits;
}

template <typename Read>
void check(const MemoryFile& file, std::string_view bytes, Read read) {
  file.write(bytes);
  const auto items = read(file.path());
  if (!items.ok()) {
    SAMARA_CHECK(!items.error().message.empty());
    return;
  }
  const std::string lines = to_lines(*items);
  file.write(lines);
  const auto again = read(file.path());
  SAMARA_CHECK(again.ok());
  SAMARA_CHECK(to_lines(*again) == lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(file, bytes, [](const std::filesystem::path& path) { return corpus::read_functions(path); });
  check(file, bytes, [](const std::filesystem::path& path) { return read_commits(path); });
  return 0;
}
