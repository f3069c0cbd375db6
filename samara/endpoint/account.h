// Account: what a run's questions have cost so far and what they may cost: hard budgets of requests, tokens
// and money. A call reserves the most that it can cost before it is made and pays what it
// did cost when it ends, so a budget is never passed, however many are in flight. Costs are for people and
// budgets, and decide nothing that is evolved. Safe to call from several threads.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace samara::endpoint {

/// Price of a model per million tokens, in any one currency.
struct Price {
  double prompt = 0.0;
  double completion = 0.0;
  double of(std::uint64_t prompt_tokens, std::uint64_t completion_tokens) const {
    return 1e-6 * (prompt * static_cast<double>(prompt_tokens) +
                   completion * static_cast<double>(completion_tokens));
  }
};

struct Spending {
  std::uint64_t requests = 0;  ///< calls made, failed ones too
  std::uint64_t failures = 0;  ///< of these, calls that brought no answer
  std::uint64_t prompt_tokens = 0, completion_tokens = 0;
  double cost = 0.0;
  std::uint64_t tokens() const { return prompt_tokens + completion_tokens; }
  Spending& operator+=(const Spending& other);
  friend bool operator==(const Spending&, const Spending&) = default;
};

/// 0: no limit.
struct Budget {
  std::uint64_t requests = 0;
  std::uint64_t tokens = 0;
  double money = 0.0;
};

class Account {
 public:
  /// @param spent what earlier processes spent on the same run
  explicit Account(const Budget& budget, const Spending& spent = {}) : budget_(budget), total_(spent) {}

  enum class Grant {
    kYes,    ///< reserved; pay() must follow
    kLater,  ///< not before calls in flight have been paid
    kNever,  ///< the budget is spent
  };
  /// @param most the most that the call can cost
  Grant reserve(const Spending& most);
  /// Ends a reservation. @param most as reserved; @param spent what the call did cost
  void pay(const Spending& most, const Spending& spent);

  Spending total() const;
  /// "the budget of 1000 requests is spent": which budget stands in the way of such a call.
  std::string spent_text(const Spending& most) const;

 private:
  bool fits(const Spending& with) const;

  mutable std::mutex mutex_;
  const Budget budget_;
  Spending total_, reserved_;
  std::uint64_t reservations_ = 0;
};

}  // namespace samara::endpoint
