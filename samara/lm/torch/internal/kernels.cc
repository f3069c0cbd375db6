#include "samara/lm/torch/internal/kernels.h"

#include <cmath>

#include "samara/lm/torch/internal/vector.h"

// A kernel is a lambda that run() calls: see vector.h.
#define SAMARA_KERNEL [&]() __attribute__((always_inline))

namespace samara::lm::kernels {
namespace {

/// Calls f(i, count) for chunks of lanes, count 16 but for the last one.
template <typename F>
SAMARA_INLINE void for_chunks(std::int64_t width, const F& f) {
  std::int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) f(i, kLanes);
  if (i < width) f(i, width - i);
}
template <typename T>
SAMARA_INLINE Floats get(const T* from, std::int64_t count) {
  return count == kLanes ? load(from) : load_part(from, count);
}
template <typename T>
SAMARA_INLINE void put(T* to, Floats value, std::int64_t count) {
  if (count == kLanes) {
    store(to, value);
  } else {
    store_part(to, value, count);
  }
}

#define SAMARA_CHUNK [&](std::int64_t i, std::int64_t n) __attribute__((always_inline))

SAMARA_INLINE Floats sigmoid(Floats x) {
  return 1.0F / (1.0F + exp(-x));
}

}  // namespace

template <typename T>
void rms_norm(const float* x, const T* delta, const float* weight, float eps, std::int64_t rows,
              std::int64_t width, float* sum_out, T* normed, float* inverse_rms) {
  run(SAMARA_KERNEL {
    for (std::int64_t row = 0; row < rows; ++row) {
      const float* in = x + row * width;
      Floats squares{};
      if (delta != nullptr) {
        float* out = sum_out + row * width;
        for_chunks(
            width, SAMARA_CHUNK {
              const Floats value = get(in + i, n) + get(delta + row * width + i, n);
              put(out + i, value, n);
              squares += value * value;
            });
        in = out;
      } else {
        for_chunks(
            width, SAMARA_CHUNK {
              const Floats value = get(in + i, n);
              squares += value * value;
            });
      }
      const float inverse = 1.0F / std::sqrt(sum(squares) / static_cast<float>(width) + eps);
      inverse_rms[row] = inverse;
      for_chunks(
          width,
          SAMARA_CHUNK { put(normed + row * width + i, get(in + i, n) * inverse * get(weight + i, n), n); });
    }
  });
}

template <typename T>
void rms_norm_backward(const float* sum_in, const float* weight, const float* inverse_rms,
                       const T* grad_normed, const float* grad_sum, std::int64_t rows, std::int64_t width,
                       float* grad_x, T* grad_delta, float* grad_weight) {
  // With y = w x r, r = (mean(x^2) + eps)^(-1/2): dx = r (w dy - x r^2 mean(w dy x)); dw = sum over rows of
  // dy x r.
  run(SAMARA_KERNEL {
    std::memset(grad_weight, 0, static_cast<std::size_t>(width) * sizeof(float));
    for (std::int64_t row = 0; row < rows; ++row) {
      const float* in = sum_in + row * width;
      const T* dy = grad_normed + row * width;
      const float inverse = inverse_rms[row];
      Floats dots{};
      for_chunks(
          width, SAMARA_CHUNK {
            const Floats product = get(dy + i, n) * get(in + i, n);
            put(grad_weight + i, get(grad_weight + i, n) + product * inverse, n);
            dots += product * get(weight + i, n);
          });
      const float pull = sum(dots) / static_cast<float>(width) * inverse * inverse * inverse;
      for_chunks(
          width, SAMARA_CHUNK {
            Floats gradient = get(dy + i, n) * get(weight + i, n) * inverse - get(in + i, n) * pull;
            if (grad_sum != nullptr) gradient += get(grad_sum + row * width + i, n);
            put(grad_x + row * width + i, gradient, n);
            if (grad_delta != nullptr) put(grad_delta + row * width + i, gradient, n);
          });
    }
  });
}

