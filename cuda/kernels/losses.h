#pragma once

#include "../../core/backend.h"
#include "packs.h"
#include "sums.h"

// Losses, their gradients, and the sums that are their values. The formulas are those above LossSpec in core/backend.h.
//
// Elements are dealt to threads one by one, in the selected loss too: whoever holds an element of Q loads its row's action as
// well, and so nobody has to wait for an action to know what to load. An agent's elements have one block, as long as one is
// quick enough, and it writes the loss; else each block leaves a partial sum, and LossTotal adds those.

namespace handgrad::cuda {

struct LossElement {
  float value, slope;
};

/// The loss of one element, d = prediction - target, and its derivative with respect to the prediction.
HANDGRAD_DEVICE LossElement element_loss(LossKind kind, float delta, float d) {
  const float size = std::abs(d);
  if (!(size >= 0)) return {d, d};  // Trap: NaN fails every comparison below and would come out as a slope of ±1
  if (kind == LossKind::huber) {
    if (size <= delta) return {d * d / 2, d};
    return {delta * (size - delta / 2), d > 0 ? delta : -delta};
  }
  if (kind == LossKind::smooth_l1) {
    if (size < delta) return {d * d / (2 * delta), d / delta};
    return {size - delta / 2, d > 0 ? 1.0F : -1.0F};
  }
  return {d * d, 2 * d};
}

/// What is loaded of an element.
struct LossTerm {
  float prediction = 0, target = 0;
  float factor = 0;  ///< of its loss in the sum
  bool counts = true;
};

/// Overwrites the value of this batch, adds to the running sum.
HANDGRAD_DEVICE void put_loss(float* loss, float value, float sum_before) {
  loss[kLossValue] = value;
  loss[kLossSum] = sum_before + value;
}

/// kernel.term(at, row) loads an element, kernel.put(at, row, counts, d, slope) writes what comes of it; element and row are
/// counted over all agents. `loss` [agents, kLossOutputs] and `partials` [agents, blocks]: see above.
template <class Thread, class Kernel>
HANDGRAD_DEVICE void loss_of_elements(Thread& thread, const Kernel& kernel, float* loss, float* partials) {
  constexpr int kAtOnce = 4;
  const std::int64_t size = kernel.B * kernel.columns, numbers = thread.numbers();
  const std::int64_t first = thread.agent() * size, first_row = thread.agent() * kernel.B;
  const bool alone = thread.blocks() == 1;
  float* agents_loss = loss + kLossOutputs * thread.agent();
  float sum_before = 0;
  if (alone && thread.index() == 0) sum_before = agents_loss[kLossSum];

  float sum = 0;
  for (std::int64_t begin = thread.number(); begin < size; begin += kAtOnce * numbers) {
    LossTerm terms[kAtOnce];
    std::int64_t rows[kAtOnce] = {};
    for (int j = 0; j < kAtOnce; ++j) {
      const std::int64_t element = begin + j * numbers;
      if (element >= size) break;
      rows[j] = element / kernel.columns;
      terms[j] = kernel.term(first + element, first_row + rows[j], element - rows[j] * kernel.columns);
    }
    for (int j = 0; j < kAtOnce; ++j) {
      const std::int64_t element = begin + j * numbers;
      if (element >= size) break;
      const float d = terms[j].prediction - terms[j].target;
      const LossElement loss_here = element_loss(kernel.kind, kernel.delta, d);
      if (terms[j].counts) sum = multiply_add(terms[j].factor, loss_here.value, sum);
      kernel.put(first + element, first_row + rows[j], terms[j].counts, d, terms[j].factor * loss_here.slope);
    }
  }
  sum = block_sum(thread, sum);
  if (thread.index() != 0) return;
  if (alone) {
    put_loss(agents_loss, sum, sum_before);
  } else {
    partials[thread.agent() * thread.blocks() + thread.block()] = sum;
  }
}

/// The loss on the selected action's output alone: d = Q[i, action_i] - target_i, td_i = -d, and dQ is zero but for column
/// action_i. Agents have B rows each.
struct LossSelected {
  static constexpr int kThreads = 1024;
  const float* Q;              ///< [agents, B, A]
  const std::int32_t* action;  ///< [agents, B]
  const float* target;         ///< [agents, B]
  const float* weight;         ///< [agents, B], or null for 1 each
  float* dQ;                   ///< [agents, B, A]
  float* td;                   ///< [agents, B], or null
  float* loss;                 ///< [agents, kLossOutputs]
  float* partials;             ///< [agents, loss_blocks(B · A)], null if that is 1
  std::int64_t B, columns;
  LossKind kind;
  float delta, scale;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    loss_of_elements(thread, *this, loss, partials);
  }

