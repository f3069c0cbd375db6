// The kernels in plain C++, four floats at a time: any processor.
#include "samara/lm/cpu/internal/kernel_templates.h"

namespace samara::lm::cpu {
namespace {

struct Plain {
  using Element = float;
  struct Floats {
    float lane[4];
  };
  using Words = Floats;
  static constexpr std::size_t kWidth = 4, kScoreGroups = 1, kMixColumns = 2;

  template <typename F>
  static Floats each(F&& f) {
    return {{f(0), f(1), f(2), f(3)}};
  }
  static Floats load(const float* p) { return {{p[0], p[1], p[2], p[3]}}; }
  static void store(float* p, Floats a) { std::memcpy(p, a.lane, sizeof(a.lane)); }
  static Floats set(float x) { return {{x, x, x, x}}; }
  static Floats add(Floats a, Floats b) {
    return each([&](int i) { return a.lane[i] + b.lane[i]; });
  }
  static Floats sub(Floats a, Floats b) {
    return each([&](int i) { return a.lane[i] - b.lane[i]; });
  }
  static Floats mul(Floats a, Floats b) {
    return each([&](int i) { return a.lane[i] * b.lane[i]; });
  }
  static Floats div(Floats a, Floats b) {
    return each([&](int i) { return a.lane[i] / b.lane[i]; });
  }
  static Floats fma(Floats a, Floats b, Floats c) { return add(mul(a, b), c); }
  /// The second where either is NaN.
  static Floats max(Floats a, Floats b) {
    return each([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
  }
  static Floats round(Floats a) {
    // Adding and taking away 1.5 * 2^23 leaves the nearest integer, for |a| < 2^22.
    constexpr float kShift = 12582912.0F;
    return each([&](int i) { return a.lane[i] + kShift - kShift; });
  }
  static Floats scale_by_power_of_2(Floats a, Floats n) {
    return each([&](int i) {
      const float bounded = n.lane[i] > -127.0F ? (n.lane[i] < 127.0F ? n.lane[i] : 127.0F) : -127.0F;
      const std::uint32_t bits = static_cast<std::uint32_t>(static_cast<int>(bounded) + 127) << 23;
      float power;
      std::memcpy(&power, &bits, 4);
      return a.lane[i] * power;
    });
  }
  static Floats zero_unless_at_least(Floats x, float bound, Floats a) {
    return each([&](int i) { return x.lane[i] >= bound ? a.lane[i] : 0.0F; });
  }
  static float sum(Floats a) { return (a.lane[0] + a.lane[2]) + (a.lane[1] + a.lane[3]); }
  static float largest(Floats a) {
    const Floats b = max(a, {{a.lane[2], a.lane[3], a.lane[0], a.lane[1]}});
    return b.lane[0] > b.lane[1] ? b.lane[0] : b.lane[1];
  }

  static Words load_words(const Element* p) { return load(p); }
  static Words broadcast_word(const Element* p) { return set(*p); }
  static Floats dot(Floats sum, Words a, Words b) { return fma(a, b, sum); }
  static Floats load_elements(const Element* p) { return load(p); }
  static void store_elements(Element* p, Floats a) { store(p, a); }
};

}  // namespace

const Kernels kPlainKernels = KernelsOf<Plain>::table("plain", DataType::kF32);

}  // namespace samara::lm::cpu
