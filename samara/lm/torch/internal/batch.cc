#include "samara/lm/torch/internal/batch.h"

#include <algorithm>
#include <numeric>

#include "samara/base/rng.h"

namespace samara::lm {
namespace {

// Few different shapes: matrix products are compiled per shape (oneDNN), and rows stay aligned.
constexpr std::int64_t kColumnStep = 16;
constexpr std::int64_t kTailStep = 8;
// Examples that are sorted by length together: enough for little padding, few enough to stay shuffled.
constexpr std::size_t kWindow = 2048;

std::int64_t round_up(std::int64_t value, std::int64_t step) {
  return (value + step - 1) / step * step;
}

/// Cuts order[begin..] into batches; examples are in ascending order of length.
void cut(const ExampleSet& examples, std::size_t begin, std::size_t end, std::size_t batch_tokens,
         BatchPlan& plan) {
  std::size_t first = begin;
  for (std::size_t i = begin; i < end; ++i) {
    const auto columns = static_cast<std::size_t>(padded_columns(examples.length(plan.order[i])));
    if (i > first && columns * (i - first + 1) > batch_tokens) {
      plan.ends.push_back(static_cast<std::uint32_t>(i));
      first = i;
    }
  }
  if (end > first) plan.ends.push_back(static_cast<std::uint32_t>(end));
}

void sort_by_length(const ExampleSet& examples, std::span<std::uint32_t> indices) {
  std::stable_sort(indices.begin(), indices.end(), [&examples](std::uint32_t a, std::uint32_t b) {
    return examples.length(a) < examples.length(b);
  });
}

}  // namespace

std::int64_t padded_columns(std::size_t longest) {
  return round_up(static_cast<std::int64_t>(longest) - 1, kColumnStep);
}

Batch make_batch(const ExampleSet& examples, std::span<const std::uint32_t> indices, double prompt_weight) {
  Batch batch;
  std::size_t longest = 0, most_counted = 0;
  for (const std::uint32_t index : indices) {
    const std::size_t length = examples.length(index);
    const std::size_t from = prompt_weight > 0.0 ? 1 : examples.loss_from(index);
    longest = std::max(longest, length);
    most_counted = std::max(most_counted, length - from);
    batch.read_tokens += length;
  }
  batch.rows = static_cast<std::int64_t>(indices.size());
  batch.columns = padded_columns(longest);
  batch.tail = std::min(batch.columns, round_up(static_cast<std::int64_t>(most_counted), kTailStep));
  batch.tokens.resize(static_cast<std::size_t>(batch.rows * batch.columns));
  batch.starts.resize(indices.size());
  for (std::size_t row = 0; row < indices.size(); ++row) {
    const std::uint32_t index = indices[row];
    const std::size_t length = examples.length(index);
    const std::int64_t start = batch.columns - static_cast<std::int64_t>(length - 1);
    batch.starts[row] = static_cast<std::int32_t>(start);
    std::int64_t* inputs = &batch.tokens[row * static_cast<std::size_t>(batch.columns)];
    for (std::size_t i = 0; i + 1 < length; ++i) {
      inputs[start + static_cast<std::int64_t>(i)] = examples.token(index, i);
    }
    const std::size_t from = prompt_weight > 0.0 ? 1 : examples.loss_from(index);
    for (std::size_t i = from; i < length; ++i) {
      const std::int64_t column = start + static_cast<std::int64_t>(i) - 1;
      const double share = i < examples.loss_from(index) ? prompt_weight : 1.0;
      batch.counted.push_back(static_cast<std::int64_t>(row) * batch.tail + column -
                              (batch.columns - batch.tail));
      batch.targets.push_back(examples.token(index, i));
      batch.weights.push_back(static_cast<float>(share) * examples.weight(index));
      batch.total_weight += batch.weights.back();
    }
  }
  return batch;
}

BatchPlan plan_epoch(const ExampleSet& examples, std::size_t longest, std::size_t batch_tokens,
                     std::uint64_t seed, std::uint32_t epoch) {
  Rng rng(seed, epoch, 0, Stream{0});
  std::vector<std::uint32_t> eligible;
  for (std::uint32_t i = 0; i < examples.size(); ++i) {
    if (examples.length(i) <= longest) eligible.push_back(i);
  }
  rng.shuffle(std::span(eligible));

  BatchPlan plan;
  for (std::size_t begin = 0; begin < eligible.size(); begin += kWindow) {
    const std::size_t size = std::min(kWindow, eligible.size() - begin);
    BatchPlan window;
    window.order.assign(eligible.begin() + static_cast<std::ptrdiff_t>(begin),
                        eligible.begin() + static_cast<std::ptrdiff_t>(begin + size));
    sort_by_length(examples, window.order);
    cut(examples, 0, size, batch_tokens, window);
    std::vector<std::uint32_t> batches(window.size());
    std::iota(batches.begin(), batches.end(), 0U);
    rng.shuffle(std::span(batches));
    for (const std::uint32_t b : batches) {
      const auto batch = window.batch(b);
      plan.order.insert(plan.order.end(), batch.begin(), batch.end());
      plan.ends.push_back(static_cast<std::uint32_t>(plan.order.size()));
    }
  }
  return plan;
}

BatchPlan plan_by_length(const ExampleSet& examples, std::size_t batch_tokens) {
  BatchPlan plan;
  plan.order.resize(examples.size());
  std::iota(plan.order.begin(), plan.order.end(), 0U);
  sort_by_length(examples, plan.order);
  cut(examples, 0, plan.order.size(), batch_tokens, plan);
  return plan;
}

}  // namespace samara::lm
