// The kernels' one source. `Lanes` is an instruction set: a vector of kWidth floats with its operations (see
// kernels_plain.cc for the shortest), and what an element is. Included by kernels_*.cc only, each compiled
// with its own flags; everything is in an unnamed namespace, so that the linker cannot mix them.
#pragma once

#include <cmath>
#include <cstring>
#include <limits>

#include "samara/lm/cpu/internal/kernels.h"

namespace samara::lm::cpu {
namespace {

template <typename Lanes>
struct KernelsOf {
  using Element = typename Lanes::Element;
  using Floats = typename Lanes::Floats;
  using Words = typename Lanes::Words;
  static constexpr std::size_t kWidth = Lanes::kWidth;
  static constexpr std::size_t kPack = 4 / sizeof(Element);  ///< elements of a word
  static constexpr std::size_t kVectors = kGroup / kWidth;   ///< vectors of a group

  /// exp(x) for x <= 88, relative error below 3e-7; 0 for x < -87 and for NaN. Cody and Waite's reduction to
  /// |r| <= ln(2)/2, then the Taylor polynomial of degree 7, whose remainder is below 1e-8.
  static Floats exponential(Floats x) {
    const Floats n = Lanes::round(Lanes::mul(x, Lanes::set(1.44269504F)));
    Floats r = Lanes::fma(n, Lanes::set(-0.693359375F), x);
    r = Lanes::fma(n, Lanes::set(2.12194440e-4F), r);
    Floats p = Lanes::set(1.0F / 5040);
    for (const float c : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F}) {
      p = Lanes::fma(p, r, Lanes::set(c));
    }
    return Lanes::zero_unless_at_least(x, -87.0F, Lanes::scale_by_power_of_2(p, n));
  }

  /// The first n < kWidth floats of `in`, then `fill`.
  static Floats load_part(const float* in, std::size_t n, float fill = 0.0F) {
    float buffer[kWidth];
    for (std::size_t i = 0; i < kWidth; ++i) buffer[i] = i < n ? in[i] : fill;
    return Lanes::load(buffer);
  }
  static void store_part(Floats x, std::size_t n, float* out) {
    float buffer[kWidth];
    Lanes::store(buffer, x);
    std::memcpy(out, buffer, n * sizeof(float));
  }
  static void store_elements_part(Floats x, std::size_t n, Element* out) {
    Element buffer[kWidth];
    Lanes::store_elements(buffer, x);
    std::memcpy(out, buffer, n * sizeof(Element));
  }

  static void narrow(const float* in, std::size_t n, void* out) {
    auto* elements = static_cast<Element*>(out);
    std::size_t i = 0;
    for (; i + kWidth <= n; i += kWidth) Lanes::store_elements(elements + i, Lanes::load(in + i));
    if (i < n) store_elements_part(load_part(in + i, n - i), n - i, elements + i);
  }

  static void widen(const void* in, std::size_t n, float* out) {
    const auto* elements = static_cast<const Element*>(in);
    std::size_t i = 0;
    for (; i + kWidth <= n; i += kWidth) Lanes::store(out + i, Lanes::load_elements(elements + i));
    if (i == n) return;
    Element buffer[kWidth] = {};
    std::memcpy(buffer, elements + i, (n - i) * sizeof(Element));
    store_part(Lanes::load_elements(buffer), n - i, out + i);
  }

  static void rms_norm(const float* x, const float* weight, std::size_t n, float epsilon, void* out) {
    Floats squares = Lanes::set(0.0F);
    std::size_t i = 0;
    for (; i + kWidth <= n; i += kWidth) {
      const Floats v = Lanes::load(x + i);
      squares = Lanes::fma(v, v, squares);
    }
    if (i < n) {
      const Floats v = load_part(x + i, n - i);
      squares = Lanes::fma(v, v, squares);
    }
    const float mean = Lanes::sum(squares) / static_cast<float>(n);
    const Floats factor = Lanes::set(1.0F / std::sqrt(mean + epsilon));
    auto* elements = static_cast<Element*>(out);
    for (i = 0; i + kWidth <= n; i += kWidth) {
      Lanes::store_elements(elements + i,
                            Lanes::mul(Lanes::mul(Lanes::load(x + i), factor), Lanes::load(weight + i)));
    }
    if (i < n) {
      const Floats scaled = Lanes::mul(load_part(x + i, n - i), factor);
      store_elements_part(Lanes::mul(scaled, load_part(weight + i, n - i)), n - i, elements + i);
    }
  }

