#include "loss.h"

#include <array>
#include <cmath>

#include "../core/error.h"
#include "../core/suggest.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

void require_fitting(ConstMatrix Y, ConstVector weight, Matrix dY) {
  require(dY.rows == Y.rows && dY.cols == Y.cols, "the gradient has to be as large as the output, [", Y.rows, ", ", Y.cols,
          "], got [", dY.rows, ", ", dY.cols, "]");
  require(weight.empty() || static_cast<std::int64_t>(weight.size()) == Y.rows, "one weight a row: ", Y.rows, " rows, ",
          weight.size(), " weights");
}

}  // namespace

Loss::Loss(Backend& backend, const LossSpec& spec) : backend_(&backend), spec_(spec), outputs_(backend, kLossOutputs) {
  require(std::isfinite(spec.delta) && spec.delta > 0, "a loss's delta has to be positive and finite, got ", spec.delta);
}

void Loss::full(ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY) {
  require(Y.rows == target.rows && Y.cols == target.cols, "the target has to be as large as the output, [", Y.rows, ", ",
          Y.cols, "], got [", target.rows, ", ", target.cols, "]");
  require_fitting(Y, weight, dY);
  backend_->loss_full(spec_, Y, target, weight, dY, outputs_.span());
  ++batches_;
}

void Loss::selected(ConstMatrix Q, ConstIndices action, ConstVector target, ConstVector weight, Matrix dQ, Vector td) {
  const auto rows = static_cast<std::size_t>(Q.rows);
  require(action.size() == rows && target.size() == rows, "one action and one target a row: ", rows, " rows, ", action.size(),
          " actions, ", target.size(), " targets");
  require(td.empty() || td.size() == rows, "one temporal-difference error a row: ", rows, " rows, room for ", td.size());
  require_fitting(Q, weight, dQ);
  backend_->loss_selected(spec_, Q, action, target, weight, dQ, td, outputs_.span());
  ++batches_;
}

double Loss::value() const {
  std::array<Real, 1> value{};
  outputs_.download(value, kLossValue);
  return static_cast<double>(value[0]);
}

std::optional<double> Loss::take_mean() {
  if (batches_ == 0) return std::nullopt;
  std::array<Real, 1> sum{};
  outputs_.download(sum, kLossSum);
  const double mean = static_cast<double>(sum[0]) / static_cast<double>(batches_);
  backend_->fill(outputs_.span().subspan(kLossSum, 1), 0);
  batches_ = 0;
  return mean;
}

void Loss::serialize(StateArchive& state) {
  std::array<Real, kLossOutputs> outputs{};
  if (!state.loading()) outputs_.download(outputs);
  state.array("value_and_sum", std::span<Real>(outputs));
  state.value("batches", batches_);
  if (!state.loading()) return;
  require(batches_ >= 0 && batches_ <= kLargestCount, "a loss cannot be the mean over ", batches_,
          " batches, as the state says");
  outputs_.upload(outputs);
}

std::string_view to_string(LossKind kind) {
  switch (kind) {
    case LossKind::huber: return "huber";
    case LossKind::smooth_l1: return "smooth_l1";
    case LossKind::mse: break;
  }
  return "mse";
}

LossKind parse_loss(const std::string& name) {
  for (const LossKind kind : {LossKind::mse, LossKind::huber, LossKind::smooth_l1}) {
    if (name == to_string(kind)) return kind;
  }
  fail("no loss '", name, "': expected mse, huber or smooth_l1.", did_you_mean(name, {"mse", "huber", "smooth_l1"}));
}

std::string_view to_string(Reduction reduction) { return reduction == Reduction::mean ? "mean" : "sum"; }

Reduction parse_reduction(const std::string& name) {
  if (name == "mean") return Reduction::mean;
  if (name == "sum") return Reduction::sum;
  fail("no reduction '", name, "': expected mean or sum.");
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
