// Walker data as MessagePack and as JSON text: whatever the bytes, the parser refuses them with a message or
// makes a walker from whose JSON text the same walker comes back.

#include <cstdint>
#include <string_view>

#include "samara/base/check.h"
#include "samara/domain/sodarace/walker_parser.h"

using samara::Result;
using samara::sodarace::Walker;

namespace {

void check(const Result<Walker>& walker) {
  if (!walker.ok()) {
    SAMARA_CHECK(!walker.error().message.empty());
    return;
  }
  const Result<Walker> again = samara::sodarace::parse_walker_json(samara::sodarace::walker_json(*walker));
  SAMARA_CHECK(again.ok());
  SAMARA_CHECK(*again == *walker);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(samara::sodarace::parse_walker(bytes));
  check(samara::sodarace::parse_walker_json(bytes));
  return 0;
}
