// What holds for every kernel of cuda/kernels that is not a product: results depend neither on the order of threads and blocks
// nor on how many agents there are, nor on an agent's place among them.

#include "core/error.h"
#include "cuda/kernels/elements.h"
#include "cuda/kernels/losses.h"
#include "cuda/kernels/norms.h"
#include "cuda/kernels/optimizers.h"
#include "cuda/kernels/rows.h"
#include "cuda/kernels/targets.h"
#include "tests/cuda/kernel_cases.h"
#include "tests/support/catch.h"
#include "tests/support/draw.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

constexpr std::int64_t kB = 37, kA = 3, kI = 4, kN = 50;

/// What a number of agents learn from, and what one train step's kernels make of it, products left out.
struct Agents {
  std::int64_t count, P;
  Floats parameters, gradients, first, second, target_parameters;  // [count, P]
  Floats source;                                                   // [count, N, I]
  Floats Q, next_Q, next_online;                                   // [count, B, A]
  Floats reward, discount, weight;                                 // [count, B]
  Indices32 rows, action;                                          // [count, B]
  Floats loss;                                                     // [count, kLossOutputs]
  Floats gathered, y, td, dQ, T, norm, norm_after;                 // results besides
  Indices32 best;

  Agents(Draw& draw, std::int64_t n, std::int64_t P_)
      : count(n),
        P(P_),
        parameters(draw.ordinary(n * P)),
        gradients(draw.ordinary(n * P)),
        first(draw.ordinary(n * P)),
        second(draw.positive(n * P)),
        target_parameters(draw.ordinary(n * P)),
        source(draw.ordinary(n * kN * kI)),
        Q(draw.ordinary(n * kB * kA)),
        next_Q(draw.few_values(n * kB * kA)),
        next_online(draw.few_values(n * kB * kA)),
        reward(draw.ordinary(n * kB)),
        discount(draw.positive(n * kB)),
        weight(draw.positive(n * kB)),
        rows(draw.indices(n * kB, kN)),
        action(draw.indices(n * kB, kA)),
        loss(draw.ordinary(n * kLossOutputs)) {}

  /// Agent k alone.
  Agents agent(std::int64_t k) const {
    Agents one = *this;
    one.count = 1;
    for_each_array(one, [&](auto& array) { array = part(array, k, count); });
    return one;
  }

  template <class Self, class F>
  static void for_each_array(Self& x, const F& f) {
    f(x.parameters), f(x.gradients), f(x.first), f(x.second), f(x.target_parameters), f(x.source), f(x.Q), f(x.next_Q),
        f(x.next_online), f(x.reward), f(x.discount), f(x.weight), f(x.rows), f(x.action), f(x.loss), f(x.gathered), f(x.y),
        f(x.td), f(x.dQ), f(x.T), f(x.norm), f(x.norm_after), f(x.best);
  }

  friend bool operator==(const Agents&, const Agents&) = default;
};

/// An array on a device that goes back to where it came from.
template <class T>
struct OnDevice : DeviceArray<T> {
  OnDevice(EmulatedDevice& device, std::vector<T>& host) : DeviceArray<T>(device, host), origin(host) {}
  OnDevice(EmulatedDevice& device, std::vector<T>& host, std::int64_t size)
      : OnDevice(device, (host.resize(static_cast<std::size_t>(size)), host)) {}
  ~OnDevice() { origin = this->host(); }
  std::span<T> span() { return {this->data(), static_cast<std::size_t>(this->size())}; }
  MatrixView<T> matrix(std::int64_t columns) { return {this->data(), this->size() / columns, columns}; }
  std::vector<T>& origin;
};

