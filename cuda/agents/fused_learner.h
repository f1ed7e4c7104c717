#pragma once

#include "device_math.h"
#include "fused_layout.h"

namespace handgrad::cuda {

/// What a train step reads, the same for all agents.
struct FusedSettings {
  enum Loss : std::int32_t { mse, huber, smooth_l1 };
  enum Clip : std::int32_t { none, value, norm };
  std::int32_t batch;  ///< B, at most 64
  std::int32_t loss;
  float delta, one_over_delta;  ///< where quadratic turns linear
  float loss_scale;             ///< 1/B for a mean, 1 for a sum
  std::int32_t clip;
  float clip_limit;
  float beta1, beta2, one_minus_beta1, one_minus_beta2, weight_decay;  ///< of Adam, the decay L2
  float tau;                                                           ///< of the target, 1 for a copy
  bool double_q;

  friend bool operator==(const FusedSettings&, const FusedSettings&) = default;
};

/// A transition of the batch but its observations, which are in shared memory.
struct FusedRow {
  float reward = 0.0f, discount = 0.0f;
  std::int32_t action = 0;
};

/// What one thread keeps of an agent's networks and does in a train step. Weights are in shared memory; Adam's moments stay in
/// the registers of the thread that updates the weights: a 4x8 tile of W2, and every 128th of the small parameters.
///
/// A warp takes 16 of the 64 transitions through both networks and back to the first layer on its own. Only then does the
/// block meet: the gradient of W2 is a sum over all rows. With one hidden layer what is said of W2 falls away.
template <class Environment, int kLayers, bool kAmsgrad>
class FusedLearner {
 public:
  using L = FusedLayout<Environment, kLayers>;
  static constexpr int D = L::D, A = L::A;

  /// An agent's arrays in device memory: networks [kNetworks], moments [kMoments] each.
  struct Arrays {
    float *networks, *m, *v, *v_max;
  };

  template <class Thread>
  HANDGRAD_DEVICE void load(Thread& thread, const Arrays& from) {
    float* shared = thread.template shared<float>();
    HANDGRAD_NO_UNROLL
    for (int at = 4 * thread.index(); at < L::kNetworks; at += 4 * L::kThreads) store4(shared + at, load4(from.networks + at));
    read_moments(thread, from.m, m_, small_m_);
    read_moments(thread, from.v, v_, small_v_);
    if constexpr (kAmsgrad) read_moments(thread, from.v_max, v_max_, small_v_max_);
    loss_sum_ = 0.0f;
  }

  template <class Thread>
  HANDGRAD_DEVICE void store(Thread& thread, const Arrays& to) const {
    const float* shared = thread.template shared<float>();
    HANDGRAD_NO_UNROLL
    for (int at = 4 * thread.index(); at < L::kNetworks; at += 4 * L::kThreads) store4(to.networks + at, load4(shared + at));
    write_moments(thread, m_, small_m_, to.m);
    write_moments(thread, v_, small_v_, to.v);
    if constexpr (kAmsgrad) write_moments(thread, v_max_, small_v_max_, to.v_max);
  }