  static void rotate(float* head, const float* cosines, const float* sines, std::size_t half) {
    float* other = head + half;
    std::size_t i = 0;
    for (; i + kWidth <= half; i += kWidth) {
      const Floats x = Lanes::load(head + i), y = Lanes::load(other + i);
      const Floats c = Lanes::load(cosines + i), s = Lanes::load(sines + i);
      Lanes::store(head + i, Lanes::sub(Lanes::mul(x, c), Lanes::mul(y, s)));
      Lanes::store(other + i, Lanes::add(Lanes::mul(y, c), Lanes::mul(x, s)));
    }
    for (; i < half; ++i) {
      const float x = head[i], y = other[i];
      head[i] = x * cosines[i] - y * sines[i];
      other[i] = y * cosines[i] + x * sines[i];
    }
  }

  static Floats gated(Floats gate, Floats up) {
    // Below -87 the quotient is 0 to within 1e-36, and exp must not overflow.
    const Floats x = Lanes::max(gate, Lanes::set(-87.0F));
    const Floats e = exponential(Lanes::sub(Lanes::set(0.0F), x));
    return Lanes::mul(Lanes::div(gate, Lanes::add(Lanes::set(1.0F), e)), up);
  }

  static void swiglu(const float* gate, const float* up, std::size_t n, void* out) {
    auto* elements = static_cast<Element*>(out);
    std::size_t i = 0;
    for (; i + kWidth <= n; i += kWidth) {
      Lanes::store_elements(elements + i, gated(Lanes::load(gate + i), Lanes::load(up + i)));
    }
    if (i < n) {
      const Floats last = gated(load_part(gate + i, n - i), load_part(up + i, n - i));
      store_elements_part(last, n - i, elements + i);
    }
  }

  // A block: keys as words (group, head_dim / kPack, position in group), then values as words
  // (position / kPack, head_dim rounded up to kGroup).

  static void store(const float* key, const float* value, std::size_t head_dim, std::size_t position,
                    std::byte* block) {
    Element buffer[kGroup];
    const std::size_t words = head_dim / kPack;
    std::byte* lane = block + 4 * (position / kGroup * words * kGroup + position % kGroup);
    for (std::size_t i = 0; i < head_dim; i += kGroup) {
      const std::size_t count = head_dim - i < kGroup ? head_dim - i : kGroup;
      narrow(key + i, count, buffer);
      for (std::size_t w = 0; w < count / kPack; ++w, lane += 4 * kGroup) {
        std::memcpy(lane, buffer + w * kPack, 4);
      }
    }
    const std::size_t padded = round_up(head_dim, kGroup);
    auto* row = reinterpret_cast<Element*>(block) + kPagePositions * head_dim +
                position / kPack * padded * kPack + position % kPack;
    for (std::size_t i = 0; i < head_dim; i += kGroup) {
      const std::size_t count = head_dim - i < kGroup ? head_dim - i : kGroup;
      narrow(value + i, count, buffer);
      for (std::size_t j = 0; j < count; ++j) row[(i + j) * kPack] = buffer[j];
    }
  }

  /// Scores of kHeads heads with kGroups groups of keys.
  template <std::size_t kHeads, std::size_t kGroups>
  static void score(const Element* query, std::size_t head_dim, const Element* keys, float* scores,
                    std::size_t stride) {
    const std::size_t words = head_dim / kPack;
    Floats sums[kHeads][kGroups * kVectors];
    for (auto& row : sums) {
      for (Floats& sum : row) sum = Lanes::set(0.0F);
    }
    for (std::size_t w = 0; w < words; ++w) {
      Words key[kGroups * kVectors];
      for (std::size_t g = 0; g < kGroups; ++g) {
        for (std::size_t v = 0; v < kVectors; ++v) {
          key[g * kVectors + v] = Lanes::load_words(keys + ((g * words + w) * kGroup + v * kWidth) * kPack);
        }
      }
      for (std::size_t h = 0; h < kHeads; ++h) {
        const Words q = Lanes::broadcast_word(query + h * head_dim + w * kPack);
        for (std::size_t v = 0; v < kGroups * kVectors; ++v) sums[h][v] = Lanes::dot(sums[h][v], q, key[v]);
      }
    }
    for (std::size_t h = 0; h < kHeads; ++h) {
      for (std::size_t v = 0; v < kGroups * kVectors; ++v) {
        Lanes::store(scores + h * stride + v * kWidth, sums[h][v]);
      }
    }
  }

