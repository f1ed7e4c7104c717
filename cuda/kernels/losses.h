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
    const float share = d / delta;
    if (size < delta) return {share * d / 2, share};
    return {size - delta / 2, d > 0 ? 1.0F : -1.0F};
  }
  return {d * d, 2 * d};
}

/// What is loaded of an element: of Q, or of an output vector, where every column counts.
struct LossTerm {
  float prediction, target, weight;
  std::int64_t counts;  ///< the column whose loss counts
};

/// Overwrites the value of this batch, adds to the running sum.
HANDGRAD_DEVICE void put_loss(float* loss, float value, float sum_before) {
  loss[kLossValue] = value;
  loss[kLossSum] = sum_before + value;
}

/// The loss of one agent [B, columns]. kernel.term(element, row, column) loads, kernel.put(element, row, counts, d, slope)
/// writes.
template <class Thread, class Kernel>
HANDGRAD_DEVICE void loss_of_elements(Thread& thread, const Kernel& kernel) {
  constexpr int kAtOnce = 4;
  const std::int64_t size = kernel.B * kernel.columns;
  const bool alone = thread.blocks() == 1;
  float sum_before = 0, sum = 0;
  if (alone && thread.index() == 0) sum_before = kernel.loss[kLossSum];

  HANDGRAD_ROLLED for (std::int64_t begin = thread.number(); begin < size; begin += kAtOnce * thread.numbers()) {
    std::int64_t elements[kAtOnce], rows[kAtOnce], columns[kAtOnce];
    LossTerm terms[kAtOnce];
    for (int j = 0; j < kAtOnce; ++j) {
      elements[j] = begin + j * thread.numbers();
      if (elements[j] >= size) elements[j] = begin;  // loaded again and left: a branch would wait for what was loaded before
      rows[j] = row_of(elements[j], kernel.columns);
      columns[j] = elements[j] - rows[j] * kernel.columns;
      terms[j] = kernel.term(elements[j], rows[j], columns[j]);
    }
    for (int j = 0; j < kAtOnce; ++j) {
      if (j > 0 && elements[j] == begin) break;
      const bool counts = columns[j] == terms[j].counts;
      const float factor = kernel.scale * terms[j].weight, d = terms[j].prediction - terms[j].target;
      const LossElement loss = element_loss(kernel.kind, kernel.delta, d);
      if (counts) sum = multiply_add(factor, loss.value, sum);
      kernel.put(elements[j], rows[j], counts, d, factor * loss.slope);
    }
  }
  sum = block_sum(thread, sum);
  if (thread.index() != 0) return;
  if (alone) {
    put_loss(kernel.loss, sum, sum_before);
  } else {
    kernel.partials[thread.block()] = sum;
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
    const std::int64_t row = thread.agent() * B, element = row * columns;
    LossSelected mine = *this;
    mine.Q += element;
    mine.action += row;
    mine.target += row;
    if (weight != nullptr) mine.weight += row;
    mine.dQ += element;
    if (td != nullptr) mine.td += row;
    mine.loss += thread.agent() * kLossOutputs;
    if (partials != nullptr) mine.partials += thread.agent() * thread.blocks();
    loss_of_elements(thread, mine);
  }

  HANDGRAD_DEVICE LossTerm term(std::int64_t element, std::int64_t row, std::int64_t) const {
    return {Q[element], target[row], weight == nullptr ? 1 : weight[row], action[row]};
  }
  HANDGRAD_DEVICE void put(std::int64_t element, std::int64_t row, bool counts, float d, float slope) const {
    dQ[element] = counts ? slope : 0;
    if (counts && td != nullptr) td[row] = -d;
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
    const std::int64_t row = thread.agent() * B, element = row * columns;
    LossFull mine = *this;
    mine.Y += element;
    mine.target += element;
    if (weight != nullptr) mine.weight += row;
    mine.dY += element;
    mine.loss += thread.agent() * kLossOutputs;
    if (partials != nullptr) mine.partials += thread.agent() * thread.blocks();
    loss_of_elements(thread, mine);
  }

  HANDGRAD_DEVICE LossTerm term(std::int64_t element, std::int64_t row, std::int64_t column) const {
    return {Y[element], target[element], weight == nullptr ? 1 : weight[row], column};
  }
  HANDGRAD_DEVICE void put(std::int64_t element, std::int64_t, bool, float, float slope) const { dY[element] = slope; }

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
  require_countable(B * Q.cols);
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
  require_countable(B * Y.cols);
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
