// The kernels for AVX2 and FMA: 8 floats at a time.
#include "samara/lm/cpu/internal/kernel_templates.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace samara::lm::cpu {
namespace {

struct Avx2 {
  using Element = float;
  using Floats = __m256;
  using Words = __m256;
  static constexpr std::size_t kWidth = 8, kScoreGroups = 1, kMixColumns = 2;

  static Floats load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, Floats a) { _mm256_storeu_ps(p, a); }
  static Floats set(float x) { return _mm256_set1_ps(x); }
  static Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
  static Floats sub(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
  static Floats mul(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
  static Floats div(Floats a, Floats b) { return _mm256_div_ps(a, b); }
  static Floats fma(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
  static Floats max(Floats a, Floats b) { return _mm256_max_ps(a, b); }
  static Floats round(Floats a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static Floats scale_by_power_of_2(Floats a, Floats n) {
    n = _mm256_min_ps(_mm256_max_ps(n, set(-127.0F)), set(127.0F));
    const __m256i power =
        _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return mul(a, _mm256_castsi256_ps(power));
  }
  static Floats zero_unless_at_least(Floats x, float bound, Floats a) {
    return _mm256_and_ps(_mm256_cmp_ps(x, set(bound), _CMP_GE_OQ), a);
  }
  static float sum(Floats a) {
    __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
  }
  static float largest(Floats a) {
    __m128 b = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_max_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_max_ss(b, _mm_movehdup_ps(b)));
  }

  static Words load_words(const Element* p) { return load(p); }
  static Words broadcast_word(const Element* p) { return _mm256_broadcast_ss(p); }
  static Floats dot(Floats sum, Words a, Words b) { return fma(a, b, sum); }
  static Floats load_elements(const Element* p) { return load(p); }
  static void store_elements(Element* p, Floats a) { store(p, a); }
};

}  // namespace

const Kernels kAvx2Kernels = KernelsOf<Avx2>::table("avx2", DataType::kF32);

}  // namespace samara::lm::cpu
#endif
