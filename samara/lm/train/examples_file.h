// An ExampleSet in a file: a line "samara examples 1", sizes, then each example's length, loss_from, weight
// and tokens, little-endian. Reading takes nothing on trust.
#pragma once

#include <filesystem>

#include "samara/base/result.h"
#include "samara/lm/train/examples.h"

namespace samara::lm {

/// Errors: kIo.
Status write_examples(const std::filesystem::path& path, const ExampleSet& examples);
/// Errors: kNotFound, kIo, kInvalidData for what write_examples() did not write.
Result<ExampleSet> read_examples(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace samara::lm
