// Pace: how many calls an endpoint is sent at a time and how long nothing is, learned from how calls end.
// Fewer are in flight after a 429, one more after each answer; after failures in a row there is an outage, in
// which single calls probe the endpoint after longer and longer pauses. Times are seconds of any one clock.
// One thread; only the jitter is random.
#pragma once

#include <cstddef>
#include <optional>

#include "samara/base/rng.h"

namespace samara::endpoint::internal {

struct PaceOptions {
  std::size_t in_flight = 256;       ///< most calls at a time
  double first_pause_seconds = 1.0;  ///< pauses double from this
  double max_pause_seconds = 60.0;   ///< up to this
};

/// A call that brought no answer.
struct FailedCall {
  double started = 0.0;
  bool is_probe = false;                     ///< it began in an outage
  bool crowded = false;                      ///< the endpoint wants fewer calls
  std::optional<double> retry_seconds = {};  ///< how long the endpoint asks us to wait
};

class Pace {
 public:
  Pace(const PaceOptions& options, Rng jitter);

  /// Calls that may be in flight now.
  std::size_t limit() const { return outage_ ? 1 : window_; }
  /// No call starts before this.
  double not_before() const { return not_before_; }
  bool in_outage() const { return outage_; }

  /// Seconds until the next try, where the failure begins a pause or makes it longer.
  std::optional<double> on_failure(const FailedCall& call, double now);
  /// How long the outage lasted that the answer ends.
  std::optional<double> on_answer(double now);
  /// When a question is put again that was tried so often.
  double retry_at(int tries, double now);

 private:
  double with_jitter(double seconds) { return seconds * jitter_.uniform(0.5, 1.0); }

  PaceOptions options_;
  Rng jitter_;
  std::size_t window_;  ///< calls that the endpoint takes at a time, as far as we know
  double window_changed_ = 0.0;
  double not_before_ = 0.0;
  int failures_in_row_ = 0;  ///< over all questions
  bool outage_ = false;
  double outage_since_ = 0.0, pause_ = 0.0;
};

}  // namespace samara::endpoint::internal
