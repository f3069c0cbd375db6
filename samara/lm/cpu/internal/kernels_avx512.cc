// The kernels for AVX-512: 16 floats at a time.
#include "samara/lm/cpu/internal/kernels.h"

#if defined(__x86_64__)
#include "samara/lm/cpu/internal/avx512_lanes.h"

namespace samara::lm::cpu {
namespace {

struct Avx512 : Avx512Floats {
  using Element = float;
  using Words = __m512;
  static Words load_words(const Element* p) { return load(p); }
  static Words broadcast_word(const Element* p) { return set(*p); }
  static Floats dot(Floats sum, Words a, Words b) { return fma(a, b, sum); }
  static Floats load_elements(const Element* p) { return load(p); }
  static void store_elements(Element* p, Floats a) { store(p, a); }
};

}  // namespace

const Kernels kAvx512Kernels = KernelsOf<Avx512>::table("avx512", DataType::kF32);

}  // namespace samara::lm::cpu
#endif
