// Golden cases of n-step returns, as the replay memory puts them together.

#include <limits>

#include "golden_groups.h"
#include "rl/replay.h"

namespace handgrad::golden {
namespace {

/// A row of transitions of one environment. Observations say where they belong: t + 1 is what action t was chosen in, and
/// -(i + 1) the final observation of an episode that ended with transition i.
struct Recording {
  std::vector<double> reward;
  std::vector<std::uint8_t> terminated, truncated;
  std::size_t size() const { return reward.size(); }
};

/// The n-step return from one transition, as the replay memory gives it.
struct Window {
  bool closed = false;
  std::int32_t bootstrap_index = 0;
  Real reward_sum = 0;
  Real discount = 0;
};

/// Every transition that a replay memory offers after it was fed the recording; the others stay open.
std::vector<Window> windows(Backend& backend, const Recording& recording, int n, double gamma) {
  const auto T = static_cast<std::int64_t>(recording.size());
  Replay replay(backend, {.capacity = T,
                          .environments = 1,
                          .observation_size = 1,
                          .batch_size = T,
                          .replacement = false,
                          .n_step = n,
                          .gamma = gamma});
  std::vector<float> observation{1.0F}, final_observation{0.0F};
  const std::vector<std::int32_t> action{0};
  const std::vector<std::uint8_t> no_autoreset{0};
  replay.start(observation);
  for (std::size_t t = 0; t < recording.size(); ++t) {
    observation[0] = static_cast<float>(t + 2);
    final_observation[0] = -static_cast<float>(t + 1);
    replay.add(action,
               {observation, final_observation, std::span(recording.reward).subspan(t, 1),
                std::span(recording.terminated).subspan(t, 1), std::span(recording.truncated).subspan(t, 1), no_autoreset});
  }

  std::vector<Window> result(recording.size());
  if (replay.size() == 0) return result;
  Generator random(0);
  const ReplayBatch batch = replay.sample(replay.size(), random);  // without replacement: all of them, in some order
  const std::vector<Real> first = to_host(backend, batch.observations), last = to_host(backend, batch.next_observations);
  const std::vector<Real> sums = to_host(backend, batch.rewards), discounts = to_host(backend, batch.discounts);
  for (std::size_t row = 0; row < first.size(); ++row) {
    const auto t = static_cast<std::size_t>(first[row]) - 1;
    // The next observation of transition i is either what action i + 1 was chosen in, i + 2, or final, -(i + 1).
    const Real place = last[row] < 0 ? -last[row] - 1 : last[row] - 2;
    result.at(t) = {true, static_cast<std::int32_t>(place), sums[row], discounts[row]};
  }
  return result;
}

}  // namespace

/// Windows that are still open at the end are held back by the replay memory. What they are worth if the recording ends
/// there, it tells when the last transition is a truncated one.
void compare_nstep_target(const Case& c, Backend& backend, Comparison& comparison) {
  const Shape shape = c.input("reward", 1).shape;
  const std::int64_t T = shape[0], A = c.input("q_next", 2).shape[1], n = c.config.integer("n");
  require_file(n >= 1 && n <= std::numeric_limits<int>::max(), c.id, ": config.n has to be at least 1, got ", n);
  require_file(T < 1'000'000, c.id, ": ", T, " transitions are too many to be numbered in float");
  Recording recording{c.input("reward", 1).data, {}, {}};
  for (const std::int32_t flag : flags(c, "terminated", shape))
    recording.terminated.push_back(static_cast<std::uint8_t>(flag));
  for (const std::int32_t flag : flags(c, "truncated", shape)) recording.truncated.push_back(static_cast<std::uint8_t>(flag));

  const double gamma = c.config.number("gamma");
  std::vector<Window> all = windows(backend, recording, static_cast<int>(n), gamma);
  recording.truncated.back() = 1;
  const std::vector<Window> cut_off = windows(backend, recording, static_cast<int>(n), gamma);

  std::vector<std::int32_t> closed, n_used, bootstrap_index;
  std::vector<Real> reward_sum, discount;
  for (std::size_t t = 0; t < all.size(); ++t) {
    const Window& window = all[t].closed ? all[t] : cut_off[t];
    closed.push_back(all[t].closed ? 1 : 0);
    n_used.push_back(window.bootstrap_index - static_cast<std::int32_t>(t) + 1);
    bootstrap_index.push_back(window.bootstrap_index);
    reward_sum.push_back(window.reward_sum);
    discount.push_back(window.discount);
  }
  comparison.equal("closed", {T}, closed);
  comparison.equal("n_used", {T}, n_used);
  comparison.equal("bootstrap_index", {T}, bootstrap_index);
  comparison.close("reward_sum", {T}, reward_sum);
  comparison.close("discount", {T}, discount);

  const Buffer<Real> q_next = on(backend, c.input("q_next", Shape{T, A})), r = on(backend, reward_sum),
                     d = on(backend, discount);
  const Buffer<std::int32_t> rows = on(backend, bootstrap_index);
  Buffer<Real> q(backend, T * A), y(backend, T);
  backend.gather_rows(q_next.matrix(T, A), rows.span(), q.matrix(T, A));
  backend.td_target(q.matrix(T, A), {}, r.span(), d.span(), y.span());
  comparison.close("y", {T}, y.to_host());
}

}  // namespace handgrad::golden
