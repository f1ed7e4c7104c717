// The best action and targets against the reference: cuda/kernels/targets.h.

#include "cuda/kernels/targets.h"

#include "core/reference_backend.h"
#include "tests/cuda/kernel_cases.h"
#include "tests/support/catch.h"
#include "tests/support/draw.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

constexpr std::int64_t kRows[] = {1, 31, 32, 33, 128, 257, 1000}, kColumns[] = {1, 2, 3, 5, 6, 18, 33};

std::string size_of(std::int64_t rows, std::int64_t A) { return text(rows, " x ", A); }

Floats with_ties(Draw& draw, std::int64_t n) {
  Floats Q = draw.few_values(n);
  if (draw.numbers() == Numbers::special) {
    for (std::int64_t k = 1 + n / 10; k-- > 0;) Q[static_cast<std::size_t>(draw.below(n))] = std::nanf("");
  }
  return Q;
}

}  // namespace

TEST_CASE("The lowest column of a largest value is found, at every size, also beside NaN") {
  EmulatedDevice device;
  ReferenceBackend reference;
  for (const Numbers numbers : {Numbers::ordinary, Numbers::special}) {
    Draw draw(21, numbers);
    for (const std::int64_t rows : kRows) {
      for (const std::int64_t A : kColumns) {
        const Floats Q = with_ties(draw, rows * A);
        Indices32 expected(static_cast<std::size_t>(rows));
        reference.argmax({Q.data(), rows, A}, expected);
        const DeviceArray<float> q(device, Q);
        DeviceArray<std::int32_t> out(device, Indices32(expected.size(), -7));
        device.launch(Argmax{q.data(), out.data(), rows, A}, rows_grid(rows));
        INFO(rows << " x " << A);
        CHECK(out.host() == expected);
        count_case("Argmax", size_of(rows, A));
      }
    }
  }
}

TEST_CASE("Temporal-difference targets are the reference's, at every size, by one network and by two") {
  EmulatedDevice device;
  ReferenceBackend reference;
  for (const Numbers numbers : {Numbers::ordinary, Numbers::special}) {
    for (const bool is_double : {false, true}) {
      Draw draw(22, numbers);
      for (const std::int64_t rows : kRows) {
        for (const std::int64_t A : kColumns) {
          const Floats next_target = draw.coin() ? with_ties(draw, rows * A) : draw.values(rows * A),
                       next_online = draw.coin() ? with_ties(draw, rows * A) : draw.values(rows * A),
                       reward = draw.values(rows), discount = draw.values(rows);
          Floats expected(reward.size(), 7);
          reference.td_target({next_target.data(), rows, A},
                              is_double ? ConstMatrix{next_online.data(), rows, A} : ConstMatrix{}, reward, discount,
                              expected);
          const DeviceArray<float> q(device, next_target), chooser(device, next_online), r(device, reward),
              d(device, discount);
          DeviceArray<float> y(device, Floats(reward.size(), 7));
          device.launch(TdTarget{q.data(), is_double ? chooser.data() : nullptr, r.data(), d.data(), y.data(), rows, A},
                        rows_grid(rows));
          INFO(rows << " x " << A << (is_double ? " double" : ""));
          CHECK(wrong_numbers(y.host(), expected, 1e-6F, 1e-6F) == "");
          count_case(is_double ? "TdTarget double" : "TdTarget", size_of(rows, A));
        }
      }
    }
  }
}

TEST_CASE("Values are put into the selected columns, at every size and with every grid") {
  EmulatedDevice device;
  Draw draw(23, Numbers::special);
  for (const std::int64_t rows : {1, 31, 33, 257, 1000, 4099, 21846}) {
    for (const std::int64_t A : {1, 2, 3, 18}) {
      if (rows * A > 70000) continue;
      const Floats base = draw.values(rows * A), value = draw.values(rows);
      const Indices32 action = draw.indices(rows, A);
      Floats expected(base.size(), 7);
      ReferenceBackend().put_selected({base.data(), rows, A}, action, value, {expected.data(), rows, A});
      DeviceArray<float> b(device, base), v(device, value);
      DeviceArray<std::int32_t> a(device, action);
      for (const Grid& grid : {elements_grid(rows * A), Grid{2, 32}}) {
        if (grid.blocks == 2 && rows > 1000) continue;
        DeviceArray<float> T(device, Floats(base.size(), 7));
        device.launch(
            make_put_selected({b.data(), rows, A}, {a.data(), action.size()}, {v.data(), value.size()}, {T.data(), rows, A}),
            grid);
        INFO(rows << " x " << A);
        CHECK(wrong_bits(T.host(), expected) == "");
      }
      count_case("PutSelected", size_of(rows, A));
    }
  }
}
