#include "app/watch/player.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "envs/tabular.h"

namespace handgrad::app {

namespace {

std::vector<std::int64_t> allowed_actions(const Environment& environment) {
  const Discrete space = environment.action_space();
  const auto* table = dynamic_cast<const TabularEnvironment*>(&environment.unwrapped());
  const std::vector<std::uint8_t> legal = table != nullptr ? table->legal_actions() : std::vector<std::uint8_t>{};
  std::vector<std::int64_t> actions;
  for (std::int64_t a = 0; a < space.n; ++a) {
    if (legal.empty() || legal[static_cast<std::size_t>(table->current_state() * space.n + a)] != 0) {
      actions.push_back(space.start + a);
    }
  }
  return actions;
}

}  // namespace

Agent random_agent(const Environment& environment) {
  const auto stream = std::make_shared<Generator>(0);
  return {"random agent", [stream](std::uint64_t seed) { *stream = Generator::stream(seed, kRandomAgent); },
          [stream, &environment](std::span<const float>) {
            const auto actions = allowed_actions(environment);
            const auto drawn = stream->integers(0, static_cast<std::int64_t>(actions.size()));
            return Choice{actions[static_cast<std::size_t>(drawn)], {}};
          }};
}

Player::Player(std::string name, std::unique_ptr<Environment> environment, Agent agent, std::uint64_t seed)
    : environment_(std::move(environment)), agent_(std::move(agent)), seed_(seed) {
  now_.environment = std::move(name);
  now_.agent = agent_.name;
  now_.actions = environment_->action_space().n;
  now_.observation.resize(static_cast<std::size_t>(environment_->observation_size()));
  begin();
}

void Player::begin() {
  now_.step = 0;
  now_.last_action.reset();
  now_.reward = now_.episode_return = 0;
  now_.ending = Ending::none;
  now_.scene.reset();
  agent_.begin(episode_seed());
  environment_->reset(episode_seed(), now_.observation);
  look();
}

void Player::next_episode() {
  ++now_.episode;
  begin();
}

void Player::restart() { begin(); }

void Player::step() {
  require(!over(), "the episode is over: it has no next step");
  const std::int64_t action = now_.choice->action;
  const StepResult result = environment_->step(action, now_.observation);
  ++now_.step;
  now_.last_action = action;
  now_.reward = result.reward;
  now_.episode_return += result.reward;
  now_.ending = result.terminated ? Ending::terminated : result.truncated ? Ending::truncated : Ending::none;
  look();
}

void Player::look() {
  now_.scene = scene_of(*environment_, now_.scene);
  if (auto* table = now_.scene ? std::get_if<BlackjackScene>(&*now_.scene) : nullptr) table->dealer_hidden = !over();
  now_.text = environment_->ansi();
  now_.choice.reset();
  if (over()) return;
  now_.choice = agent_.choose(now_.observation);
  for (const double value : now_.choice->values) {
    if (!std::isfinite(value)) continue;
    now_.least_value = std::min(now_.least_value, value);
    now_.most_value = std::max(now_.most_value, value);
  }
}

}  // namespace handgrad::app