namespace {

/// Calls f(projected, split, cosines, sines) with the places of each head's vector.
template <typename P, typename S, typename F>
SAMARA_INLINE void for_heads(const HeadLayout& layout, P* projected, S* split, const F& f) {
  for (std::int64_t row = 0; row < layout.rows; ++row) {
    for (std::int64_t column = 0; column < layout.columns; ++column) {
      const std::int64_t token = column + layout.first_column - layout.starts[row];
      const std::int64_t position = token > 0 ? token : 0;  // padding gets any
      const float* cosines = layout.cosines == nullptr ? nullptr : layout.cosines + position * layout.dim / 2;
      const float* sines = layout.sines == nullptr ? nullptr : layout.sines + position * layout.dim / 2;
      P* place = projected + (row * layout.columns + column) * layout.stride + layout.offset;
      for (std::int64_t group = 0; group < layout.groups; ++group) {
        S* target =
            split + ((row * layout.groups + group) * layout.columns + column) * layout.heads * layout.dim;
        for (std::int64_t head = 0; head < layout.heads; ++head) {
          f(place + (group * layout.heads + head) * layout.dim, target + head * layout.dim, cosines, sines);
        }
      }
    }
  }
}

/// out = rotation of in by the angles, times scale; `sign` -1 rotates back, which is the transpose.
template <typename T>
SAMARA_INLINE void rotate(const T* in, T* out, const float* cosines, const float* sines, std::int64_t dim,
                          float scale, float sign) {
  if (cosines == nullptr) {
    for_chunks(
        dim, SAMARA_CHUNK { put(out + i, get(in + i, n) * scale, n); });
    return;
  }
  const std::int64_t half = dim / 2;
  for_chunks(
      half, SAMARA_CHUNK {
        const Floats a = get(in + i, n) * scale, b = get(in + half + i, n) * scale;
        const Floats c = get(cosines + i, n), s = get(sines + i, n) * sign;
        put(out + i, a * c - b * s, n);
        put(out + half + i, b * c + a * s, n);
      });
}

}  // namespace

template <typename T>
void split_heads(const HeadLayout& layout, const T* projected, T* split) {
  run(SAMARA_KERNEL {
    for_heads(
        layout, projected,
        split, [&](const T* in, T* out, const float* c, const float* s) __attribute__((always_inline)) {
          rotate(in, out, c, s, layout.dim, layout.scale, 1.0F);
        });
  });
}

template <typename T>
void split_heads_backward(const HeadLayout& layout, const T* split, T* projected) {
  run(SAMARA_KERNEL {
    for_heads(
        layout, projected,
        split, [&](T * out, const T* in, const float* c, const float* s) __attribute__((always_inline)) {
          rotate(in, out, c, s, layout.dim, layout.scale, -1.0F);
        });
  });
}

template <typename T>
void causal_softmax(T* scores, std::int64_t batch, std::int64_t queries, std::int64_t heads,
                    std::int64_t keys, std::int64_t first_query, const std::int32_t* starts,
                    std::int64_t groups) {
  run(SAMARA_KERNEL {
    for (std::int64_t b = 0; b < batch; ++b) {
      const std::int64_t start = starts[b / groups];
      for (std::int64_t query = 0; query < queries; ++query) {
        const std::int64_t end = first_query + query + 1;  // sees columns start .. end - 1
        for (std::int64_t head = 0; head < heads; ++head) {
          T* row = scores + ((b * queries + query) * heads + head) * keys;
          if (end <= start) {  // padding
            std::memset(row, 0, static_cast<std::size_t>(keys) * sizeof(T));
            continue;
          }
          T* seen = row + start;
          const std::int64_t count = end - start;
          Floats most = all(-1e30F);
          for_chunks(
              count, SAMARA_CHUNK {
                Floats value = get(seen + i, n);
                if (n < kLanes) {
                  for (std::int64_t lane = n; lane < kLanes; ++lane) value[lane] = -1e30F;
                }
                most = max(most, value);
              });
          const float shift = max(most);
          Floats sums{};
          float tail = 0.0F;
          for_chunks(
              count, SAMARA_CHUNK {
                const Floats value = exp(get(seen + i, n) - shift);
                if (n == kLanes) {
                  sums += value;
                } else {
                  for (std::int64_t lane = 0; lane < n; ++lane) tail += value[lane];
                }
                put(seen + i, value, n);
              });
          const float inverse = 1.0F / (sum(sums) + tail);
          for_chunks(
              count, SAMARA_CHUNK { put(seen + i, get(seen + i, n) * inverse, n); });
          std::memset(row, 0, static_cast<std::size_t>(start) * sizeof(T));
          std::memset(row + end, 0, static_cast<std::size_t>(keys - end) * sizeof(T));
        }
      }
    }
  });
}

template <typename T>
void softmax_backward(const T* probabilities, T* gradient, std::int64_t rows, std::int64_t keys) {
  run(SAMARA_KERNEL {
    for (std::int64_t row = 0; row < rows; ++row) {
      const T* p = probabilities + row * keys;
      T* g = gradient + row * keys;
      Floats dots{};
      for_chunks(
          keys, SAMARA_CHUNK { dots += get(p + i, n) * get(g + i, n); });
      const float mean = sum(dots);
      for_chunks(
          keys, SAMARA_CHUNK { put(g + i, get(p + i, n) * (get(g + i, n) - mean), n); });
    }
  });
}

template <typename T>
void swiglu(const T* gate_up, std::int64_t rows, std::int64_t width, T* out) {
  run(SAMARA_KERNEL {
    for (std::int64_t row = 0; row < rows; ++row) {
      const T* gate = gate_up + row * 2 * width;
      const T* up = gate + width;
      for_chunks(
          width, SAMARA_CHUNK {
            const Floats g = get(gate + i, n);
            put(out + row * width + i, g * sigmoid(g) * get(up + i, n), n);
          });
    }
  });
}

