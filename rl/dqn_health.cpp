#include "dqn_health.h"

#include <array>

#include "../core/finite.h"
#include "../nn/health.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr const char* kAdvice = ": learning has diverged. Lower optimizer.lr, or clip gradients (clip.kind).";

std::string find(const DqnStep& step, ConstVector array) {
  return find_non_finite(step.backend(), step.online().layout(), array);
}

// In brackets, what else there is to know.
std::string beside(const std::string& gradient, double loss) {
  std::string all = gradient.empty() ? "" : "the gradient of " + gradient;
  if (!is_finite(loss)) all += text(all.empty() ? "" : ", ", "the loss is ", shown(loss));
  return all.empty() ? "" : " (" + all + ")";
}

}  // namespace

void require_healthy(const DqnStep& step) {
  const std::string at = text("train step ", step.optimizer().steps(), ": ");
  const double loss = step.loss().value();
  const std::string gradient = find(step, step.online().gradients());
  if (const std::string found = find(step, step.online().parameters()); !found.empty()) {
    fail(at, "parameter ", found, beside(gradient, loss), kAdvice);
  }
  if (!gradient.empty()) fail(at, "the gradient of ", gradient, beside("", loss), kAdvice);
  require(is_finite(loss), at, "the loss is ", shown(loss), kAdvice);
  require(is_finite(step.loss().sum()), at, "the sum of losses since the mean was taken is ", shown(step.loss().sum()),
          kAdvice);
  if (const std::string found = find(step, step.target().parameters()); !found.empty()) {
    fail(at, "the target network's ", found, kAdvice);
  }
  for (const auto& [name, array] : step.optimizer().state()) {
    if (const std::string found = find(step, array); !found.empty()) {
      fail(at, "the optimiser's ", name, " of ", found,
           ": gradients are too large to be squared, so nothing is learned there any "
           "more. Lower optimizer.lr, clip gradients (clip.kind), or scale rewards down.");
    }
  }
}

bool DqnHealth::finite_norm(Backend& backend, ConstVector x) {
  if (x.empty()) return true;
  backend.l2_norm(x, norm_.span());
  std::array<Real, 1> norm{};
  norm_.download(norm);
  return is_finite(norm[0]);
}

void DqnHealth::look(DqnStep& step, double loss) {
  if (!is_finite(loss) || !finite_norm(step.backend(), step.online().parameters())) [[unlikely]]
    require_healthy(step);
}

void DqnHealth::after_fetch(DqnStep& step, double mean_loss) {
  look(step, mean_loss);
  if (!finite_norm(step.backend(), step.target().parameters()) ||
      !finite_norm(step.backend(), step.optimizer().whole_state())) {
    require_healthy(step);
  }
  require(is_finite(mean_loss), "train step ", step.optimizer().steps(),
          ": the sum of losses since the mean was taken last is ", shown(mean_loss), kAdvice);
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
