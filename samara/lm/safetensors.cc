#include "samara/lm/safetensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "samara/base/text.h"
#include "samara/lm/internal/float_bits.h"
#include "samara/lm/internal/json.h"

namespace samara::lm {
namespace {

using internal::find_member;
using nlohmann::json;

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the limit of the format's reference implementation
constexpr std::size_t kMaxDimensions = 8;

template <typename... Args>
Error invalid(fmt::format_string<Args...> format, Args&&... args) {
  return Error{ErrorCode::kInvalidData, fmt::format(format, std::forward<Args>(args)...)};
}

/// One tensor's line of the header, checked against the size of the data.
struct Entry {
  std::string name;
  DataType type = DataType::kF32;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;  ///< bytes from the start of the data
  std::uint64_t end = 0;
};

std::uint64_t bytes_of(DataType type) {
  return type == DataType::kF32 ? 4 : 2;
}

/// A tensor's name for messages.
std::string shown(std::string_view name) {
  return "tensor \"" + sanitize_utf8(one_line(name, 120)) + "\"";
}

Result<DataType> read_type(const std::string& tensor, const json& entry) {
  const json* type = find_member(entry, "dtype");
  if (!type || !type->is_string()) return invalid("{} has no dtype", tensor);
  const std::string& name = type->get_ref<const std::string&>();
  if (name == "F32") return DataType::kF32;
  if (name == "F16") return DataType::kF16;
  if (name == "BF16") return DataType::kBF16;
  for (const char* other :
       {"F64", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL", "F8_E4M3", "F8_E5M2"}) {
    if (name != other) continue;
    return make_error(ErrorCode::kUnsupported,
                      "{} has dtype {}; only F32, F16 and BF16 are supported, so convert the model", tensor,
                      name);
  }
  return invalid("{} has the unknown dtype \"{}\"", tensor, sanitize_utf8(one_line(name, 20)));
}

Result<Entry> read_entry(const std::string& name, const json& json_entry, std::uint64_t data_size) {
  Entry entry;
  entry.name = name;
  const std::string tensor = shown(name);
  SAMARA_TRY(entry.type, read_type(tensor, json_entry));
  const json* shape = find_member(json_entry, "shape");
  if (!shape || !shape->is_array() || shape->size() > kMaxDimensions) {
    return invalid("{} has no shape of at most {} dimensions", tensor, kMaxDimensions);
  }
  std::uint64_t bytes = bytes_of(entry.type);
  for (const json& dimension : *shape) {
    if (!dimension.is_number_unsigned()) return invalid("{} has a shape that is not of sizes", tensor);
    entry.shape.push_back(dimension.get<std::uint64_t>());
    if (entry.shape.back() > 0 && bytes > data_size / entry.shape.back()) {
      return invalid("{} is larger than the file by its shape", tensor);
    }
    bytes *= entry.shape.back();
  }
  const json* offsets = find_member(json_entry, "data_offsets");
  if (!offsets || !offsets->is_array() || offsets->size() != 2 || !(*offsets)[0].is_number_unsigned() ||
      !(*offsets)[1].is_number_unsigned()) {
    return invalid("{} has no data_offsets of two numbers", tensor);
  }
  entry.begin = (*offsets)[0].get<std::uint64_t>();
  entry.end = (*offsets)[1].get<std::uint64_t>();
  if (entry.begin > entry.end || entry.end > data_size) {
    return invalid("{} lies at bytes {} to {} of {} bytes of data; is the file truncated?", tensor,
                   entry.begin, entry.end, data_size);
  }
  if (entry.end - entry.begin != bytes) {
    return invalid("{} needs {} bytes by its shape but has {}", tensor, bytes, entry.end - entry.begin);
  }
  return entry;
}

/// The tensors must cover the data, one behind the other.
Status check_layout(std::vector<Entry>& entries, std::uint64_t data_size) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin < covered) return invalid("{} overlaps the tensor before it", shown(entry.name));
    if (entry.begin > covered) {
      return invalid("{} bytes in front of {} belong to no tensor", entry.begin - covered, shown(entry.name));
    }
    covered = entry.end;
  }
  if (covered != data_size) return invalid("the last {} bytes belong to no tensor", data_size - covered);
  return {};
}

