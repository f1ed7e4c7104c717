#include "app/config/formulas.h"

#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

std::string action(const DqnConfig& c) {
  return "Action: at random with probability ε, else the one with the highest value Q(s, a).\n" +
         schedule_formula("ε", c.epsilon);
}

std::string td_target(const DqnConfig& c) {
  const std::string gamma = exact(c.gamma);
  std::string reward = "r";
  std::string discount = gamma;
  if (c.n_step > 1) {
    reward = text("(r₀ + γ r₁ + ... + γ^", c.n_step - 1, " r_", c.n_step - 1, ")");
    discount = text(gamma, "^", c.n_step);
  }
  std::string lines = "Target: what Q(s, a) should have been; no gradient flows through it.\n";
  if (c.n_step > 1) {
    lines += text("    γ = ", gamma, ";  s' is the state ", c.n_step, " steps later, or where the episode ended before\n");
  }
  if (c.terminal == Terminal::mask) discount += " · (1 - terminated)";
  if (c.double_q) {
    lines += text("    y = ", reward, " + ", discount, " · Q⁻(s', argmax_a Q(s', a))    (double Q-learning)\n");
  } else {
    lines += text("    y = ", reward, " + ", discount, " · max_a Q⁻(s', a)\n");
  }
  if (c.terminal == Terminal::bootstrap) {
    lines += "    A terminated episode bootstraps as any other state: a mistake, here for comparison.\n";
  }
  lines += c.truncation_as_terminal
               ? "    An episode cut off by the time limit counts as terminated: a mistake, here for comparison.\n"
               : "    An episode cut off by the time limit is not terminated: its last state bootstraps.\n";
  return lines;
}

// What the actions not taken have to do with the loss.
std::string others(const DqnConfig& c) {
  if (c.loss_over == LossOver::all) {
    switch (c.untaken) {
      case Untaken::target_s: return "    T(j) = y for j = a, else Q⁻(s, j): what the target network says in s.\n";
      case Untaken::target_next:
        return "    T(j) = y for j = a, else Q⁻(s', j): what the target network says in s', a mistake, here for comparison.\n";
      case Untaken::online_s:
        return "    T(j) = y for j = a, else Q(s, j) itself: the other actions' outputs get no gradient.\n";
    }
  }
  return "    The other actions' outputs get no gradient.\n";
}

std::string loss(const DqnConfig& c) {
  const bool all = c.loss_over == LossOver::all;
  const std::string delta = exact(c.loss.delta), A = all ? "·A" : "";
  const std::string what = text(c.loss.reduction == Reduction::mean ? "mean" : "sum", " over the batch of ", c.batch_size,
                                all ? " and the A actions" : "");
  const std::string factor = c.loss.reduction == Reduction::mean
                                 ? text(" / ", all ? text("(", c.batch_size, A, ")") : text(c.batch_size))
                                 : std::string();
  const std::string slope = all ? "dl/dQ(s, j)" : "dl/dQ(s, a)";
  std::string lines = text("Loss: with d = ", all ? "Q(s, j) - T(j)" : "Q(s, a) - y", ", the ", what, " of\n");
  switch (c.loss.kind) {
    case LossKind::mse: lines += text("    l = d²;  ", slope, " = 2 d", factor, "\n"); break;
    case LossKind::huber:
      lines += text("    l = d²/2 if |d| <= ", delta, ", else ", delta, " (|d| - ", delta, "/2);  ", slope, " = clamp(d, -",
                    delta, ", ", delta, ")", factor, "\n");
      break;
    case LossKind::smooth_l1:
      lines += text("    l = d²/(2·", delta, ") if |d| < ", delta, ", else |d| - ", delta, "/2;  ", slope, " = clamp(d/",
                    delta, ", -1, 1)", factor, "\n");
      break;
  }
  return lines + others(c) + "    From there backwards through the layers: nn/README.md.\n";
}

std::string clipping(const DqnConfig& c) {
  const std::string limit = exact(c.clipping.limit);
  switch (c.clipping.kind) {
    case Clipping::Kind::none: return "Clipping: none.\n";
    case Clipping::Kind::value:
      return text("Clipping: every element of the gradient\n    g = clamp(g, -", limit, ", ", limit, ")\n");
    case Clipping::Kind::norm:
      return text("Clipping: the gradient as a whole, |g| its L2 norm over all parameters\n    g = g · min(1, ", limit,
                  "/(|g| + 1e-6))\n");
  }
  return "";
}

std::string weight_decay_l2(const OptimizerSpec& s) {
  return s.weight_decay > 0 ? text("    g = g + ", exact(s.weight_decay), " p\n") : std::string();
}

std::string sgd(const OptimizerSpec& s) {
  const std::string lr = exact(s.lr);
  if (s.momentum == 0) return weight_decay_l2(s) + text("    p = p - ", lr, " g\n");
  const std::string step = s.nesterov ? text("(g + ", exact(s.momentum), " v)") : std::string("v");
  return weight_decay_l2(s) + text("    v = ", exact(s.momentum), " v + g\n    p = p - ", lr, " ", step, "\n");
}

std::string rmsprop(const OptimizerSpec& s) {
  const bool dqn2015 = s.kind == OptimizerKind::rmsprop_dqn2015;
  const std::string a = exact(s.alpha), eps = exact(s.eps);
  std::string lines = weight_decay_l2(s) + text("    n = ", a, " n + ", brief(1 - s.alpha, 6), " g²\n");
  std::string under_root = "n";
  if (s.centered || dqn2015) {
    lines += text("    m = ", a, " m + ", brief(1 - s.alpha, 6), " g\n");
    under_root = "n - m²";
  }
  const std::string root = dqn2015 ? text("sqrt(", under_root, " + ", eps, ")") : text("(sqrt(", under_root, ") + ", eps, ")");
  if (s.momentum == 0 || dqn2015) return lines + text("    p = p - ", exact(s.lr), " g / ", root, "\n");
  return lines + text("    v = ", exact(s.momentum), " v + g / ", root, "\n    p = p - ", exact(s.lr), " v\n");
}