template <typename T>
void swiglu_backward(const T* gate_up, const T* grad_out, std::int64_t rows, std::int64_t width,
                     T* grad_gate_up) {
  run(SAMARA_KERNEL {
    for (std::int64_t row = 0; row < rows; ++row) {
      const T* gate = gate_up + row * 2 * width;
      const T* up = gate + width;
      T* grad_gate = grad_gate_up + row * 2 * width;
      T* grad_up = grad_gate + width;
      for_chunks(
          width, SAMARA_CHUNK {
            const Floats g = get(gate + i, n), u = get(up + i, n), d = get(grad_out + row * width + i, n);
            const Floats s = sigmoid(g);
            put(grad_up + i, d * g * s, n);
            put(grad_gate + i, d * u * s * (1.0F + g * (1.0F - s)), n);
          });
    }
  });
}

template <typename T>
LossSums cross_entropy(T* logits, const std::int64_t* targets, const float* weights, std::int64_t rows,
                       std::int64_t vocabulary, float scale, bool with_gradient) {
  LossSums sums;
  run(SAMARA_KERNEL {
    for (std::int64_t row = 0; row < rows; ++row) {
      T* line = logits + row * vocabulary;
      Floats most = all(-1e30F);
      for_chunks(
          vocabulary, SAMARA_CHUNK {
            Floats value = get(line + i, n);
            for (std::int64_t lane = n; lane < kLanes; ++lane) value[lane] = -1e30F;
            most = max(most, value);
          });
      const float largest = max(most);
      Floats totals{};
      for_chunks(
          vocabulary, SAMARA_CHUNK {
            Floats value = exp(get(line + i, n) - largest);
            for (std::int64_t lane = n; lane < kLanes; ++lane) value[lane] = 0.0F;
            totals += value;
          });
      const float total = sum(totals);
      const float target = load_part(line + targets[row], 1)[0];
      sums.loss += static_cast<double>(weights[row]) *
                   (std::log(static_cast<double>(total)) - static_cast<double>(target - largest));
      if (target >= largest) sums.correct += static_cast<double>(weights[row]);
      if (!with_gradient) continue;
      const float factor = scale * weights[row];
      const float share = factor / total;
      for_chunks(
          vocabulary, SAMARA_CHUNK { put(line + i, exp(get(line + i, n) - largest) * share, n); });
      const float expected = load_part(line + targets[row], 1)[0];
      store_part(line + targets[row], all(expected - factor), 1);
    }
  });
  return sums;
}

void adam(const AdamStep& step, const float* gradient, std::int64_t size, float* weights, float* first,
          float* second) {
  run(SAMARA_KERNEL {
    for_chunks(
        size, SAMARA_CHUNK {
          const Floats g = get(gradient + i, n) * step.gradient_scale;
          const Floats m = get(first + i, n) * step.beta1 + g * (1.0F - step.beta1);
          const Floats v = get(second + i, n) * step.beta2 + g * g * (1.0F - step.beta2);
          put(first + i, m, n);
          put(second + i, v, n);
          Floats root = v * step.correction2;
          for (std::int64_t lane = 0; lane < kLanes; ++lane) root[lane] = __builtin_sqrtf(root[lane]);
          put(weights + i,
              get(weights + i, n) * step.decay - step.rate * (m * step.correction1) / (root + step.epsilon),
              n);
        });
  });
}

#define SAMARA_FOR_TYPE(T)                                                                                   \
  template void rms_norm<T>(const float*, const T*, const float*, float, std::int64_t, std::int64_t, float*, \
                            T*, float*);                                                                     \
  template void rms_norm_backward<T>(const float*, const float*, const float*, const T*, const float*,       \
                                     std::int64_t, std::int64_t, float*, T*, float*);                        \
  template void split_heads<T>(const HeadLayout&, const T*, T*);                                             \
  template void split_heads_backward<T>(const HeadLayout&, const T*, T*);                                    \
  template void causal_softmax<T>(T*, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t,  \
                                  const std::int32_t*, std::int64_t);                                        \
  template void softmax_backward<T>(const T*, T*, std::int64_t, std::int64_t);                               \
  template void swiglu<T>(const T*, std::int64_t, std::int64_t, T*);                                         \
  template void swiglu_backward<T>(const T*, const T*, std::int64_t, std::int64_t, T*);                      \
  template LossSums cross_entropy<T>(T*, const std::int64_t*, const float*, std::int64_t, std::int64_t,      \
                                     float, bool);
SAMARA_FOR_TYPE(float)
SAMARA_FOR_TYPE(Bf16)

}  // namespace samara::lm::kernels