void step(EmulatedDevice& device, Agents& x) {
  const std::int64_t K = x.count, R = K * kB, P = x.P;
  OnDevice<float> p(device, x.parameters), g(device, x.gradients), m(device, x.first), v(device, x.second),
      target(device, x.target_parameters), source(device, x.source), Q(device, x.Q), next(device, x.next_Q),
      online(device, x.next_online), reward(device, x.reward), discount(device, x.discount), weight(device, x.weight),
      loss(device, x.loss), gathered(device, x.gathered, R * kI), y(device, x.y, R), td(device, x.td, R),
      dQ(device, x.dQ, R * kA), T(device, x.T, R * kA), norm(device, x.norm, K), after(device, x.norm_after, K);
  OnDevice<std::int32_t> rows(device, x.rows), action(device, x.action), best(device, x.best, R);
  DeviceArray<float> coefficients(device, Floats{0.99F, 0.25F, 1.5F, 1e-3F});
  DeviceArray<double> sums(device, K * norm_blocks(P));

  device.launch(make_gather_rows(source.matrix(kI), rows.span(), gathered.matrix(kI), K), gather_grid(kB, kI, K));
  device.launch(TdTarget{next.data(), online.data(), reward.data(), discount.data(), y.data(), R, kA}, rows_grid(R));
  device.launch(Argmax{next.data(), best.data(), R, kA}, rows_grid(R));
  device.launch(make_loss_selected({LossKind::huber, 0.5, Reduction::mean}, Q.matrix(kA), action.span(), y.span(),
                                   weight.span(), dQ.matrix(kA), td.span(), loss.span(), nullptr, K),
                loss_grid(kB * kA, K));
  device.launch(make_put_selected(Q.matrix(kA), action.span(), y.span(), T.matrix(kA)), elements_grid(R * kA));
  device.launch(make_loss_full({LossKind::smooth_l1, 0.5, Reduction::sum}, T.matrix(kA), Q.matrix(kA), {}, dQ.matrix(kA),
                               loss.span(), nullptr, K),
                loss_grid(kB * kA, K));
  if (norm_blocks(P) == 1) {
    device.launch(ClipByNorm{g.data(), P, 3, norm.data()}, norm_grid(P, K));
    device.launch(L2Norm{g.data(), P, after.data()}, norm_grid(P, K));
  } else {
    const std::int64_t blocks = norm_blocks(P);
    device.launch(SquareSums{g.data(), P, sums.data()}, square_sums_grid(P, K));
    device.launch(ClipByNormOfSums{g.data(), P, 3, sums.data(), blocks, norm.data()}, clip_by_norm_of_sums_grid(P, K));
    device.launch(SquareSums{g.data(), P, sums.data()}, square_sums_grid(P, K));
    device.launch(L2NormOfSums{sums.data(), blocks, after.data()}, norm_of_sums_grid(K));
  }
  device.launch(ClipByValue{g.data(), K * P, 0.4F}, elements_grid(K * P));
  device.launch(make_adam_step({0.9, 0.999, 0.01}, {coefficients.data(), 4}, p.span(), g.span(), m.span(), v.span(), {}),
                elements_grid(K * P));
  device.launch(make_update_target(p.span(), 0.005F, target.span()), elements_grid(K * P));
}

}  // namespace

TEST_CASE("What an agent learns does not depend on how many others learn beside it, nor on its place, to the bit") {
  // Together, five agents have so many parameters that they are done four at a time; alone, one by one.
  for (const std::int64_t P : {131, 17411, 20483}) {
    Draw draw(static_cast<std::uint64_t>(P), Numbers::ordinary);
    const Agents before(draw, P < 1000 ? 7 : 5, P);
    EmulatedDevice device;
    Agents together = before;
    step(device, together);
    for (std::int64_t k = 0; k < before.count; ++k) {
      Agents alone = before.agent(k);
      step(device, alone);
      INFO("agent " << k << ", P " << P);
      CHECK(alone == together.agent(k));
      count_case("a step of all kernels", text(before.count, " agents of ", P, " parameters, agent ", k));
    }
    CHECK(together.agent(0) != together.agent(1));
  }
}

TEST_CASE("Results do not depend on the order of threads and blocks") {
  for (const std::int64_t P : {131, 20483}) {
    Draw draw(77, Numbers::ordinary);
    const Agents before(draw, 2, P);
    std::vector<Agents> results;
    for (const Order order : {Order::forward, Order::backward, Order::shuffled, Order::shuffled}) {
      EmulatedDevice device(EmulatedDevice::Options{.seed = results.size() + 1, .order = order});
      results.push_back(before);
      step(device, results.back());
      CHECK(results.back() == results.front());
    }
  }
}
