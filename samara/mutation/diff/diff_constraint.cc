#include "samara/mutation/diff/diff_constraint.h"

#include <algorithm>

namespace samara::diff {
namespace {

/// New lines may be this much longer than the program's longest, and this long in any case. A line that grows
/// beyond has nearly always lost its way, and would take all tokens that the diff may have.
constexpr std::size_t kMoreBytes = 20, kUsualBytes = 100;

}  // namespace

DiffConstraint::DiffConstraint(const DiffCodec& codec, std::span<const std::string_view> lines, Window window,
                               PythonGuard guard)
    : codec_(codec), lines_(lines), window_(window), guard_(std::move(guard)), max_line_bytes_(kUsualBytes) {
  for (const std::string_view line : lines) {
    max_line_bytes_ = std::max(max_line_bytes_, line.size() + kMoreBytes);
  }
}

bool DiffConstraint::may_end() const {
  return line_ && edits_something() && guard_.allows_edit_end();
}

/// Whether the next edit may begin at the line with this number.
bool DiffConstraint::may_name(std::size_t number) const {
  if (number > window_.count + 1) return false;
  if (!line_) return true;
  const std::size_t next = *line_ + std::max<std::size_t>(removed_, 1);
  return number > next && edits_something() && window_.first + number - 1 <= guard_.fits_until();
}

bool DiffConstraint::allows(lm::TokenId token) const {
  if (token == codec_.end_token()) return may_end();
  if (const auto number = codec_.line_number(token)) return may_name(*number);
  if (!line_) return false;
  if (token == codec_.delete_token()) return inserted_ == 0 && *line_ + removed_ < window_.count;
  if (token == codec_.insert_token()) return guard_.allows_line_end();
  if (codec_.tokenizer().is_special(token)) return false;
  if (inserted_ == 0) return false;
  const std::string_view bytes = codec_.tokenizer().bytes(token);
  return line_bytes_ + bytes.size() <= max_line_bytes_ && guard_.allows_text(bytes);
}

void DiffConstraint::accept(lm::TokenId token) {
  if (const auto number = codec_.line_number(token)) {
    line_ = *number - 1;
    removed_ = 0;
    inserted_ = 0;
    guard_.begin_edit(window_.first + *line_, 0);
  } else if (token == codec_.delete_token()) {
    guard_.begin_edit(window_.first + *line_ + removed_, 1);
    ++removed_;
  } else if (token == codec_.insert_token()) {
    guard_.begin_line();
    ++inserted_;
    line_bytes_ = 0;
  } else if (token != codec_.end_token()) {
    guard_.accept_text(codec_.tokenizer().bytes(token));
    line_bytes_ += codec_.tokenizer().bytes(token).size();
  }
}

}  // namespace samara::diff
