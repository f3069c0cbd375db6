#include "samara/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "samara/base/unique_fd.h"

namespace samara {

std::string errno_text() {
  return std::strerror(errno);
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return make_error(code, "cannot open {}: {}", path.string(), errno_text());
  }
  std::string bytes;
  char buffer[1 << 16];
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return make_error(ErrorCode::kIo, "cannot read {}: {}", path.string(), errno_text());
    if (n == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(n) > max_bytes) {
      return make_error(ErrorCode::kInvalidData, "{} is larger than the {} bytes accepted here",
                        path.string(), max_bytes);
    }
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
}

Status write_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path partial = path.string() + ".partial";
  const auto failed = [&](const char* what) {
    const std::string why = errno_text();
    ::unlink(partial.c_str());
    return make_error(ErrorCode::kIo, "cannot {} {}: {}", what, path.string(), why);
  };
  UniqueFd fd(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd.valid()) return failed("create");
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("write");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd.get()) != 0) return failed("write");
  fd.reset();
  if (::rename(partial.c_str(), path.c_str()) != 0) return failed("replace");
  return {};
}

}  // namespace samara
