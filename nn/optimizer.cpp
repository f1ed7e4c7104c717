#include "optimizer.h"

#include <cmath>
#include <limits>

#include "../core/suggest.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr std::array kKinds = {OptimizerKind::sgd,  OptimizerKind::rmsprop,    OptimizerKind::rmsprop_dqn2015,
                               OptimizerKind::adam, OptimizerKind::adam_keras, OptimizerKind::adamw,
                               OptimizerKind::radam};

bool is_adam_family(OptimizerKind kind) {
  return kind != OptimizerKind::sgd && kind != OptimizerKind::rmsprop && kind != OptimizerKind::rmsprop_dqn2015;
}

/// The coefficients of step t >= 1, computed in double: see AdamSpec for what is done with them.
std::array<double, kAdamCoefficients> adam_coefficients(const OptimizerSpec& spec, std::int64_t t) {
  const double beta1_t = std::pow(spec.beta1, static_cast<double>(t));
  const double beta2_t = std::pow(spec.beta2, static_cast<double>(t));
  const double b1 = 1 - beta1_t;
  const double root_b2 = std::sqrt(1 - beta2_t);
  std::array<double, kAdamCoefficients> c{};
  c[kAdamDecay] = spec.kind == OptimizerKind::adamw ? 1 - spec.lr * spec.weight_decay : 1;
  c[kAdamStep] = spec.lr / b1;
  c[kAdamRootScale] = 1 / root_b2;
  c[kAdamEps] = spec.eps;
  if (spec.kind == OptimizerKind::adam_keras) {
    // Kingma & Ba, end of section 2: both corrections in the step, so that eps sits on the uncorrected root.
    c[kAdamStep] *= root_b2;
    c[kAdamRootScale] = 1;
  }
  if (spec.kind == OptimizerKind::radam) {
    // Liu et al. (2020), algorithm 2: r is the length of the moving average that v amounts to. Up to 5, the variance of the
    // adaptive rate has no bound, and the step is one of momentum alone: the root is multiplied by 0 and eps replaced by 1.
    const double r_inf = 2 / (1 - spec.beta2) - 1;
    const double r = r_inf - 2 * static_cast<double>(t) * beta2_t / (1 - beta2_t);
    if (r > 5) {
      const double rectification = std::sqrt((r - 4) * (r - 2) * r_inf / ((r_inf - 4) * (r_inf - 2) * r));
      c[kAdamStep] *= root_b2 * rectification;
      c[kAdamRootScale] = 1;
    } else {
      c[kAdamRootScale] = 0;
      c[kAdamEps] = 1;
    }
  }
  return c;
}

}  // namespace

OptimizerSpec default_spec(OptimizerKind kind) {
  OptimizerSpec spec;
  spec.kind = kind;
  switch (kind) {
    case OptimizerKind::sgd: spec.lr = 1e-3; break;
    case OptimizerKind::rmsprop: spec.lr = 1e-2; break;
    case OptimizerKind::rmsprop_dqn2015:
      spec.lr = 2.5e-4;
      spec.alpha = 0.95;
      spec.eps = 1e-2;
      spec.centered = true;
      break;
    case OptimizerKind::adam_keras: spec.eps = 1e-7; break;
    case OptimizerKind::adamw: spec.weight_decay = 1e-2; break;
    case OptimizerKind::adam:
    case OptimizerKind::radam: break;
  }
  return spec;
}

void validate(const OptimizerSpec& spec) {
  const auto in_range = [](const char* field, double value, double upper, const char* range) {
    require(std::isfinite(value) && value >= 0 && value < upper, "the optimiser's ", field, " has to be in ", range, ", got ",
            value);
  };
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  in_range("lr", spec.lr, kNoLimit, "[0, inf)");
  in_range("weight_decay", spec.weight_decay, kNoLimit, "[0, inf)");
  in_range("eps", spec.eps, kNoLimit, "[0, inf)");
  in_range("momentum", spec.momentum, kNoLimit, "[0, inf)");
  in_range("alpha", spec.alpha, 1, "[0, 1)");
  in_range("beta1", spec.beta1, 1, "[0, 1)");
  in_range("beta2", spec.beta2, 1, "[0, 1)");
  require(!spec.nesterov || spec.kind != OptimizerKind::sgd || spec.momentum > 0,
          "Nesterov's form needs a momentum: set momentum above 0 or nesterov to false");
  require(!spec.amsgrad || (is_adam_family(spec.kind) && spec.kind != OptimizerKind::radam), "there is no AMSGrad form of ",
          to_string(spec.kind), ": it exists for adam, adam_keras and adamw");
}

std::string_view to_string(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::sgd: return "sgd";
    case OptimizerKind::rmsprop: return "rmsprop";
    case OptimizerKind::rmsprop_dqn2015: return "rmsprop_dqn2015";
    case OptimizerKind::adam: return "adam";
    case OptimizerKind::adam_keras: return "adam_keras";
    case OptimizerKind::adamw: return "adamw";
    case OptimizerKind::radam: return "radam";
  }
  return "";
}

