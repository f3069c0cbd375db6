// Scale: maps values to places along an axis, linearly or by their logarithm, and finds the round values at
// which the axis gets its ticks. Read heat_map.h and chart.h for its uses. Pure functions of their arguments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace samara::picture {

struct Tick {
  double value = 0.0;
  std::string label;
};

class Scale {
 public:
  enum class Kind { kLinear, kLogarithmic };

  /// Values from `low` to `high` to places from `start` to `end`. An empty range is widened around its value;
  /// a logarithmic scale moves a `low` that is not positive to a thousandth of `high`.
  Scale(double low, double high, double start, double end, Kind kind = Kind::kLinear);

  double low() const { return low_; }
  double high() const { return high_; }
  double start() const { return start_; }
  double end() const { return end_; }

  /// The place of a value; values outside [low, high] are moved to the nearer end.
  double operator()(double value) const;

  /// Ticks at round values inside [low, high], about as many as asked for.
  std::vector<Tick> ticks(int about) const;

  /// The same scale widened so that both its ends are ticks of ticks(about).
  Scale widened(int about) const;

 private:
  double low_;
  double high_;
  double start_;
  double end_;
  Kind kind_;
};

/// A number for people: four significant digits, thousands separated by commas, huge and tiny ones as
/// "1.2e+09".
std::string number_text(double value);

}  // namespace samara::picture
