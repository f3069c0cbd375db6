#include "samara/store/internal/text_codec.h"

#include <zdict.h>
#include <zstd.h>

#include <map>
#include <vector>

#include "samara/base/check.h"

namespace samara::internal {
namespace {

constexpr int kLevel = 1;  // level 3 takes a third longer for 2% less
constexpr std::size_t kDictionaryBytes = 110 << 10;
constexpr std::size_t kMaxTextBytes = 1 << 30;  // SQLite's limit for a value
constexpr std::size_t kHeaderBytes = 2 << 10;   // room for the statistics in front of the texts

template <auto free_function>
struct Free {
  void operator()(auto* object) const { free_function(object); }
};
using CompressDictionary = std::unique_ptr<ZSTD_CDict, Free<ZSTD_freeCDict>>;
using DecompressDictionary = std::unique_ptr<ZSTD_DDict, Free<ZSTD_freeDDict>>;

}  // namespace

struct TextCodec::Zstd {
  std::unique_ptr<ZSTD_CCtx, Free<ZSTD_freeCCtx>> compress{ZSTD_createCCtx()};
  std::unique_ptr<ZSTD_DCtx, Free<ZSTD_freeDCtx>> decompress{ZSTD_createDCtx()};
  CompressDictionary current;
  std::map<std::int64_t, DecompressDictionary> dictionaries;
};

TextCodec::TextCodec() : zstd_(std::make_unique<Zstd>()) {
  ZSTD_CCtx_setParameter(zstd_->compress.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(zstd_->compress.get(), ZSTD_c_dictIDFlag, 0);  // the database says which
}
TextCodec::~TextCodec() = default;

void TextCodec::add_dictionary(std::int64_t number, std::string_view bytes) {
  zstd_->dictionaries[number] = DecompressDictionary(ZSTD_createDDict(bytes.data(), bytes.size()));
}

bool TextCodec::has_dictionary(std::int64_t number) const {
  return zstd_->dictionaries.contains(number);
}

void TextCodec::compress_with(std::string_view dictionary) {
  CompressDictionary next(ZSTD_createCDict(dictionary.data(), dictionary.size(), kLevel));
  SAMARA_CHECK(!ZSTD_isError(ZSTD_CCtx_refCDict(zstd_->compress.get(), next.get())));
  zstd_->current = std::move(next);
}

std::string_view TextCodec::compress(std::string_view text) {
  frame_.resize(ZSTD_compressBound(text.size()));
  const std::size_t size =
      ZSTD_compress2(zstd_->compress.get(), frame_.data(), frame_.size(), text.data(), text.size());
  SAMARA_CHECK(!ZSTD_isError(size));
  return {frame_.data(), size};
}

std::optional<std::string> TextCodec::decompress(std::string_view frame, std::int64_t dictionary,
                                                 std::size_t size) {
  // The frame's own word first, so that a damaged size cannot ask for all memory.
  if (size > kMaxTextBytes || ZSTD_getFrameContentSize(frame.data(), frame.size()) != size)
    return std::nullopt;
  const ZSTD_DDict* dict = dictionary != 0 ? zstd_->dictionaries.at(dictionary).get() : nullptr;
  std::string text(size, '\0');
  const std::size_t result = ZSTD_decompress_usingDDict(zstd_->decompress.get(), text.data(), text.size(),
                                                        frame.data(), frame.size(), dict);
  if (ZSTD_isError(result) || result != size) return std::nullopt;
  return text;
}

std::optional<std::string> make_dictionary(std::span<const std::string> texts) {
  std::string all;
  std::vector<std::size_t> sizes;
  for (const std::string& text : texts) {
    all += text;
    sizes.push_back(text.size());
  }
  // The end of a dictionary is the cheapest to refer to, and the latest programs are the likeliest to be
  // referred to.
  std::string_view content = all;
  if (content.size() > kDictionaryBytes - kHeaderBytes) {
    content.remove_prefix(content.size() - (kDictionaryBytes - kHeaderBytes));
  }
  ZDICT_params_t parameters{};
  parameters.compressionLevel = kLevel;
  std::string dictionary(kDictionaryBytes, '\0');
  const std::size_t size =
      ZDICT_finalizeDictionary(dictionary.data(), dictionary.size(), content.data(), content.size(),
                               all.data(), sizes.data(), static_cast<unsigned>(sizes.size()), parameters);
  if (ZDICT_isError(size)) return std::nullopt;
  dictionary.resize(size);
  return dictionary;
}

}  // namespace samara::internal