  HANDGRAD_DEVICE LossTerm term(std::int64_t at, std::int64_t row, std::int64_t column) const {
    return {Q[at], target[row], weight == nullptr ? scale : scale * weight[row], action[row] == column};
  }
  HANDGRAD_DEVICE void put(std::int64_t at, std::int64_t row, bool selected, float d, float slope) const {
    dQ[at] = selected ? slope : 0;
    if (selected && td != nullptr) td[row] = -d;
  }

  friend bool operator==(const LossSelected&, const LossSelected&) = default;
};

/// The loss on the whole output vector. Agents have B rows each.
struct LossFull {
  static constexpr int kThreads = 1024;
  const float* Y;       ///< [agents, B, O]
  const float* target;  ///< [agents, B, O]
  const float* weight;  ///< [agents, B], or null for 1 each
  float* dY;            ///< [agents, B, O]
  float* loss;          ///< [agents, kLossOutputs]
  float* partials;      ///< [agents, loss_blocks(B · O)], null if that is 1
  std::int64_t B, columns;
  LossKind kind;
  float delta, scale;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    loss_of_elements(thread, *this, loss, partials);
  }

  HANDGRAD_DEVICE LossTerm term(std::int64_t at, std::int64_t row, std::int64_t) const {
    return {Y[at], target[at], weight == nullptr ? scale : scale * weight[row], true};
  }
  HANDGRAD_DEVICE void put(std::int64_t at, std::int64_t, bool, float, float slope) const { dY[at] = slope; }

  friend bool operator==(const LossFull&, const LossFull&) = default;
};

/// The second half of a loss that several blocks share: one block an agent adds what they left.
struct LossTotal {
  static constexpr int kThreads = 1024;
  const float* partials;  ///< [agents, count]
  std::int64_t count;     ///< up to 1024
  float* loss;            ///< [agents, kLossOutputs]

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float* agents_loss = loss + kLossOutputs * thread.agent();
    const float sum_before = agents_loss[kLossSum];
    const float sum = block_sum(thread, thread.index() < count ? partials[thread.agent() * count + thread.index()] : 0.0F);
    if (thread.index() == 0) put_loss(agents_loss, sum, sum_before);
  }

  friend bool operator==(const LossTotal&, const LossTotal&) = default;
};

inline constexpr std::int64_t kMostLossBlocks = 1024;

/// How many blocks share the elements of an agent: 1 up to 8,192 elements, which one block has done sooner than a second
/// kernel would have begun.
inline std::int64_t loss_blocks(std::int64_t elements) {
  return elements <= 8192 ? 1 : std::min(kMostLossBlocks, blocks_for(elements, 1024));
}

/// The grid of LossSelected and LossFull. It depends on an agent's elements alone, as the order of the sum does.
inline Grid loss_grid(std::int64_t elements, std::int64_t agents = 1) {
  const std::int64_t blocks = loss_blocks(elements);
  const auto threads = static_cast<int>(blocks > 1 ? 256 : std::min<std::int64_t>(1024, blocks_for(elements, kWarp) * kWarp));
  return {blocks, threads, block_sum_bytes<float>(threads), agents};
}

/// The grid of LossTotal, to be launched after them if loss_blocks(elements) > 1.
inline Grid loss_total_grid(std::int64_t elements, std::int64_t agents = 1) {
  const auto threads = static_cast<int>(blocks_for(loss_blocks(elements), kWarp) * kWarp);
  return {1, threads, block_sum_bytes<float>(threads), agents};
}

/// What the sum is multiplied with: the mean is over so many elements.
inline float loss_scale(const LossSpec& spec, std::int64_t elements) {
  return spec.reduction == Reduction::mean ? 1 / static_cast<float>(elements) : 1.0F;
}

/// Of the rows the first Q.rows / agents are agent 0's, and so on. weight and td may be empty.
inline LossSelected make_loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target,
                                       ConstVector weight, Matrix dQ, Vector td, Vector loss, float* partials,
                                       std::int64_t agents = 1) {
  const std::int64_t B = Q.rows / agents;
  return {Q.data,
          action.data(),
          target.data(),
          weight.data(),
          dQ.data,
          td.data(),
          loss.data(),
          partials,
          B,
          Q.cols,
          spec.kind,
          static_cast<float>(spec.delta),
          loss_scale(spec, B)};
}

/// Of the rows the first Y.rows / agents are agent 0's, and so on. weight may be empty.
inline LossFull make_loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                               Vector loss, float* partials, std::int64_t agents = 1) {
  const std::int64_t B = Y.rows / agents;
  return {Y.data,
          target.data,
          weight.data(),
          dY.data,
          loss.data(),
          partials,
          B,
          Y.cols,
          spec.kind,
          static_cast<float>(spec.delta),
          loss_scale(spec, B * Y.cols)};
}

}  // namespace handgrad::cuda
