#define PCRE2_CODE_UNIT_WIDTH 8
#include "samara/lm/internal/splitter.h"

#include <pcre2.h>

#include <cstdint>
#include <cstring>

namespace samara::lm::internal {
namespace {

// A pattern that backtracks without end gives up after this many steps or this much memory: what is left of
// the text is then one piece. Patterns in use need a few steps per character.
constexpr std::uint32_t kMatchLimit = 1'000'000;
constexpr std::uint32_t kHeapLimitKiB = 65'536;
constexpr std::size_t kMaxPatternBytes = 16'384;

struct Freer {
  void operator()(pcre2_code* p) const { pcre2_code_free(p); }
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
};

template <typename T>
using Owned = std::unique_ptr<T, Freer>;

}  // namespace

struct Splitter::Code {
  Owned<pcre2_code> code;
  Owned<pcre2_match_context> limits;
};

Result<Splitter> Splitter::compile(std::string pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return make_error(ErrorCode::kInvalidArgument, "the pattern has {} bytes; at most {} are accepted",
                      pattern.size(), kMaxPatternBytes);
  }
  int error = 0;
  std::size_t offset = 0;
  auto code = std::make_shared<Code>();
  code->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                 PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &offset, nullptr));
  if (!code->code) {
    char text[256] = "";
    pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof text);
    return make_error(ErrorCode::kInvalidArgument, "the pattern does not compile: {} at byte {}", text,
                      offset);
  }
  pcre2_jit_compile(code->code.get(), PCRE2_JIT_COMPLETE);  // where there is no JIT, matching is slower
  code->limits.reset(pcre2_match_context_create(nullptr));
  SAMARA_CHECK(code->limits != nullptr);
  pcre2_set_match_limit(code->limits.get(), kMatchLimit);
  pcre2_set_heap_limit(code->limits.get(), kHeapLimitKiB);
  return Splitter(std::move(pattern), std::move(code));
}

struct Splitter::Cursor::State {
  const Code* code;
  Owned<pcre2_match_data> match;
  std::string_view text;
  std::size_t position = 0;
  std::size_t run_begin = 0;  ///< of the stretch of UTF-8 around position
  std::size_t run_end = 0;
  std::size_t match_begin = 0;  ///< of the next match at or after position, if match_end > position
  std::size_t match_end = 0;
};

Splitter::Cursor::Cursor(const Splitter& splitter) : state_(std::make_unique<State>()) {
  state_->code = splitter.code_.get();
  state_->match.reset(pcre2_match_data_create(1, nullptr));
  SAMARA_CHECK(state_->match != nullptr);
}

Splitter::Cursor::Cursor(Cursor&&) noexcept = default;
Splitter::Cursor::~Cursor() = default;

void Splitter::Cursor::start(std::string_view text) {
  State& s = *state_;
  s.text = text;
  s.position = s.run_begin = s.run_end = s.match_begin = s.match_end = 0;
}

std::string_view Splitter::Cursor::take(std::size_t end) {
  const std::string_view piece = state_->text.substr(state_->position, end - state_->position);
  state_->position = end;
  return piece;
}

/// The next match that is not empty, within the run; none: at the run's end.
void Splitter::Cursor::find_match() {
  State& s = *state_;
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(s.text.data() + s.run_begin);
  const std::size_t length = s.run_end - s.run_begin;
  std::size_t from = s.position - s.run_begin;
  s.match_begin = s.match_end = s.run_end;
  while (from < length) {
    const auto match = [&](std::uint32_t options) {
      return pcre2_match(s.code->code.get(), subject, length, from, PCRE2_NO_UTF_CHECK | options,
                         s.match.get(), s.code->limits.get());
    };
    int found = match(0);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) found = match(PCRE2_NO_JIT);
    if (found < 0) return;
    const std::size_t* range = pcre2_get_ovector_pointer(s.match.get());
    if (range[0] < from || range[1] < range[0]) return;  // \K can move a match's begin: a pattern without use
    if (range[1] > range[0]) {
      s.match_begin = s.run_begin + range[0];
      s.match_end = s.run_begin + range[1];
      return;
    }
    from = range[1] + 1;  // past the character that the empty match stands before
    while (from < length && (static_cast<std::uint8_t>(subject[from]) & 0xc0) == 0x80) ++from;
  }
}

std::string_view Splitter::Cursor::next() {
  State& s = *state_;
  if (s.position == s.text.size()) return {};
  if (s.position == s.run_end) {
    const std::size_t valid = utf8_prefix(s.text.substr(s.position));
    if (valid == 0) {
      std::size_t end = s.position + 1;
      while (end < s.text.size() && utf8_prefix(s.text.substr(end, 4)) == 0) ++end;
      s.run_begin = s.run_end = end;
      return take(end);
    }
    s.run_begin = s.position;
    s.run_end = s.position + valid;
  }
  if (s.match_end <= s.position) find_match();
  return take(s.match_begin > s.position ? s.match_begin : s.match_end);
}

std::size_t utf8_prefix(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::size_t size = text.size();
  std::size_t i = 0;
  while (i < size) {
    if (bytes[i] < 0x80) {
      std::uint64_t word = 0;
      while (i + sizeof word <= size) {
        std::memcpy(&word, bytes + i, sizeof word);
        if ((word & 0x8080808080808080U) != 0) break;
        i += sizeof word;
      }
      while (i < size && bytes[i] < 0x80) ++i;
      continue;
    }
    const std::uint8_t lead = bytes[i];
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + length > size) return i;
    // The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF.
    const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (bytes[i + 1] < low || bytes[i + 1] > high) return i;
    for (std::size_t k = 2; k < length; ++k) {
      if ((bytes[i + k] & 0xc0) != 0x80) return i;
    }
    i += length;
  }
  return i;
}

}  // namespace samara::lm::internal