  static const Element* block(const Attention& a, std::size_t page) {
    return reinterpret_cast<const Element*>(a.pages[page] + a.offset);
  }
  /// Elements of a block's keys; its values follow.
  static std::size_t key_elements(const Attention& a) { return kPagePositions * a.head_dim; }

  /// Has elements brought near that are read soon: they lie in pages here and there, which no processor
  /// foresees.
  static void prefetch(const Element* elements, std::size_t count) {
    constexpr std::size_t kLineElements = 64 / sizeof(Element);
    for (std::size_t i = 0; i < count; i += kLineElements) __builtin_prefetch(elements + i, 0, 2);
  }

  template <std::size_t kHeads>
  static void score_all(const Attention& a, std::size_t first_head, std::size_t stride) {
    const auto* query = static_cast<const Element*>(a.query) + first_head * a.head_dim;
    float* scores = a.scratch + first_head * stride;
    for (std::size_t from = 0; from < a.positions; from += kPagePositions) {
      const Element* keys = block(a, from / kPagePositions);
      if (from + kPagePositions < a.positions) {
        prefetch(block(a, from / kPagePositions + 1), key_elements(a));
      }
      prefetch(keys + key_elements(a), kPagePositions * round_up(a.head_dim, kGroup));
      const std::size_t left = a.positions - from;
      const std::size_t groups =
          left >= kPagePositions ? kPagePositions / kGroup : (left + kGroup - 1) / kGroup;
      const std::size_t group_elements = kGroup * a.head_dim;
      std::size_t g = 0;
      for (; g + Lanes::kScoreGroups <= groups; g += Lanes::kScoreGroups) {
        score<kHeads, Lanes::kScoreGroups>(query, a.head_dim, keys + g * group_elements,
                                           scores + from + g * kGroup, stride);
      }
      for (; g < groups; ++g) {
        score<kHeads, 1>(query, a.head_dim, keys + g * group_elements, scores + from + g * kGroup, stride);
      }
    }
  }

  /// Turns a head's scores into probabilities times their returned sum, as elements in the same place; 0 from
  /// `positions` to the end of the group.
  static float soften(float* scores, std::size_t positions, float scale) {
    const std::size_t padded = round_up(positions, kGroup);
    for (std::size_t i = positions; i < padded; ++i) scores[i] = -std::numeric_limits<float>::infinity();
    Floats most = Lanes::load(scores);
    for (std::size_t i = kWidth; i < padded; i += kWidth) most = Lanes::max(Lanes::load(scores + i), most);
    const Floats shift = Lanes::set(Lanes::largest(most));
    const Floats factor = Lanes::set(scale);
    auto* elements = reinterpret_cast<Element*>(scores);
    Floats total = Lanes::set(0.0F);
    for (std::size_t i = 0; i < padded; i += kWidth) {
      const Floats p = exponential(Lanes::mul(Lanes::sub(Lanes::load(scores + i), shift), factor));
      total = Lanes::add(total, p);
      Lanes::store_elements(elements + i, p);
    }
    return Lanes::sum(total);
  }

