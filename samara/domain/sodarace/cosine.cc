#include "samara/domain/sodarace/cosine.h"

#include <cmath>
#include <numbers>

namespace samara::sodarace {
namespace {

// Taylor series, for |x| up to pi / 4: the first term left out is below 4e-19 of the sum.

double short_cosine(double x) {
  const double s = x * x;
  double sum = 1.0;
  for (int n = 18; n > 0; n -= 2) sum = 1.0 - s / (n * (n - 1)) * sum;
  return sum;
}

double short_sine(double x) {
  const double s = x * x;
  double sum = 1.0;
  for (int n = 19; n > 1; n -= 2) sum = 1.0 - s / (n * (n - 1)) * sum;
  return x * sum;
}

}  // namespace

double cosine_of_turns(double turns) {
  const double quarters = std::floor(4 * turns + 0.5);
  const double angle = (turns - quarters / 4) * (2 * std::numbers::pi);  // the difference is exact
  switch (static_cast<long long>(quarters) & 3) {
    case 0:
      return short_cosine(angle);
    case 1:
      return -short_sine(angle);
    case 2:
      return -short_cosine(angle);
    default:
      return short_sine(angle);
  }
}

}  // namespace samara::sodarace
