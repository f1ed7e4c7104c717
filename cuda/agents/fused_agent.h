#pragma once

#include "device_environments.h"
#include "fused_learner.h"

namespace handgrad::cuda {

/// One block is one agent: it acts, steps its environment, stores the transition, draws a batch and learns, n times over.
///
/// What an agent draws hangs on its seed and on its own counts alone. Environment and decisions are computed by all threads
/// alike, which is quicker than by one that tells the others.
template <class Environment, int kLayers = 2, bool kAmsgrad = false, int kResident = kAmsgrad || kLayers == 1 ? 2 : 3>
struct FusedAgent {
  using L = FusedLayout<Environment, kLayers>;
  static constexpr int kThreads = L::kThreads;
  static constexpr int kMinBlocks = kResident;

  float* networks;                      // [K, kNetworks]
  float *m, *v, *v_max;                 // [K, kMoments]
  float* replay;                        // [K, capacity, kTransition]
  FusedRecord* records;                 // [K]
  float* returns;                       // [K, kRecentReturns]
  const PlannedStep* plan;              // [steps]
  std::int32_t steps;                   // of the plan
  std::int32_t env_steps, train_steps;  // made before
  std::int32_t capacity;
  std::uint64_t first_seed;
  std::int32_t max_episode_steps;  // 0: no limit
  float gamma;
  float truncation_discount;  // gamma; 0 if a time limit counts as an end
  float terminal_discount;    // 0; gamma if an end is bootstrapped from
  double solved_threshold;
  FusedSettings settings;

  friend bool operator==(const FusedAgent&, const FusedAgent&) = default;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    Run run;
    begin(thread, run);
    HANDGRAD_NO_UNROLL
    for (std::int32_t n = 0; n < steps; ++n) {
      const PlannedStep step = plan[n];
      const bool acts = (step.does & PlannedStep::acts) != 0, trains = (step.does & PlannedStep::trains) != 0;
      const std::int32_t action = acts ? act(thread, run, step.epsilon) : 0;
      Drawn drawn;
      if (trains) drawn = draw_transition(thread, run, acts);
      if (acts) {
        const Transition latest = step_environment(thread, run, action);
        if (drawn.is_latest) drawn.transition = latest;
      }
      if (trains) {
        put_batch(thread, drawn);
        const Float4 rest = drawn.transition.rest;
        run.learner.train(thread, settings, step, {rest.x, rest.y, static_cast<std::int32_t>(rest.z)});
        ++run.train_steps;
      }
      if ((step.does & PlannedStep::target_follows) != 0) run.learner.move_target(thread, settings.tau);
      thread.sync();
    }
    finish(thread, run);
  }

 private:
  using Learner = FusedLearner<Environment, kLayers, kAmsgrad>;
  static constexpr int kQuads = L::kInputs / 4;

  /// A transition as replay has it.
  struct Transition {
    Float4 observation[kQuads], next[kQuads];
    Float4 rest;  // reward, discount, action
  };
  struct Drawn {
    Transition transition = {};
    bool is_latest = false;  // the one that this very step makes
  };

  /// What a thread keeps from step to step.
  struct Run {
    Learner learner;
    typename Environment::State state;
    float episode_return;
    std::int32_t episode_steps;
    std::int32_t episodes;
    std::int32_t env_steps, train_steps;
    std::int32_t slot;  // of replay, where the next transition goes
  };

  HANDGRAD_DEVICE typename Learner::Arrays arrays(std::int64_t agent) const {
    const std::int64_t at = agent * L::kMoments;
    return {networks + agent * L::kNetworks, m + at, v + at, kAmsgrad ? v_max + at : nullptr};
  }

  template <class Thread>
  HANDGRAD_DEVICE Words4 draw(Thread& thread, DrawPurpose purpose, std::int32_t count, int which = 0) const {
    const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(thread.agent());
    return cuda::draw(seed, purpose, static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(which));
  }

  template <class Thread>
  HANDGRAD_DEVICE void begin(Thread& thread, Run& run) const {
    const std::int64_t k = thread.agent();
    const FusedRecord& record = records[k];
    run.learner.load(thread, arrays(k));
    run.episode_return = record.episode_return;
    run.episode_steps = record.episode_steps;
    run.episodes = record.episodes;
    run.env_steps = env_steps;
    run.train_steps = train_steps;
    run.slot = env_steps % capacity;
    if (env_steps == 0) {
      Environment::reset(run.state, draw(thread, DrawPurpose::start, 0));
    } else {
      run.state = *reinterpret_cast<const typename Environment::State*>(record.state);
    }
    thread.sync();
  }