OptimizerKind parse_optimizer(const std::string& name) {
  std::vector<std::string> names;
  for (const OptimizerKind kind : kKinds) {
    if (name == to_string(kind)) return kind;
    names.emplace_back(to_string(kind));
  }
  fail("no optimiser '", name, "': expected sgd, rmsprop, rmsprop_dqn2015, adam, adam_keras, adamw or radam.",
       did_you_mean(name, names));
}

std::vector<std::string> optimizer_state(const OptimizerSpec& spec) {
  switch (spec.kind) {
    case OptimizerKind::sgd:
      if (spec.momentum > 0) return {"momentum_buffer"};
      return {};
    case OptimizerKind::rmsprop: {
      std::vector<std::string> names = {"square_avg"};
      if (spec.centered) names.emplace_back("grad_avg");
      if (spec.momentum > 0) names.emplace_back("momentum_buffer");
      return names;
    }
    case OptimizerKind::rmsprop_dqn2015: return {"square_avg", "grad_avg"};
    case OptimizerKind::adam:
    case OptimizerKind::adam_keras:
    case OptimizerKind::adamw:
    case OptimizerKind::radam: break;
  }
  if (spec.amsgrad) return {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"};
  return {"exp_avg", "exp_avg_sq"};
}

std::array<Real, kAdamCoefficients> optimizer_coefficients(const OptimizerSpec& spec, std::int64_t t) {
  std::array<Real, kAdamCoefficients> values{static_cast<Real>(spec.lr)};
  if (is_adam_family(spec.kind)) {
    const auto coefficients = adam_coefficients(spec, t);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<Real>(coefficients[i]);
  }
  return values;
}

Optimizer::Optimizer(Backend& backend, const OptimizerSpec& spec, std::int64_t parameters)
    : backend_(&backend), spec_(spec), parameters_(parameters), first_rate_(spec.lr) {
  validate(spec);
  require(parameters >= 1, "an optimiser needs at least one parameter, got ", parameters);
  state_names_ = optimizer_state(spec);
  state_ = Buffer<Real>(backend, static_cast<std::int64_t>(state_names_.size()) * parameters);
  coefficients_ = Buffer<Real>(backend, kAdamCoefficients);
}

void Optimizer::set_learning_rate(double lr) {
  OptimizerSpec changed = spec_;
  changed.lr = lr;
  validate(changed);
  spec_ = changed;
  set_rate_ = lr;
}

void Optimizer::serialize(StateArchive& state) {
  state.value("steps", steps_);
  state.value("learning_rate", set_rate_);
  std::vector<Real> host(static_cast<std::size_t>(parameters_));
  for (std::size_t k = 0; k < state_names_.size(); ++k) {
    const std::int64_t offset = static_cast<std::int64_t>(k) * parameters_;
    if (!state.loading()) state_.download(host, offset);
    state.array(state_names_[k], std::span(host));
    if (state.loading()) state_.upload(host, offset);
  }
  if (!state.loading()) return;
  require(steps_ >= 0 && steps_ <= kLargestCount, "an optimiser cannot have made ", steps_, " steps, as the state says");
  OptimizerSpec changed = spec_;
  changed.lr = set_rate_.value_or(first_rate_);
  validate(changed);
  spec_ = changed;
}

std::vector<std::pair<std::string, ConstVector>> Optimizer::state() const {
  std::vector<std::pair<std::string, ConstVector>> arrays;
  const auto count = static_cast<std::size_t>(parameters_);
  for (std::size_t k = 0; k < state_names_.size(); ++k) {
    arrays.emplace_back(state_names_[k], state_.span().subspan(k * count, count));
  }
  return arrays;
}

void Optimizer::step(Vector p, ConstVector g) {
  require(static_cast<std::int64_t>(p.size()) == parameters_ && g.size() == p.size(), "this optimiser works on ", parameters_,
          " parameters, got ", p.size(), " and ", g.size(), " gradients");
  ++steps_;
  coefficients_.upload(optimizer_coefficients(spec_, steps_));
  const ConstVector coefficients = coefficients_.span();
  const auto state = [&](std::size_t k) {
    return k < state_names_.size() ? state_.span().subspan(k * p.size(), p.size()) : Vector{};
  };
  switch (spec_.kind) {
    case OptimizerKind::sgd:
      backend_->sgd_step({spec_.momentum, spec_.nesterov, spec_.weight_decay}, coefficients.first(1), p, g, state(0));
      return;
    case OptimizerKind::rmsprop:
      backend_->rmsprop_step({spec_.alpha, spec_.eps, false, spec_.momentum, spec_.weight_decay}, coefficients.first(1), p, g,
                             state(0), spec_.centered ? state(1) : Vector{}, state(spec_.centered ? 2 : 1));
      return;
    case OptimizerKind::rmsprop_dqn2015:
      backend_->rmsprop_step({spec_.alpha, spec_.eps, true, 0.0, spec_.weight_decay}, coefficients.first(1), p, g, state(0),
                             state(1), {});
      return;
    case OptimizerKind::adam:
    case OptimizerKind::adam_keras:
    case OptimizerKind::adamw:
    case OptimizerKind::radam: {
      const double l2 = spec_.kind == OptimizerKind::adamw ? 0.0 : spec_.weight_decay;
      backend_->adam_step({spec_.beta1, spec_.beta2, l2}, coefficients, p, g, state(0), state(1), state(2));
      return;
    }
  }
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
