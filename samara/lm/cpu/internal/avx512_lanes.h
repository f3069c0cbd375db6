// What the two AVX-512 tables of kernels share. Included by kernels_avx512*.cc only.
#pragma once

#include <immintrin.h>

#include "samara/lm/cpu/internal/kernel_templates.h"

namespace samara::lm::cpu {
namespace {

struct Avx512Floats {
  using Floats = __m512;
  static constexpr std::size_t kWidth = 16, kScoreGroups = 4, kMixColumns = 2;

  static Floats load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Floats a) { _mm512_storeu_ps(p, a); }
  static Floats set(float x) { return _mm512_set1_ps(x); }
  static Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
  static Floats sub(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
  static Floats mul(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
  static Floats div(Floats a, Floats b) { return _mm512_div_ps(a, b); }
  static Floats fma(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
  static Floats max(Floats a, Floats b) { return _mm512_max_ps(a, b); }
  static Floats round(Floats a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static Floats scale_by_power_of_2(Floats a, Floats n) { return _mm512_scalef_ps(a, n); }
  static Floats zero_unless_at_least(Floats x, float bound, Floats a) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, set(bound), _CMP_GE_OQ), a);
  }
  static float sum(Floats a) { return _mm512_reduce_add_ps(a); }
  static float largest(Floats a) { return _mm512_reduce_max_ps(a); }
};

}  // namespace
}  // namespace samara::lm::cpu