std::vector<float> decode(std::string_view bytes, DataType type) {
  std::vector<float> values(bytes.size() / bytes_of(type));
  if (type == DataType::kF32) {
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, bytes.data() + 2 * i, sizeof bits);
    values[i] = type == DataType::kF16 ? internal::from_f16(bits) : internal::from_bf16(bits);
  }
  return values;
}

void append_values(std::string& out, const std::vector<float>& values, DataType type) {
  const std::size_t begin = out.size();
  out.resize(begin + values.size() * bytes_of(type));
  if (type == DataType::kF32) {
    std::memcpy(out.data() + begin, values.data(), values.size() * sizeof(float));
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t bits =
        type == DataType::kF16 ? internal::to_f16(values[i]) : internal::to_bf16(values[i]);
    std::memcpy(out.data() + begin + 2 * i, &bits, sizeof bits);
  }
}

const char* type_name(DataType type) {
  switch (type) {
    case DataType::kF32:
      return "F32";
    case DataType::kF16:
      return "F16";
    case DataType::kBF16:
      return "BF16";
  }
  return "";
}

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

}  // namespace

Result<Tensors> read_safetensors(std::string_view bytes) {
  std::uint64_t header_size = 0;
  if (bytes.size() < sizeof header_size) {
    return invalid("{} bytes are too few for safetensors; is the file truncated?", bytes.size());
  }
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  bytes.remove_prefix(sizeof header_size);
  if (header_size > kMaxHeaderBytes || header_size > bytes.size()) {
    return invalid("a header of {} bytes is announced, {} follow; is this a safetensors file, and whole?",
                   header_size, bytes.size());
  }
  auto header = internal::parse_json(bytes.substr(0, header_size));
  if (!header.ok()) return invalid("the header is {}", header.error().message);
  if (!header->is_object()) return invalid("the header is not an object of tensors");
  const std::string_view data = bytes.substr(header_size);

  std::vector<Entry> entries;
  for (const auto& [name, entry] : header->items()) {
    if (name == "__metadata__") continue;
    SAMARA_TRY(Entry read, read_entry(name, entry, data.size()));
    entries.push_back(std::move(read));
  }
  SAMARA_TRY_STATUS(check_layout(entries, data.size()));
  Tensors tensors;
  for (Entry& entry : entries) {
    std::vector<float> values = decode(data.substr(entry.begin, entry.end - entry.begin), entry.type);
    tensors.emplace(std::move(entry.name), Tensor{std::move(entry.shape), std::move(values)});
  }
  return tensors;
}

std::string write_safetensors(const Tensors& tensors, DataType type) {
  nlohmann::ordered_json header;
  header["__metadata__"]["format"] = "pt";
  std::uint64_t offset = 0;
  std::string lines;
  for (const auto& [name, tensor] : tensors) {
    const std::uint64_t end = offset + tensor.values.size() * bytes_of(type);
    nlohmann::ordered_json entry;
    entry["dtype"] = type_name(type);
    entry["shape"] = tensor.shape;
    entry["data_offsets"] = {offset, end};
    lines += "," + internal::json_string(name) + ":" + entry.dump();
    offset = end;
  }
  std::string text = header.dump();
  text.insert(text.size() - 1, lines);
  text.resize((text.size() + 7) / 8 * 8, ' ');

  std::string bytes;
  bytes.reserve(8 + text.size() + offset);
  const std::uint64_t header_size = text.size();
  bytes.append(reinterpret_cast<const char*>(&header_size), sizeof header_size);
  bytes += text;
  for (const auto& [name, tensor] : tensors) append_values(bytes, tensor.values, type);
  return bytes;
}

}  // namespace samara::lm