std::string adam(const OptimizerSpec& s) {
  const std::string lr = exact(s.lr), eps = exact(s.eps), b1 = exact(s.beta1), b2 = exact(s.beta2);
  std::string lines =
      s.kind == OptimizerKind::adamw ? text("    p = (1 - ", lr, "·", exact(s.weight_decay), ") p\n") : weight_decay_l2(s);
  lines += text("    m = ", b1, " m + ", brief(1 - s.beta1, 6), " g\n    v = ", b2, " v + ", brief(1 - s.beta2, 6), " g²\n");
  std::string v = "v";
  if (s.amsgrad) {
    lines += "    w = max(w, v)    (AMSGrad: before any correction)\n";
    v = "w";
  }
  const std::string c1 = text("(1 - ", b1, "^t)"), c2 = text("(1 - ", b2, "^t)");
  if (s.kind == OptimizerKind::adam_keras) {
    return lines +
           text("    p = p - ", lr, " · sqrt", c2, "/", c1, " · m / (sqrt(", v, ") + ", eps, ")    t the step, from 1\n");
  }
  if (s.kind == OptimizerKind::radam) {
    return lines + text("    p = p - ", lr, "/", c1, " · m · R(t) sqrt", c2, " / (sqrt(v) + ", eps,
                        ")    R(t) rectifies the early steps;\n", "    p = p - ", lr, "/", c1,
                        " · m    while the variance of v is not tractable; t the step, from 1\n");
  }
  return lines + text("    p = p - ", lr, "/", c1, " · m / (sqrt(", v, ")/sqrt", c2, " + ", eps, ")    t the step, from 1\n");
}

std::string optimizer(const DqnConfig& c) {
  const OptimizerSpec& s = c.optimizer;
  const std::string heading = text("Optimiser: ", to_string(s.kind), ", for each parameter p with gradient g\n");
  switch (s.kind) {
    case OptimizerKind::sgd: return heading + sgd(s);
    case OptimizerKind::rmsprop:
    case OptimizerKind::rmsprop_dqn2015: return heading + rmsprop(s);
    case OptimizerKind::adam:
    case OptimizerKind::adam_keras:
    case OptimizerKind::adamw:
    case OptimizerKind::radam: return heading + adam(s);
  }
  return "";
}

std::string target_network(const DqnConfig& c) {
  const std::string what = c.target.unit == TargetUpdate::Unit::env_step ? "environment step" : "train step";
  const std::string when =
      c.target.every == 1 ? "after every " + what : text("after every ", grouped(c.target.every), " ", what, "s");
  const std::string first = c.target.phase > 0 ? text(", beginning with number ", grouped(c.target.phase)) : std::string();
  const std::string initial =
      c.target.initial == TargetUpdate::Initial::independent ? "    Until then θ⁻ has random weights of its own.\n" : "";
  const std::string tau = exact(c.target.tau);
  const std::string rule =
      c.target.kind == TargetUpdate::Kind::hard ? "    θ⁻ = θ\n" : text("    θ⁻ = ", tau, " θ + (1 - ", tau, ") θ⁻\n");
  return text("Target network: ", when, first, "\n") + rule + initial;
}

std::string rhythm(const DqnConfig& c) {
  const auto count = [](std::int64_t n, const std::string& what) { return text(grouped(n), " ", what, n == 1 ? "" : "s"); };
  std::string lines =
      text("Rhythm: ", count(c.gradient_steps, "train step"), " after every ", count(c.train_frequency, "environment step"),
           ", each on ", count(c.batch_size, "transition"), ",\n    drawn ", c.replay_replacement ? "with" : "without",
           " replacement from the last ", grouped(c.replay_capacity));
  if (c.learning_starts > 0) {
    lines += text("; the first ", count(c.learning_starts, "environment step"), " only fill that memory");
  }
  return lines + "\n";
}

}  // namespace

std::string schedule_formula(const std::string& symbol, const Schedule& s) {
  const bool lagged = s.call == Schedule::Call::lagged;
  const std::string n = text(s.unit == Schedule::Unit::step ? "n environment steps made so far" : "n episodes finished so far",
                             lagged ? ", less the last one: computed before it was counted" : "");
  if (s.call == Schedule::Call::never && s.kind != Schedule::Kind::constant) {
    return text("    ", symbol, "    = ", exact(s.start), ", always: what it falls to is never computed\n");
  }
  const std::string from_end = text(exact(s.end), " + (", exact(s.start), " - ", exact(s.end), ") · ");
  std::string value = exact(s.start);
  if (s.kind == Schedule::Kind::linear) value = text(from_end, "max(0, 1 - n/", exact(s.span), ")");
  if (s.kind == Schedule::Kind::exponential) value = text(from_end, "exp(-n/", exact(s.span), ")");
  if (std::isfinite(s.floor)) value = text("max(", exact(s.floor), ", ", value, ")");
  if (s.kind == Schedule::Kind::constant) return text("    ", symbol, "    = ", value, ", always\n");
  return text("    ", symbol, "(n) = ", value, ",  ", n, "\n");
}

std::string update_formulas(const RunConfig& config) {
  if (uses_table(config)) return tabular_formulas(config);
  const DqnConfig& c = config.dqn;
  return action(c) + rhythm(c) + td_target(c) + loss(c) + clipping(c) + optimizer(c) + target_network(c);
}

}  // namespace handgrad::app