  /// kColumns vectors of the values' weighted sums, for kHeads heads.
  template <std::size_t kHeads, std::size_t kColumns>
  static void mix(const Attention& a, const float* const* weights, const float* totals, std::size_t column,
                  Element* out) {
    const std::size_t padded = round_up(a.head_dim, kGroup);
    Floats sums[kHeads][kColumns];
    for (auto& row : sums) {
      for (Floats& sum : row) sum = Lanes::set(0.0F);
    }
    for (std::size_t from = 0; from < a.positions; from += kPagePositions) {
      const Element* values = block(a, from / kPagePositions) + key_elements(a) + column * kPack;
      const std::size_t left = a.positions - from;
      const std::size_t count = left >= kPagePositions ? kPagePositions : left;
      Words value[kColumns];
      const auto add = [&](std::size_t i) {
        for (std::size_t h = 0; h < kHeads; ++h) {
          const Words p = Lanes::broadcast_word(reinterpret_cast<const Element*>(weights[h]) + from + i);
          for (std::size_t c = 0; c < kColumns; ++c) sums[h][c] = Lanes::dot(sums[h][c], p, value[c]);
        }
      };
      std::size_t i = 0;
      for (; i + kPack <= count; i += kPack, values += padded * kPack) {
        for (std::size_t c = 0; c < kColumns; ++c) value[c] = Lanes::load_words(values + c * kWidth * kPack);
        add(i);
      }
      if constexpr (kPack == 2) {
        if (i == count) continue;
        // The other half of the last word is nothing of this sequence's, and may be infinite.
        for (std::size_t c = 0; c < kColumns; ++c)
          value[c] = Lanes::load_first_halves(values + c * kWidth * kPack);
        add(i);
      }
    }
    for (std::size_t h = 0; h < kHeads; ++h) {
      const Floats factor = Lanes::set(1.0F / totals[h]);
      for (std::size_t c = 0; c < kColumns; ++c) {
        const std::size_t at = column + c * kWidth;
        const Floats mean = Lanes::mul(sums[h][c], factor);
        Element* target = out + h * a.head_dim + at;
        if (at + kWidth <= a.head_dim) {
          Lanes::store_elements(target, mean);
        } else if (at < a.head_dim) {
          store_elements_part(mean, a.head_dim - at, target);
        }
      }
    }
  }

  template <std::size_t kHeads>
  static void attend_heads(const Attention& a, std::size_t first_head) {
    const std::size_t stride = round_up(a.positions, kGroup);
    score_all<kHeads>(a, first_head, stride);
    const float* weights[kHeads];
    float totals[kHeads];
    for (std::size_t h = 0; h < kHeads; ++h) {
      float* scores = a.scratch + (first_head + h) * stride;
      weights[h] = scores;
      totals[h] = soften(scores, a.positions, a.scale);
    }
    Element* out = static_cast<Element*>(a.out) + first_head * a.head_dim;
    const std::size_t padded = round_up(a.head_dim, kGroup);
    std::size_t column = 0;
    for (; column + Lanes::kMixColumns * kWidth <= padded; column += Lanes::kMixColumns * kWidth) {
      mix<kHeads, Lanes::kMixColumns>(a, weights, totals, column, out);
    }
    for (; column < padded; column += kWidth) mix<kHeads, 1>(a, weights, totals, column, out);
  }

  static void attend(const Attention& a) {
    std::size_t h = 0;
    for (; h + 4 <= a.heads; h += 4) attend_heads<4>(a, h);
    for (; h + 2 <= a.heads; h += 2) attend_heads<2>(a, h);
    if (h < a.heads) attend_heads<1>(a, h);
  }

  static float largest(const float* in, std::size_t n) {
    constexpr float kLowest = -std::numeric_limits<float>::infinity();
    Floats most = Lanes::set(kLowest);
    std::size_t i = 0;
    // max(x, most) gives `most` where x is NaN.
    for (; i + kWidth <= n; i += kWidth) most = Lanes::max(Lanes::load(in + i), most);
    if (i < n) most = Lanes::max(load_part(in + i, n - i, kLowest), most);
    return Lanes::largest(most);
  }

  static void exponentials(const float* in, std::size_t n, float scale, float shift, float* out,
                           float* sums) {
    const Floats factor = Lanes::set(scale), offset = Lanes::set(shift);
    const auto terms = [&](Floats x) { return exponential(Lanes::mul(Lanes::sub(x, offset), factor)); };
    for (std::size_t group = 0; group < n; group += kGroup) {
      Floats total = Lanes::set(0.0F);
      const std::size_t end = group + kGroup < n ? group + kGroup : n;
      std::size_t i = group;
      for (; i + kWidth <= end; i += kWidth) {
        const Floats e = terms(Lanes::load(in + i));
        Lanes::store(out + i, e);
        total = Lanes::add(total, e);
      }
      if (i < end) {
        const Floats e = terms(load_part(in + i, end - i, -std::numeric_limits<float>::infinity()));
        store_part(e, end - i, out + i);
        total = Lanes::add(total, e);
      }
      sums[group / kGroup] = Lanes::sum(total);
    }
  }

  static constexpr Kernels table(const char* name, DataType type) {
    return {name,   type,   sizeof(Element), narrow, widen,   rms_norm,
            rotate, swiglu, store,           attend, largest, exponentials};
  }
};

}  // namespace
}  // namespace samara::lm::cpu
