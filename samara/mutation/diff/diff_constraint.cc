#include "samara/mutation/diff/diff_constraint.h"

#include <algorithm>

namespace samara::diff {

/// The edit under way inserts other lines than it removes.
bool DiffConstraint::changes_something() const {
  if (removed_ != inserted_.size()) return true;
  for (std::size_t i = 0; i < removed_; ++i) {
    if (inserted_[i] != lines_[window_.first + *line_ + i]) return true;
  }
  return false;
}

bool DiffConstraint::may_end() const {
  return line_ && changes_something() && guard_.allows_edit_end();
}

/// Whether the next edit may begin at the line with this number.
bool DiffConstraint::may_name(std::size_t number) const {
  if (number > window_.count + 1) return false;
  if (!line_) return true;
  const std::size_t next = *line_ + std::max<std::size_t>(removed_, 1);
  return number > next && changes_something() && window_.first + number - 1 <= guard_.fits_until();
}

bool DiffConstraint::allows(lm::TokenId token) const {
  if (token == codec_.end_token()) return may_end();
  if (const auto number = codec_.line_number(token)) return may_name(*number);
  if (!line_) return false;
  if (token == codec_.delete_token()) return inserted_.empty() && *line_ + removed_ < window_.count;
  if (token == codec_.insert_token()) return guard_.allows_line_end();
  if (codec_.tokenizer().is_special(token)) return false;
  return !inserted_.empty() && guard_.allows_text(codec_.tokenizer().bytes(token));
}

void DiffConstraint::accept(lm::TokenId token) {
  if (const auto number = codec_.line_number(token)) {
    line_ = *number - 1;
    removed_ = 0;
    inserted_.clear();
    guard_.begin_edit(window_.first + *line_, 0);
  } else if (token == codec_.delete_token()) {
    guard_.begin_edit(window_.first + *line_ + removed_, 1);
    ++removed_;
  } else if (token == codec_.insert_token()) {
    guard_.begin_line();
    inserted_.emplace_back();
  } else if (token != codec_.end_token()) {
    guard_.accept_text(codec_.tokenizer().bytes(token));
    inserted_.back() += codec_.tokenizer().bytes(token);
  }
}

}  // namespace samara::diff
