#include "samara/store/internal/text_codec.h"

#include <zdict.h>
#include <zstd.h>

#include <vector>

#include "samara/base/check.h"

namespace samara::internal {
namespace {

constexpr int kLevel = 3;
constexpr std::size_t kDictionaryBytes = 32 << 10;

}  // namespace

struct TextCodec::Contexts {
  ZSTD_CCtx* compress = ZSTD_createCCtx();
  ZSTD_DCtx* decompress = ZSTD_createDCtx();
  ~Contexts() {
    ZSTD_freeCCtx(compress);
    ZSTD_freeDCtx(decompress);
  }
};

struct TextCodec::Dictionary {
  ZSTD_CDict* compress;
  ZSTD_DDict* decompress;
  explicit Dictionary(std::string_view bytes)
      : compress(ZSTD_createCDict(bytes.data(), bytes.size(), kLevel)),
        decompress(ZSTD_createDDict(bytes.data(), bytes.size())) {}
  ~Dictionary() {
    ZSTD_freeCDict(compress);
    ZSTD_freeDDict(decompress);
  }
};

TextCodec::TextCodec() : contexts_(std::make_unique<Contexts>()) {
  ZSTD_CCtx_setParameter(contexts_->compress, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(contexts_->compress, ZSTD_c_dictIDFlag, 0);  // the database says which
}
TextCodec::~TextCodec() = default;

void TextCodec::add_dictionary(std::int64_t number, std::string_view bytes) {
  dictionaries_[number] = std::make_unique<Dictionary>(bytes);
  ZSTD_CCtx_refCDict(contexts_->compress, dictionaries_.rbegin()->second->compress);
}

std::string_view TextCodec::compress(std::string_view text) {
  frame_.resize(ZSTD_compressBound(text.size()));
  const std::size_t size =
      ZSTD_compress2(contexts_->compress, frame_.data(), frame_.size(), text.data(), text.size());
  SAMARA_CHECK(!ZSTD_isError(size));
  return {frame_.data(), size};
}

std::optional<std::string> TextCodec::decompress(std::string_view frame, std::int64_t dictionary,
                                                 std::size_t size) {
  // The frame's own word first, so that a damaged size cannot ask for all memory.
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != size) return std::nullopt;
  const ZSTD_DDict* dict = nullptr;
  if (dictionary != 0) dict = dictionaries_.at(dictionary)->decompress;
  std::string text(size, '\0');
  const std::size_t result = ZSTD_decompress_usingDDict(contexts_->decompress, text.data(), text.size(),
                                                        frame.data(), frame.size(), dict);
  if (ZSTD_isError(result) || result != size) return std::nullopt;
  return text;
}

std::optional<std::string> train_dictionary(std::span<const std::string> texts) {
  std::string all;
  std::vector<std::size_t> sizes;
  for (const std::string& text : texts) {
    all += text;
    sizes.push_back(text.size());
  }
  std::string dictionary(kDictionaryBytes, '\0');
  const std::size_t size = ZDICT_trainFromBuffer(dictionary.data(), dictionary.size(), all.data(),
                                                 sizes.data(), static_cast<unsigned>(sizes.size()));
  if (ZDICT_isError(size)) return std::nullopt;
  dictionary.resize(size);
  return dictionary;
}

}  // namespace samara::internal
