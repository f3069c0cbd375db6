// The kernels for AVX-512 with bf16: 16 floats or 32 elements at a time.
#include "samara/lm/cpu/internal/kernels.h"

#if defined(__x86_64__)
#include "samara/lm/cpu/internal/avx512_lanes.h"

namespace samara::lm::cpu {
namespace {

struct Avx512Bf16 : Avx512Floats {
  using Element = std::uint16_t;
  using Words = __m512bh;
  static Words load_words(const Element* p) { return reinterpret_cast<__m512bh>(_mm512_loadu_si512(p)); }
  /// The first element of each word, the second being 0.
  static Words load_first_halves(const Element* p) {
    return reinterpret_cast<__m512bh>(_mm512_and_si512(_mm512_loadu_si512(p), _mm512_set1_epi32(0xFFFF)));
  }
  static Words broadcast_word(const Element* p) {
    int word;
    std::memcpy(&word, p, 4);
    return reinterpret_cast<__m512bh>(_mm512_set1_epi32(word));
  }
  static Floats dot(Floats sum, Words a, Words b) { return _mm512_dpbf16_ps(sum, a, b); }
  static Floats load_elements(const Element* p) {
    const __m256i elements = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(elements), 16));
  }
  static void store_elements(Element* p, Floats a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(a)));
  }
};

}  // namespace

const Kernels kAvx512Bf16Kernels = KernelsOf<Avx512Bf16>::table("avx512-bf16", DataType::kBF16);

}  // namespace samara::lm::cpu
#endif
