// Fuzzes what endpoints send: any bytes are an answer in valid UTF-8 or an error, as an object and as a
// stream, and however the stream is cut, it says the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "samara/base/check.h"
#include "samara/base/text.h"
#include "samara/endpoint/protocol.h"
#include "samara/net/sse.h"

namespace {

using namespace samara;

endpoint::StreamedAnswer stream(std::string_view bytes, std::size_t piece) {
  endpoint::StreamedAnswer streamed;
  SseReader reader;
  while (!bytes.empty()) {
    const bool more =
        reader.feed(bytes.substr(0, piece), [&](std::string_view data) { return streamed.take(data); });
    if (!more) break;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return streamed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const endpoint::Question question;
  const auto answer = endpoint::read_answer(bytes, question);
  if (answer.ok()) SAMARA_CHECK(sanitize_utf8(answer->text) == answer->text);
  endpoint::read_complaint(bytes);
  const auto whole = stream(bytes, size + 1).finish(question), pieces = stream(bytes, 3).finish(question);
  SAMARA_CHECK(whole.ok() == pieces.ok());
  if (whole.ok()) SAMARA_CHECK(whole->text == pieces->text);
  return 0;
}
