// Whole files in and out, with errors that name the path and the reason.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "samara/base/result.h"

namespace samara {

/// The file's bytes; errors: kNotFound, kIo, kInvalidData when larger than `max_bytes`.
Result<std::string> read_file(const std::filesystem::path& path,
                              std::size_t max_bytes = std::size_t{1} << 30);

/// Replaces the file as a whole: written beside it, synced and renamed, so that a kill or a full disk leaves
/// the old file or the new one, never a part. Errors: kIo.
Status write_file(const std::filesystem::path& path, std::string_view bytes);

/// strerror(errno) as a string; call it before anything else can change errno.
std::string errno_text();

}  // namespace samara
