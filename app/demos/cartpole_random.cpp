// An agent that learns nothing: how long the pole stays up by luck alone.

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/format.h"
#include "envs/registry.h"
#include "rl/evaluation.h"

namespace handgrad::app {

namespace {

constexpr double kTrack = 2.4, kDegrees = 57.29577951308232;
constexpr int kWidth = 49;          // columns of the track
constexpr std::size_t kFrames = 6;  // of the picture

/// The cart on its track, seen from the side: the pole leans more than two degrees or stands.
std::string frame(std::int64_t t, const std::vector<float>& observation) {
  const double x = static_cast<double>(observation[0]), angle = static_cast<double>(observation[2]) * kDegrees;
  const double place = (std::clamp(x, -kTrack, kTrack) + kTrack) / (2 * kTrack) * (kWidth - 1);
  std::string track(kWidth, '.');
  track[static_cast<std::size_t>(std::lround(place))] = angle > 2 ? '/' : angle < -2 ? '\\' : '|';
  std::string step = std::to_string(t);
  step.insert(0, step.size() < 5 ? 5 - step.size() : 0, ' ');
  return text(step, "  ", track, "  x ", fixed(x, 2), "  angle ", fixed(angle, 1), "\n");
}

/// A few moments of an episode, the first and the last among them.
std::vector<Scene> some_of(const std::vector<Scene>& scenes) {
  const std::size_t n = std::min(kFrames, scenes.size());
  std::vector<Scene> chosen;
  for (std::size_t k = 0; k < n; ++k) chosen.push_back(scenes[n == 1 ? 0 : k * (scenes.size() - 1) / (n - 1)]);
  return chosen;
}

struct Agent {
  std::unique_ptr<Environment> environment;
  Generator random;
  std::vector<float> observation;

  StepResult step() { return environment->step(random.integers(0, environment->action_space().n), observation); }
};

/// Plays one episode; `look` sees every observation, the first and the last one included.
double play(Agent& agent, std::optional<std::uint64_t> seed, const std::function<void(std::int64_t)>& look) {
  agent.environment->reset(seed, agent.observation);
  double sum = 0;
  for (std::int64_t t = 0;; ++t) {
    look(t);
    const StepResult step = agent.step();
    sum += step.reward;
    if (!step.terminated && !step.truncated) continue;
    look(t + 1);
    return sum;
  }
}

DemoReport run(const DemoRequest& request) {
  Agent agent{Registry::gymnasium().make("CartPole-v1"), Generator::stream(request.seed, kExploration), std::vector<float>(4)};
  const std::int64_t episodes = request.values.whole("episodes"), every = request.values.whole("every");

  std::string lines = "one episode, a line every " + std::to_string(every) + " steps and at its end\n", last_frame;
  Curve position{"position / 2.4", {}, {}, {}, {}}, angle{"angle / 12 degrees", {}, {}, {}, {}};
  std::vector<Scene> scenes;
  const double shown = play(agent, request.seed, [&](std::int64_t t) {
    position.x.push_back(static_cast<double>(t)), angle.x.push_back(static_cast<double>(t));
    position.y.push_back(static_cast<double>(agent.observation[0]) / kTrack);
    angle.y.push_back(static_cast<double>(agent.observation[2]) * kDegrees / 12);
    scenes.push_back(scene_of(*agent.environment).value());
    last_frame = t % every == 0 ? "" : frame(t, agent.observation);
    if (t % every == 0) lines += frame(t, agent.observation);
  });
  lines += last_frame + text("reward of this episode: ", brief(shown), "\n");

  Curve returns{"", {}, {}, {}, {}, Curve::Style::points};
  for (std::int64_t episode = 0; episode < episodes; ++episode) {
    returns.x.push_back(static_cast<double>(episode));
    returns.y.push_back(play(agent, std::nullopt, [](std::int64_t) {}));
    request.progress(episode + 1, episodes);
  }
  const ReturnStatistics s = statistics(returns.y);
  lines += text("\nmean of ", grouped(episodes), " more: ", fixed(s.mean, 2), " +- ", fixed(s.std, 2), ", from ", brief(s.min),
                " to ", brief(s.max), "\n");
  const nlohmann::ordered_json json = {{"shown", shown}, {"episodes", episodes}, {"mean", s.mean},
                                       {"std", s.std},   {"min", s.min},         {"max", s.max}};
  LineChart episode{"One episode at random", "Step", "part of the limit", {position, angle}};
  LineChart all{"Returns", "Episode", "Return", {returns}};
  all.threshold = s.mean;
  all.threshold_label = "mean";
  DemoReport report{lines, json.dump(), {{"cartpole-random", {{episode, all}, 9.6, 4.0}}}, some_of(scenes)};
  if (episodes >= 10'000) report.bars = {close_to("the mean of 10,000 episodes is 22.27 +- 0.5", s.mean, 22.27, 0.5, 2)};
  return report;
}

}  // namespace

Demo cartpole_random_demo() {
  return {"cartpole-random",
          "an agent that pushes the cart at random: one episode to look at, and the mean of more",
          {{"episodes", std::int64_t{5}, "how many the mean is of", within(1, 10'000'000), {}},
           {"every", std::int64_t{5}, "steps from one shown frame to the next", at_least(1), {}}},
          run};
}

}  // namespace handgrad::app