  /// One train step on the batch whose observations are in shared memory; lane l < 16 of warp w has the rest of row 16 w + l.
  template <class Thread>
  HANDGRAD_DEVICE void train(Thread& thread, const FusedSettings& settings, const PlannedStep& step, const FusedRow& row) {
    float* shared = thread.template shared<float>();
    const WarpTile at = WarpTile::of(thread.lane());
    const int rows = kWarpRows * thread.warp();  // the warp's first

    Tile h;
    float Q[kTileRows][A], y[kTileRows];
    targets_and_values(thread, at, settings, row, h, Q, y);

    // dQ = slope of the loss at the action taken; dW3[a] = Σ_b dQ[b,a] h2[b]; db3[a] = Σ_b dQ[b,a]
    float dq[kTileRows];
    std::int32_t action[kTileRows];
    loss_slope(thread, at, settings, row, Q, y, action, dq);
    float dw3[A][2], db3[A];
    HANDGRAD_UNROLL
    for (int a = 0; a < A; ++a) {
      float sums[kTileColumns] = {};
      db3[a] = 0.0f;
      HANDGRAD_UNROLL
      for (int i = 0; i < kTileRows; ++i) {
        const float dq_a = action[i] == a ? dq[i] : 0.0f;
        db3[a] += dq_a;
        HANDGRAD_UNROLL
        for (int j = 0; j < kTileColumns; ++j) sums[j] += dq_a * h[i][j];
      }
      sum_over_rows(thread, sums, dw3[a]);
      db3[a] += thread.shuffle_xor(db3[a], 16);
      db3[a] += thread.shuffle_xor(db3[a], 1);
    }

    // dZ2[b,o] = dQ[b,a_b] W3[a_b,o] where h2[b,o] > 0, in place of h2
    HANDGRAD_UNROLL
    for (int j = 0; j < kTileColumns; ++j) {
      const float* w3 = shared + L::kOnlineSmall + L::kW3 + at.spread_column(j);
      HANDGRAD_UNROLL
      for (int i = 0; i < kTileRows; ++i) {
        float w = w3[0];
        HANDGRAD_UNROLL
        for (int a = 1; a < A; ++a) w = action[i] == a ? w3[a * kSide] : w;
        h[i][j] = h[i][j] <= 0.0f ? 0.0f : dq[i] * w;
      }
    }

    float dw1[D + 1][2], db2[2] = {};
    Tile dw2;
    if constexpr (L::kTwo) {
      // dZ1 = dZ2 W2 where h1 > 0; db2 = Σ_b dZ2[b]
      float sums[kTileColumns];
      HANDGRAD_UNROLL
      for (int j = 0; j < kTileColumns; ++j) sums[j] = h[0][j] + h[1][j] + h[2][j] + h[3][j];
      sum_over_rows(thread, sums, db2);
      float* gradient = shared + L::kGradient + rows * kStride;
      put_tile(at, h, gradient);
      thread.sync_warp();
      clear(h);
      add_z_w(at, gradient, shared + L::kOnlineW2, h);
      mask(at, shared + L::kHidden + rows * kStride, h);
      input_gradients(thread, at, h, dw1);

      // dW2[o,i] = Σ_b dZ2[b,o] h1[b,i]
      thread.sync();
      clear(dw2);
      add_zt_x(at, shared + L::kGradient + rows, shared + L::kHidden, dw2);
      thread.sync();  // activations have been read: the warps' parts of the small gradients take their place
    } else {
      input_gradients(thread, at, h, dw1);
    }
    put_parts(thread, at, dw1, db2, dw3, db3);
    thread.sync();
    float small[L::kSmallEach];
    HANDGRAD_UNROLL
    for (int q = 0; q < L::kSmallEach; ++q) {
      const int e = thread.index() + q * L::kThreads;
      const float* part = shared + L::kParts + e;
      small[q] = 0.0f;
      if (e >= L::kSmall) continue;
      HANDGRAD_UNROLL
      for (int w = 0; w < L::kWarps; ++w) small[q] += part[w * L::kSmallPadded];
    }

    clip(thread, settings, dw2, small);
    update(thread, settings, step, dw2, small);
  }

  /// θ⁻ = τ θ + (1-τ) θ⁻. Each thread moves what it updates: no barrier between the two.
  template <class Thread>
  HANDGRAD_DEVICE void move_target(Thread& thread, float tau) {
    float* shared = thread.template shared<float>();
    const WarpTile at = WarpTile::of(thread.lane());
    HANDGRAD_UNROLL
    for (int i = 0; i < (L::kTwo ? kTileRows : 0); ++i) {
      const int row = (kWarpRows * thread.warp() + 4 * at.row + i) * kStride + 4 * at.column;
      HANDGRAD_UNROLL
      for (int half = 0; half < 64; half += 32) {
        const Float4 o = load4(shared + L::kOnlineW2 + row + half);
        float* target = shared + L::kTargetW2 + row + half;
        const Float4 t = load4(target);
        store4(target, {mix(tau, o.x, t.x), mix(tau, o.y, t.y), mix(tau, o.z, t.z), mix(tau, o.w, t.w)});
      }
    }
    HANDGRAD_UNROLL
    for (int q = 0; q < L::kSmallEach; ++q) {
      const int e = thread.index() + q * L::kThreads;
      if (e < L::kSmall) {
        float& target = shared[L::kTargetSmall + e];
        target = mix(tau, shared[L::kOnlineSmall + e], target);
      }
    }
  }