  template <class Thread>
  HANDGRAD_DEVICE void finish(Thread& thread, Run& run) const {
    const std::int64_t k = thread.agent();
    run.learner.store(thread, arrays(k));
    float loss = run.learner.loss_sum();
    loss += thread.shuffle_xor(loss, 1);
    loss += thread.shuffle_xor(loss, 16);
    float* losses = thread.template shared<float>() + L::kValues;
    if (thread.lane() == 0) losses[thread.warp()] = loss;
    thread.sync();
    if (thread.index() != 0) return;
    FusedRecord& record = records[k];
    for (int w = 0; w < L::kWarps; ++w) record.loss_sum += static_cast<double>(losses[w]);
    *reinterpret_cast<typename Environment::State*>(record.state) = run.state;
    record.episode_return = run.episode_return;
    record.episode_steps = run.episode_steps;
    record.episodes = run.episodes;
  }

  /// Unit `unit` of the first hidden layer.
  template <class Thread>
  HANDGRAD_DEVICE float first_hidden(Thread& thread, const float (&s)[L::D], int unit) const {
    const float* small = thread.template shared<float>() + L::kOnlineSmall;
    float z = small[L::kB1 + unit];
    HANDGRAD_UNROLL
    for (int d = 0; d < L::D; ++d) z += s[d] * small[L::kW1 + d * kSide + unit];
    return z <= 0.0f ? 0.0f : z;
  }

  /// Unit 16 w + l % 16 of the last hidden layer, for lane l of warp w: two lanes share the work.
  template <class Thread>
  HANDGRAD_DEVICE float last_hidden(Thread& thread, const float (&s)[L::D]) const {
    const int lane = thread.lane(), unit = kWarpRows * thread.warp() + lane % 16, half = lane / 16;
    if constexpr (!L::kTwo) {
      return first_hidden(thread, s, unit);
    } else {
      float* shared = thread.template shared<float>();
      float* h1 = shared + L::kHidden + thread.warp() * kWarpRows * kStride;  // a row of the warp's own
      HANDGRAD_UNROLL
      for (int other = lane; other < kSide; other += kWarp) h1[other] = first_hidden(thread, s, other);
      thread.sync_warp();
      const float* w2 = shared + L::kOnlineW2 + unit * kStride;
      float z = 0.0f;
      HANDGRAD_UNROLL
      for (int k = 0; k < kSide; k += 8) multiply_add(z, load4(h1 + k + 4 * half), load4(w2 + k + 4 * half));
      z += thread.shuffle_xor(z, 16);
      z += shared[L::kOnlineSmall + L::kB2 + unit];
      return z <= 0.0f ? 0.0f : z;
    }
  }

  /// ε-greedily. Ends with a barrier.
  template <class Thread>
  HANDGRAD_DEVICE std::int32_t act(Thread& thread, const Run& run, float epsilon) const {
    float* shared = thread.template shared<float>();
    const float* small = shared + L::kOnlineSmall;
    const int unit = kWarpRows * thread.warp() + thread.lane() % 16;
    float s[L::D];
    Environment::observe(run.state, s);
    const float h = last_hidden(thread, s);
    float* values = shared + L::kValues;
    HANDGRAD_UNROLL
    for (int a = 0; a < L::A; ++a) {
      float q = h * small[L::kW3 + a * kSide + unit];
      HANDGRAD_UNROLL
      for (int mask = 1; mask < 16; mask *= 2) q += thread.shuffle_xor(q, mask);
      if (thread.lane() == 0) values[thread.warp() * L::A + a] = q;
    }
    const Words4 words = draw(thread, DrawPurpose::exploration, run.env_steps);
    thread.sync();

    if (unit_interval(words.word[0]) < epsilon) return static_cast<std::int32_t>(below(L::A, words.word[1]));
    std::int32_t best = 0;
    float largest = 0.0f;
    HANDGRAD_UNROLL
    for (int a = 0; a < L::A; ++a) {
      float q = small[L::kB3 + a];
      HANDGRAD_UNROLL
      for (int w = 0; w < L::kWarps; ++w) q += values[w * L::A + a];
      if (a == 0 || q > largest) {
        largest = q;
        best = a;
      }
    }
    return best;
  }

