// Sixteen floats at a time, in the compilers' portable vector extension, and a function that runs a piece of
// code in the version for this CPU. For kernels.cc. Everything here is inlined into such a piece of code.
#pragma once

#include <cstdint>
#include <cstring>

#include "samara/lm/torch/internal/kernels.h"

#define SAMARA_INLINE inline __attribute__((always_inline))

namespace samara::lm::kernels {

constexpr std::int64_t kLanes = 16;
using Floats = float __attribute__((vector_size(64)));
using Ints = std::int32_t __attribute__((vector_size(64)));
using Words = std::uint32_t __attribute__((vector_size(64)));
using Halves = std::uint16_t __attribute__((vector_size(32)));

SAMARA_INLINE Floats all(float value) {
  return Floats{} + value;
}

SAMARA_INLINE Floats load(const float* from) {
  Floats value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
SAMARA_INLINE Floats load(const Bf16* from) {
  Halves halves;
  std::memcpy(&halves, from, sizeof halves);
  return reinterpret_cast<Floats>(__builtin_convertvector(halves, Words) << 16);
}
SAMARA_INLINE void store(float* to, Floats value) {
  std::memcpy(to, &value, sizeof value);
}
/// Rounds to nearest, ties to even. Values are finite; a NaN may become infinite, which is as wrong.
SAMARA_INLINE void store(Bf16* to, Floats value) {
  const Words bits = reinterpret_cast<Words>(value);
  const Halves halves = __builtin_convertvector((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16, Halves);
  std::memcpy(to, &halves, sizeof halves);
}

/// The first `count` (below 16) lanes; the others are 0.
template <typename T>
SAMARA_INLINE Floats load_part(const T* from, std::int64_t count) {
  T buffer[kLanes] = {};
  std::memcpy(buffer, from, static_cast<std::size_t>(count) * sizeof(T));
  return load(buffer);
}
template <typename T>
SAMARA_INLINE void store_part(T* to, Floats value, std::int64_t count) {
  T buffer[kLanes];
  store(buffer, value);
  std::memcpy(to, buffer, static_cast<std::size_t>(count) * sizeof(T));
}

SAMARA_INLINE float sum(Floats value) {
  float total = 0.0F;
  for (int width = 8; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) value[i] += value[i + width];
  }
  total = value[0];
  return total;
}
SAMARA_INLINE Floats max(Floats a, Floats b) {
  return a > b ? a : b;
}
SAMARA_INLINE float max(Floats value) {
  float largest = value[0];
  for (int i = 1; i < kLanes; ++i) largest = value[i] > largest ? value[i] : largest;
  return largest;
}

/// e^x to about 2 units in the last place; 0 below -87. Range reduction by multiples of ln 2 in two parts
/// (Cody and Waite 1980), then the Taylor polynomial of degree 6 on [-ln 2 / 2, ln 2 / 2], whose remainder is
/// below 2e-8 there.
SAMARA_INLINE Floats exp(Floats x) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  const Ints tiny = x < -87.0F;
  x = x > 88.0F ? all(88.0F) : x;
  x = tiny ? all(-87.0F) : x;
  const Floats shifted = x * 1.44269504F + kRound;
  const Floats whole = shifted - kRound;
  const Floats r = (x - whole * 0.693359375F) - whole * -2.12194440e-4F;
  Floats p = r * (1.0F / 720.0F) + (1.0F / 120.0F);
  p = p * r + (1.0F / 24.0F);
  p = p * r + (1.0F / 6.0F);
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  const Ints exponent = reinterpret_cast<Ints>(shifted) << 23;
  const Floats result = reinterpret_cast<Floats>(reinterpret_cast<Ints>(p) + exponent);
  return tiny ? all(0.0F) : result;
}

#if defined(__x86_64__)
template <typename Body>
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,fma,bmi2"))) void run_wide(
    const Body& body) {
  body();
}
template <typename Body>
__attribute__((target("avx2,fma,bmi2"))) void run_middle(const Body& body) {
  body();
}

/// Runs body() in the version that was compiled for the best instructions of this CPU. The body's call
/// operator must be marked always_inline.
template <typename Body>
void run(const Body& body) {
  static const int level = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2")
                               ? 2
                           : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? 1
                                                                                              : 0;
  if (level == 2) return run_wide(body);
  if (level == 1) return run_middle(body);
  body();
}
#else
template <typename Body>
void run(const Body& body) {
  body();
}
#endif

}  // namespace samara::lm::kernels