  /// The sum of this thread's rows' losses since load(); eight threads have the same.
  HANDGRAD_DEVICE float loss_sum() const { return loss_sum_; }

 private:
  using Small = float[L::kSmallEach];

  template <class Thread>
  static HANDGRAD_DEVICE void read_moments(Thread& thread, const float* from, Tile& tile, Small& small) {
    from += thread.index();
    HANDGRAD_UNROLL
    for (int n = 0; n < L::kTile; ++n) element(tile, n) = from[n * L::kThreads];
    HANDGRAD_UNROLL
    for (int q = 0; q < L::kSmallEach; ++q) small[q] = from[(L::kTile + q) * L::kThreads];
  }
  template <class Thread>
  static HANDGRAD_DEVICE void write_moments(Thread& thread, const Tile& tile, const Small& small, float* to) {
    to += thread.index();
    HANDGRAD_UNROLL
    for (int n = 0; n < L::kTile; ++n) to[n * L::kThreads] = element(tile, n);
    HANDGRAD_UNROLL
    for (int q = 0; q < L::kSmallEach; ++q) to[(L::kTile + q) * L::kThreads] = small[q];
  }

  static HANDGRAD_DEVICE float& element(Tile& tile, int n) { return tile[n / kTileColumns][n % kTileColumns]; }
  static HANDGRAD_DEVICE float element(const Tile& tile, int n) { return tile[n / kTileColumns][n % kTileColumns]; }

  static HANDGRAD_DEVICE float mix(float tau, float online, float target) {
    return tau == 1.0f ? online : tau * online + (1.0f - tau) * target;  // Trap: 0 · target is NaN if target is not finite
  }

  static HANDGRAD_DEVICE float relu(float z) { return z <= 0.0f ? 0.0f : z; }  // a NaN stays one

  /// The lowest column among equals.
  static HANDGRAD_DEVICE int best(const float (&q)[A]) {
    int at = 0;
    float largest = q[0];
    HANDGRAD_UNROLL
    for (int a = 1; a < A; ++a) {
      if (q[a] > largest) {
        largest = q[a];
        at = a;
      }
    }
    return at;
  }
  static HANDGRAD_DEVICE float at_action(const float (&q)[A], int action) {
    float value = q[0];
    HANDGRAD_UNROLL
    for (int a = 1; a < A; ++a) value = action == a ? q[a] : value;
    return value;
  }

  /// Of spread columns, into 16 rows in shared memory.
  static HANDGRAD_DEVICE void put_tile(WarpTile at, const Tile& tile, float* to) {
    HANDGRAD_UNROLL
    for (int i = 0; i < kTileRows; ++i) {
      HANDGRAD_UNROLL
      for (int j = 0; j < kTileColumns; ++j) to[at.row_of(i) * kStride + at.spread_column(j)] = tile[i][j];
    }
  }

  static HANDGRAD_DEVICE void apply_relu(Tile& tile) {
    HANDGRAD_UNROLL
    for (int i = 0; i < kTileRows; ++i) {
      HANDGRAD_UNROLL
      for (int j = 0; j < kTileColumns; ++j) tile[i][j] = relu(tile[i][j]);
    }
  }

  /// dZ = 0 where h is; paired columns.
  static HANDGRAD_DEVICE void mask(WarpTile at, const float* hidden, Tile& dz) {
    HANDGRAD_UNROLL
    for (int i = 0; i < kTileRows; ++i) {
      const float* h = hidden + at.row_of(i) * kStride + 4 * at.column;
      const Float4 left = load4(h), right = load4(h + 32);
      const float values[kTileColumns] = {left.x, left.y, left.z, left.w, right.x, right.y, right.z, right.w};
      HANDGRAD_UNROLL
      for (int j = 0; j < kTileColumns; ++j) dz[i][j] = values[j] <= 0.0f ? 0.0f : dz[i][j];
    }
  }