  /// Lane l < 16 of warp w draws row 16 w + l of the batch, uniformly from all transitions, with replacement.
  template <class Thread>
  HANDGRAD_DEVICE Drawn draw_transition(Thread& thread, const Run& run, bool acts) const {
    Drawn drawn;
    const int row = kWarpRows * thread.warp() + thread.lane();
    if (thread.lane() >= kWarpRows || row >= settings.batch) return drawn;
    const std::int32_t made = run.env_steps + (acts ? 1 : 0), held = made < capacity ? made : capacity;
    const Words4 words = draw(thread, DrawPurpose::replay, run.train_steps, row);
    const auto index = static_cast<std::int32_t>(below(static_cast<std::uint32_t>(held), words.word[0]));
    // The transition of this step is not in memory yet; any other was put there a barrier ago.
    drawn.is_latest = acts && index == run.slot;
    if (!drawn.is_latest) drawn.transition = read(replay + (thread.agent() * capacity + index) * L::kTransition);
    return drawn;
  }

  static HANDGRAD_DEVICE Transition read(const float* from) {
    Transition t;
    HANDGRAD_UNROLL
    for (int c = 0; c < kQuads; ++c) {
      t.observation[c] = load4(from + 4 * c);
      t.next[c] = load4(from + L::kInputs + 4 * c);
    }
    t.rest = load4(from + 2 * L::kInputs);
    return t;
  }

  static HANDGRAD_DEVICE void observe(const Run& run, Float4 (&quads)[kQuads]) {
    float values[L::kInputs] = {};
    Environment::observe(run.state, values);
    HANDGRAD_UNROLL
    for (int c = 0; c < kQuads; ++c) quads[c] = {values[4 * c], values[4 * c + 1], values[4 * c + 2], values[4 * c + 3]};
  }

  /// A step of the environment, with a new episode where it ends one; stores the transition and returns it.
  template <class Thread>
  HANDGRAD_DEVICE Transition step_environment(Thread& thread, Run& run, std::int32_t action) const {
    Transition t;
    observe(run, t.observation);
    float reward;
    const bool terminated = Environment::step(run.state, action, reward);
    observe(run, t.next);
    run.episode_return += reward;
    ++run.episode_steps;
    const bool truncated = !terminated && max_episode_steps > 0 && run.episode_steps >= max_episode_steps;
    // Trap: a terminated episode has no value beyond its end; one that ran into its time limit has.
    t.rest = {reward,
              terminated  ? terminal_discount
              : truncated ? truncation_discount
                          : gamma,
              static_cast<float>(action), 0.0f};
    if (thread.index() == 0) {
      float* to = replay + (thread.agent() * capacity + run.slot) * L::kTransition;
      HANDGRAD_UNROLL
      for (int c = 0; c < kQuads; ++c) {
        store4(to + 4 * c, t.observation[c]);
        store4(to + L::kInputs + 4 * c, t.next[c]);
      }
      store4(to + 2 * L::kInputs, t.rest);
    }
    ++run.env_steps;
    if (++run.slot == capacity) run.slot = 0;
    if (terminated || truncated) end_episode(thread, run);
    return t;
  }

  template <class Thread>
  HANDGRAD_DEVICE void end_episode(Thread& thread, Run& run) const {
    if (thread.index() == 0) {
      FusedRecord& record = records[thread.agent()];
      float& place = returns[thread.agent() * kRecentReturns + run.episodes % kRecentReturns];
      record.recent_sum += static_cast<double>(run.episode_return) - static_cast<double>(place);
      place = run.episode_return;
      const bool enough = run.episodes + 1 >= kRecentReturns;
      if (enough && record.solved_at < 0 && record.recent_sum / kRecentReturns >= solved_threshold) {
        record.solved_at = run.env_steps;
      }
    }
    ++run.episodes;
    run.episode_return = 0.0f;
    run.episode_steps = 0;
    Environment::reset(run.state, draw(thread, DrawPurpose::start, run.episodes));
  }

  template <class Thread>
  HANDGRAD_DEVICE void put_batch(Thread& thread, const Drawn& drawn) const {
    if (thread.lane() < kWarpRows) {
      float* shared = thread.template shared<float>();
      const int row = kWarpRows * thread.warp() + thread.lane();
      HANDGRAD_UNROLL
      for (int c = 0; c < kQuads; ++c) {
        store4(shared + L::kObservations + row * L::kInputs + 4 * c, drawn.transition.observation[c]);
        store4(shared + L::kNext + row * L::kInputs + 4 * c, drawn.transition.next[c]);
      }
    }
    thread.sync_warp();
  }
};

}  // namespace handgrad::cuda
