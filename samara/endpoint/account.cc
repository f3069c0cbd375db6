#include "samara/endpoint/account.h"

#include <fmt/format.h>

#include "samara/base/check.h"

namespace samara::endpoint {

Spending& Spending::operator+=(const Spending& other) {
  requests += other.requests;
  failures += other.failures;
  prompt_tokens += other.prompt_tokens;
  completion_tokens += other.completion_tokens;
  cost += other.cost;
  return *this;
}

bool Account::fits(const Spending& with) const {
  return (budget_.requests == 0 || with.requests <= budget_.requests) &&
         (budget_.tokens == 0 || with.tokens() <= budget_.tokens) &&
         (budget_.money == 0.0 || with.cost <= budget_.money);
}

Account::Grant Account::reserve(const Spending& most) {
  const std::lock_guard lock(mutex_);
  Spending alone = total_;
  alone += most;
  Spending with_others = alone;
  with_others += reserved_;
  if (fits(with_others)) {
    reserved_ += most;
    ++reservations_;
    return Grant::kYes;
  }
  return reservations_ > 0 && fits(alone) ? Grant::kLater : Grant::kNever;
}

void Account::pay(const Spending& most, const Spending& spent) {
  const std::lock_guard lock(mutex_);
  SAMARA_CHECK(reservations_ > 0);
  total_ += spent;
  reserved_.requests -= most.requests;
  reserved_.prompt_tokens -= most.prompt_tokens;
  reserved_.completion_tokens -= most.completion_tokens;
  // Sums of floating point numbers do not come back to where they began by themselves.
  reserved_.cost = --reservations_ == 0 ? 0.0 : reserved_.cost - most.cost;
}

Spending Account::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

std::string Account::spent_text(const Spending& most) const {
  const std::lock_guard lock(mutex_);
  Spending with = total_;
  with += most;
  if (budget_.requests > 0 && with.requests > budget_.requests) {
    return fmt::format("the budget of {} requests is spent", budget_.requests);
  }
  if (budget_.tokens > 0 && with.tokens() > budget_.tokens) {
    return fmt::format(
        "the budget of {} tokens does not allow another request: {} are spent, and one can take {}",
        budget_.tokens, total_.tokens(), most.tokens());
  }
  return fmt::format(
      "the budget of {:g} does not allow another request: {:.4f} is spent, and one can cost {:.4f}",
      budget_.money, total_.cost, most.cost);
}

}  // namespace samara::endpoint