  /// dW1[d] = Σ_b s[b,d] dZ1[b] and, in place D, db1 = Σ_b dZ1[b], over the warp's rows.
  template <class Thread>
  static HANDGRAD_DEVICE void input_gradients(Thread& thread, WarpTile at, const Tile& dz, float (&dw1)[D + 1][2]) {
    const float* observations = thread.template shared<float>() + L::kObservations + kWarpRows * thread.warp() * L::kInputs;
    HANDGRAD_UNROLL
    for (int d = 0; d <= D; ++d) {
      float sums[kTileColumns] = {};
      HANDGRAD_UNROLL
      for (int i = 0; i < kTileRows; ++i) {
        const float s = d == D ? 1.0f : observations[at.row_of(i) * L::kInputs + d];
        HANDGRAD_UNROLL
        for (int j = 0; j < kTileColumns; ++j) sums[j] += s * dz[i][j];
      }
      sum_over_rows(thread, sums, dw1[d]);
    }
  }

  /// The last hidden layer and Q of the warp's 16 rows of `inputs`; `hidden` keeps h1 if there are two.
  /// All places in shared memory.
  template <class Thread>
  static HANDGRAD_DEVICE void forward(Thread& thread, WarpTile at, const float* W2, const float* small, const float* inputs,
                                      float* hidden, Tile& h, float (&Q)[kTileRows][A]) {
    // h1 = max(0, s W1ᵀ + b1)
    HANDGRAD_UNROLL
    for (int j = 0; j < kTileColumns; ++j) {
      const float b = small[L::kB1 + at.spread_column(j)];
      HANDGRAD_UNROLL
      for (int i = 0; i < kTileRows; ++i) h[i][j] = b;
    }
    HANDGRAD_UNROLL
    for (int d = 0; d < D; d += 4) {
      Float4 s[kTileRows];
      HANDGRAD_UNROLL
      for (int i = 0; i < kTileRows; ++i) s[i] = load4(inputs + at.row_of(i) * L::kInputs + d);
      HANDGRAD_UNROLL
      for (int j = 0; j < kTileColumns; ++j) {
        const float* w = small + L::kW1 + d * kSide + at.spread_column(j);
        const Float4 w4 = {w[0], d + 1 < D ? w[kSide] : 0.0f, d + 2 < D ? w[2 * kSide] : 0.0f,
                           d + 3 < D ? w[3 * kSide] : 0.0f};
        HANDGRAD_UNROLL
        for (int i = 0; i < kTileRows; ++i) multiply_add(h[i][j], s[i], w4);
      }
    }
    apply_relu(h);
    if constexpr (L::kTwo) {
      // h2 = max(0, h1 W2ᵀ + b2)
      put_tile(at, h, hidden);
      thread.sync_warp();
      HANDGRAD_UNROLL
      for (int j = 0; j < kTileColumns; ++j) {
        const float b = small[L::kB2 + at.spread_column(j)];
        HANDGRAD_UNROLL
        for (int i = 0; i < kTileRows; ++i) h[i][j] = b;
      }
      add_x_wt(at, hidden, W2, h);
      apply_relu(h);
    }
    // Q = h2 W3ᵀ + b3
    HANDGRAD_UNROLL
    for (int i = 0; i < kTileRows; ++i) {
      HANDGRAD_UNROLL
      for (int a = 0; a < A; ++a) Q[i][a] = 0.0f;
    }
    HANDGRAD_UNROLL
    for (int j = 0; j < kTileColumns; ++j) {
      HANDGRAD_UNROLL
      for (int a = 0; a < A; ++a) {
        const float w = small[L::kW3 + a * kSide + at.spread_column(j)];
        HANDGRAD_UNROLL
        for (int i = 0; i < kTileRows; ++i) Q[i][a] += h[i][j] * w;
      }
    }
    HANDGRAD_UNROLL
    for (int i = 0; i < kTileRows; ++i) {
      HANDGRAD_UNROLL
      for (int a = 0; a < A; ++a) Q[i][a] = sum_over_columns(thread, Q[i][a]) + small[L::kB3 + a];
    }
  }

