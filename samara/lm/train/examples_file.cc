#include "samara/lm/train/examples_file.h"

#include <cstring>

#include "samara/base/file.h"

namespace samara::lm {
namespace {

constexpr std::string_view kMagic = "samara examples 1\n";

template <typename Value>
void put(std::string& bytes, Value value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename Value>
bool get(std::string_view& bytes, Value& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

}  // namespace

Status write_examples(const std::filesystem::path& path, const ExampleSet& examples) {
  std::string bytes(kMagic);
  put(bytes, examples.vocab_size());
  put(bytes, static_cast<std::uint64_t>(examples.size()));
  for (std::size_t i = 0; i < examples.size(); ++i) {
    put(bytes, static_cast<std::uint32_t>(examples.length(i)));
    put(bytes, static_cast<std::uint32_t>(examples.loss_from(i)));
    put(bytes, examples.weight(i));
    for (const TokenId token : examples.tokens(i)) put(bytes, token);
  }
  return write_file(path, bytes);
}

Result<ExampleSet> read_examples(const std::filesystem::path& path, std::size_t max_bytes) {
  SAMARA_TRY(const std::string file, read_file(path, max_bytes));
  std::string_view bytes = file;
  const auto damaged = [&](std::string_view what) {
    return make_error(ErrorCode::kInvalidData, "{}: {}; make the training's folder anew", path.string(),
                      what);
  };
  if (!bytes.starts_with(kMagic)) return damaged("no file of training examples");
  bytes.remove_prefix(kMagic.size());
  std::uint32_t vocab_size = 0;
  std::uint64_t count = 0;
  if (!get(bytes, vocab_size) || !get(bytes, count)) return damaged("the file is cut short");
  ExampleSet examples(vocab_size);
  Tokens tokens;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint32_t length = 0, loss_from = 0;
    float weight = 0.0F;
    if (!get(bytes, length) || !get(bytes, loss_from) || !get(bytes, weight) ||
        bytes.size() / sizeof(TokenId) < length) {
      return damaged("the file is cut short");
    }
    tokens.resize(length);
    std::memcpy(tokens.data(), bytes.data(), length * sizeof(TokenId));
    bytes.remove_prefix(length * sizeof(TokenId));
    if (const Status added = examples.add(tokens, loss_from, weight); !added.ok()) {
      return damaged(fmt::format("example {}: {}", i, added.error().message));
    }
  }
  if (!bytes.empty()) return damaged("there are bytes after the last example");
  return examples;
}

}  // namespace samara::lm
