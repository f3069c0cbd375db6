// safetensors: the file format of model weights (an 8 byte header length, a JSON header, raw little-endian
// data). Reading checks everything before it allocates: sizes, offsets, overlaps, gaps, types. Pure functions
// over bytes; model.h reads whole folders.
#pragma once

#include <string>
#include <string_view>

#include "samara/base/result.h"
#include "samara/lm/tensor.h"

namespace samara::lm {

/// Reads every tensor, as fp32. F32, F16 and BF16 are read; another type is kUnsupported. Errors
/// (kInvalidData) name the tensor and what is wrong with it.
Result<Tensors> read_safetensors(std::string_view bytes);

/// The file's bytes; values are rounded to nearest even for kF16 and kBF16. Tensors in order of name, data
/// aligned to 8 bytes, metadata {"format": "pt"}: the same tensors give the same bytes.
std::string write_safetensors(const Tensors& tensors, DataType type);

}  // namespace samara::lm