  /// y = r + discount · Q⁻(s', a*), then h2 and Q at s.
  template <class Thread>
  static HANDGRAD_DEVICE void targets_and_values(Thread& thread, WarpTile at, const FusedSettings& settings,
                                                 const FusedRow& row, Tile& h, float (&Q)[kTileRows][A],
                                                 float (&y)[kTileRows]) {
    float* shared = thread.template shared<float>();
    const int rows = kWarpRows * thread.warp();
    // One loop and not three calls: the program of a product is long, and has to stay where instructions are fetched quickly.
    enum Pass { online_at_next, target_at_next, online_at_observation, passes };
    int chosen[kTileRows] = {};
    HANDGRAD_NO_UNROLL
    for (int pass = settings.double_q ? online_at_next : target_at_next; pass < passes; ++pass) {
      const bool last = pass == online_at_observation, target = pass == target_at_next;
      thread.sync_warp();  // h1 of the pass before has been read
      const float* network = shared + (target ? L::kTargetW2 : L::kOnlineW2);
      forward(thread, at, network, network + L::kMatrix, shared + (last ? L::kObservations : L::kNext) + rows * L::kInputs,
              shared + (last ? L::kHidden : L::kGradient) + rows * kStride, h, Q);
      if (last) break;
      HANDGRAD_UNROLL
      for (int i = 0; i < kTileRows; ++i) {
        if (pass == online_at_next || !settings.double_q) chosen[i] = best(Q[i]);
        const float reward = thread.shuffle(row.reward, at.row_of(i)), discount = thread.shuffle(row.discount, at.row_of(i));
        y[i] = reward + discount * at_action(Q[i], chosen[i]);
      }
    }
  }

  template <class Thread>
  HANDGRAD_DEVICE void loss_slope(Thread& thread, WarpTile at, const FusedSettings& settings, const FusedRow& row,
                                  const float (&Q)[kTileRows][A], const float (&y)[kTileRows],
                                  std::int32_t (&action)[kTileRows], float (&dq)[kTileRows]) {
    HANDGRAD_UNROLL
    for (int i = 0; i < kTileRows; ++i) {
      action[i] = thread.shuffle(row.action, at.row_of(i));
      const float d = at_action(Q[i], action[i]) - y[i], size = d < 0.0f ? -d : d, delta = settings.delta;
      float value = d * d, slope = 2.0f * d;
      if (settings.loss != FusedSettings::mse) {
        const bool quadratic = size <= delta;
        value = quadratic ? 0.5f * d * d * settings.one_over_delta : size - 0.5f * delta;
        slope = d > delta ? 1.0f : d < -delta ? -1.0f : d * settings.one_over_delta;
        if (settings.loss == FusedSettings::huber) {
          value *= delta;
          slope *= delta;
        }
      }
      const bool real = kWarpRows * thread.warp() + at.row_of(i) < settings.batch;
      dq[i] = real ? settings.loss_scale * slope : 0.0f;
      loss_sum_ += real ? settings.loss_scale * value : 0.0f;
    }
  }

  template <class Thread>
  static HANDGRAD_DEVICE void put_parts(Thread& thread, WarpTile at, const float (&dw1)[D + 1][2], const float (&db2)[2],
                                        const float (&dw3)[A][2], const float (&db3)[A]) {
    float* parts = thread.template shared<float>() + L::kParts + thread.warp() * L::kSmallPadded;
    const int kept = kept_column(thread.lane());
    HANDGRAD_UNROLL
    for (int n = 0; n < 2; ++n) {
      const int spread = at.spread_column(kept + n), first = L::kTwo ? at.paired_column(kept + n) : spread;
      HANDGRAD_UNROLL
      for (int d = 0; d < D; ++d) parts[L::kW1 + d * kSide + first] = dw1[d][n];
      parts[L::kB1 + first] = dw1[D][n];
      if constexpr (L::kTwo) parts[L::kB2 + spread] = db2[n];
      HANDGRAD_UNROLL
      for (int a = 0; a < A; ++a) parts[L::kW3 + a * kSide + spread] = dw3[a][n];
    }
    if (thread.lane() == 0) {
      HANDGRAD_UNROLL
      for (int a = 0; a < A; ++a) parts[L::kB3 + a] = db3[a];
    }
  }

  template <class Thread>
  static HANDGRAD_DEVICE void clip(Thread& thread, const FusedSettings& settings, Tile& dw2, float (&small)[L::kSmallEach]) {
    if (settings.clip == FusedSettings::none) return;
    if (settings.clip == FusedSettings::value) {
      HANDGRAD_UNROLL
      for (int n = 0; n < L::kTile; ++n) element(dw2, n) = limited_by(settings.clip_limit, element(dw2, n));
      HANDGRAD_UNROLL
      for (int q = 0; q < L::kSmallEach; ++q) small[q] = limited_by(settings.clip_limit, small[q]);
      return;
    }
    // By norm: the squares of a thread, a warp, the block; in that order, always.
    float squares = 0.0f;
    HANDGRAD_UNROLL
    for (int n = 0; n < L::kTile; ++n) squares += element(dw2, n) * element(dw2, n);
    HANDGRAD_UNROLL
    for (int q = 0; q < L::kSmallEach; ++q) squares += small[q] * small[q];
    HANDGRAD_UNROLL
    for (int mask = 1; mask < kWarp; mask *= 2) squares += thread.shuffle_xor(squares, mask);
    float* warps = thread.template shared<float>() + L::kNorms;
    if (thread.lane() == 0) warps[thread.warp()] = squares;
    thread.sync();
    squares = 0.0f;
    HANDGRAD_UNROLL
    for (int w = 0; w < L::kWarps; ++w) squares += warps[w];
    const float factor = quick_quotient(settings.clip_limit, quick_root(squares) + 1e-6f);
    if (factor >= 1.0f) return;
    HANDGRAD_UNROLL
    for (int n = 0; n < L::kTile; ++n) element(dw2, n) *= factor;
    HANDGRAD_UNROLL
    for (int q = 0; q < L::kSmallEach; ++q) small[q] *= factor;
  }

  static HANDGRAD_DEVICE float limited_by(float limit, float x) { return x > limit ? limit : x < -limit ? -limit : x; }

  /// Adam's step (see AdamSpec in core/backend.h): the new parameter.
  static HANDGRAD_DEVICE float adam(const FusedSettings& settings, const PlannedStep& step, float p, float g, float& m,
                                    float& v, [[maybe_unused]] float& v_max) {
    g += settings.weight_decay * p;
    m = settings.beta1 * m + settings.one_minus_beta1 * g;
    v = settings.beta2 * v + settings.one_minus_beta2 * g * g;
    float second = v;
    if constexpr (kAmsgrad) {
      v_max = v_max < v ? v : v_max;
      second = v_max;
    }
    return step.decay * p - quick_quotient(step.step * m, quick_root(second) * step.root_scale + step.eps);
  }

  template <class Thread>
  HANDGRAD_DEVICE void update(Thread& thread, const FusedSettings& settings, const PlannedStep& step, const Tile& dw2,
                              const float (&small)[L::kSmallEach]) {
    float* shared = thread.template shared<float>();
    const WarpTile at = WarpTile::of(thread.lane());
    float* w2 = shared + L::kOnlineW2 + (kWarpRows * thread.warp() + 4 * at.row) * kStride + 4 * at.column;
    HANDGRAD_UNROLL
    for (int i = 0; i < (L::kTwo ? kTileRows : 0); ++i) {
      HANDGRAD_UNROLL
      for (int j = 0; j < kTileColumns; j += 4) {
        float* place = w2 + i * kStride + 8 * j;
        Float4 p = load4(place);
        p.x = adam(settings, step, p.x, dw2[i][j], m_[i][j], v_[i][j], v_max_[i][j]);
        p.y = adam(settings, step, p.y, dw2[i][j + 1], m_[i][j + 1], v_[i][j + 1], v_max_[i][j + 1]);
        p.z = adam(settings, step, p.z, dw2[i][j + 2], m_[i][j + 2], v_[i][j + 2], v_max_[i][j + 2]);
        p.w = adam(settings, step, p.w, dw2[i][j + 3], m_[i][j + 3], v_[i][j + 3], v_max_[i][j + 3]);
        store4(place, p);
      }
    }
    HANDGRAD_UNROLL
    for (int q = 0; q < L::kSmallEach; ++q) {
      const int e = thread.index() + q * L::kThreads;
      if (e >= L::kSmall) continue;
      float& p = shared[L::kOnlineSmall + e];
      p = adam(settings, step, p, small[q], small_m_[q], small_v_[q], small_v_max_[q]);
    }
  }

  Tile m_, v_, v_max_;  // the last one is AMSGrad's, without it never touched
  Small small_m_, small_v_, small_v_max_;
  float loss_sum_;
};

}  // namespace handgrad::cuda
