#include "app/run/train_agents.h"

#include <algorithm>

#include "app/config/build_run.h"
#include "app/config/resolve.h"
#include "app/format.h"
#include "app/interrupt.h"
#include "app/run/csv.h"
#include "app/run/train_run.h"
#include "app/usage_error.h"
#include "core/atomic_file.h"
#include "core/backends.h"
#include "rl/policy.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kReports = 100;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

std::unique_ptr<ManyAgents> make_agents(const ManyAgentsSpec& spec, const std::string& backend) {
  try {
    return make_many_agents(spec, backend);
  } catch (const Error& error) {
    wrong_use("--seeds on --backend ", backend, ": ", error.what());
  }
}

class RecordedAgents {
 public:
  RecordedAgents(const RunConfig& config, const ManyAgentsSpec& spec, const std::string& backend, NewFolder& folder,
                 ProgressDisplay& progress, Clock::time_point begun)
      : begun_(begun),
        config_(config),
        spec_(spec),
        backend_(backend),
        agents_(make_agents(spec, backend)),
        layout_(parameter_layout(spec)),
        folder_(folder.path()),
        progress_(progress),
        progress_rows_(folder_ / "progress.csv",
                       "env_step,episodes,return_mean,return_std,return_min,return_max,loss_mean,solved") {
    write_file_atomically(folder_ / "config.toml", to_toml(config));
    folder.keep();
  }

  AgentsSummary train() {
    const Clock::time_point training_begun = Clock::now();
    const std::int64_t steps = config_.trainer.max_env_steps, interval = (steps + kReports - 1) / kReports;
    while (agents_->env_steps() < steps && !interrupted()) {
      const std::int64_t end = std::min(steps, agents_->env_steps() + interval);
      while (agents_->env_steps() < end && !interrupted()) run_piece(end - agents_->env_steps());
      report();
    }
    AgentsSummary summary = summarise();
    summary.training_seconds = seconds_since(training_begun);
    summary.interrupted = interrupted();
    write_agents();
    write_all_models();
    write_model("best", summary.best.agent);
    write_model("median", summary.median.agent);
    if (!summary.interrupted) {
      summary.best.evaluation = judge("best");
      summary.median.evaluation = judge("median");
    }
    summary.wall_seconds = seconds_since(begun_);
    write_file_atomically(folder_ / "summary.json", to_json(summary, 2) + "\n");
    return summary;
  }

 private:
  // As many steps as take about a quarter of a second, so that Ctrl-C is noticed.
  void run_piece(std::int64_t most) {
    const Clock::time_point before = Clock::now();
    agents_->run(std::min(most, piece_));
    const double seconds = seconds_since(before);
    if (seconds < 0.1 && piece_ <= most) piece_ *= 2;
    if (seconds > 0.4) piece_ = std::max<std::int64_t>(1, piece_ / 2);
  }

  void report() {
    reports_ = agents_->reports();
    std::int64_t episodes = 0, solved = 0;
    std::vector<double> returns, losses;
    for (std::size_t k = 0; k < reports_.size(); ++k) {
      const AgentReport& agent = reports_[k];
      episodes += agent.episodes;
      solved += agent.solved_at_env_step ? 1 : 0;
      if (agent.mean_return) returns.push_back(*agent.mean_return);
      if (agent.loss) losses.push_back(*agent.loss);
      progress_.update(k, {.episodes = agent.episodes,
                           .env_steps = agents_->env_steps(),
                           .recent_return = agent.mean_return,
                           .loss = agent.loss});
    }
    progress_rows_.add(agents_->env_steps()).add(episodes);
    add_statistics(returns);
    progress_rows_.add(losses.empty() ? std::nullopt : std::optional(statistics(losses).mean)).add(solved).end_row();
  }

  void add_statistics(const std::vector<double>& returns) {
    if (returns.empty()) {
      for (int i = 0; i < 4; ++i) progress_rows_.add(std::optional<double>());
      return;
    }
    const ReturnStatistics s = statistics(returns);
    progress_rows_.add(s.mean).add(s.std).add(s.min).add(s.max);
  }

  AgentsSummary summarise() {
    if (reports_.empty()) report();  // interrupted before the first step
    AgentsSummary s;
    s.preset = config_.preset;
    s.variants = config_.variants;
    s.environment = config_.environment.id;
    s.algorithm = config_.algorithm;
    s.backend = backend_;
    s.threads = spec_.threads;
    s.env_steps = agents_->env_steps();
    s.threshold = spec_.solved_threshold;
    s.agents = reports_;
    const std::vector<std::size_t> order = ranking(reports_);
    s.best.agent = order.front();
    s.median.agent = order[(order.size() - 1) / 2];
    return s;
  }

  void write_agents() const {
    CsvWriter rows(folder_ / "agents.csv", "seed,episodes,mean_return,solved_at_env_step,train_steps,loss",
                   CsvWriter::Rows::gathered);
    for (const AgentReport& agent : reports_) {
      rows.add(static_cast<std::int64_t>(agent.seed)).add(agent.episodes).add(agent.mean_return);
      if (agent.solved_at_env_step) {
        rows.add(*agent.solved_at_env_step);
      } else {
        rows.add(std::optional<double>());
      }
      rows.add(agent.train_steps).add(agent.loss).end_row();
    }
    rows.flush();
  }

  std::map<std::string, std::string> metadata() const {
    return {{"activation", std::string(to_string(config_.dqn.activation))},
            {"preset", config_.preset},
            {"environment", config_.environment.id},
            {"algorithm", config_.algorithm},
            {"env_step", std::to_string(agents_->env_steps())},
            {"handgrad_version", HANDGRAD_VERSION}};
  }

  // An array of the network for all agents, their number in front of its shape.
  void write_all_models() {
    const std::int64_t K = agents_->agents(), P = layout_.back().offset + layout_.back().size;
    if (K * P > kMostModelBytes / static_cast<std::int64_t>(sizeof(float))) return;
    TensorFile file{metadata(), {}};
    file.metadata["first_seed"] = std::to_string(spec_.first_seed);
    for (const Network::Entry& entry : layout_) {
      std::vector<std::int64_t> shape = {K};
      shape.insert(shape.end(), entry.shape.begin(), entry.shape.end());
      file.tensors.push_back({entry.name, shape, {}});
      file.tensors.back().values.reserve(static_cast<std::size_t>(K * entry.size));
    }
    for (std::int64_t k = 0; k < K; ++k) {
      const std::vector<Real> parameters = agents_->parameters(k);
      for (std::size_t l = 0; l < layout_.size(); ++l) {
        const auto first = parameters.begin() + layout_[l].offset;
        file.tensors[l].values.insert(file.tensors[l].values.end(), first, first + layout_[l].size);
      }
    }
    write_safetensors(folder_ / "agents.safetensors", file);
  }

  void write_model(const std::string& which, std::size_t agent) {
    TensorFile file{metadata(), {}};
    file.metadata["seed"] = std::to_string(reports_[agent].seed);
    const std::vector<Real> parameters = agents_->parameters(static_cast<std::int64_t>(agent));
    for (const Network::Entry& entry : layout_) {
      const auto first = parameters.begin() + entry.offset;
      file.tensors.push_back({entry.name, entry.shape, std::vector<float>(first, first + entry.size)});
    }
    fs::create_directories(model_file(folder_, which).parent_path());
    write_safetensors(model_file(folder_, which), file);
  }

  // On the same starts for whoever is judged, and as `handgrad eval` does it.
  ReturnStatistics judge(const std::string& which) const {
    Policy policy = Policy::load(model_file(folder_, which), config_.backend);
    const auto act = [&](std::span<const float> observations, std::span<std::int32_t> actions) {
      policy.act(observations, actions);
    };
    return play(config_, act, config_.final_evaluation_episodes, final_evaluation_seed(config_.seed)).statistics;
  }

  Clock::time_point begun_;
  RunConfig config_;
  ManyAgentsSpec spec_;
  std::string backend_;
  std::unique_ptr<ManyAgents> agents_;
  std::vector<Network::Entry> layout_;
  fs::path folder_;
  ProgressDisplay& progress_;
  CsvWriter progress_rows_;
  std::vector<AgentReport> reports_;  // the last ones
  std::int64_t piece_ = 1;
};

}  // namespace

ManyAgentsSpec agents_spec(const RunConfig& config, std::int64_t agents, int threads) {
  const auto refuse = [](const auto&... what) { wrong_use("agents that are trained at once ", what...); };
  if (uses_table(config)) refuse("have networks, and ", config.algorithm, " has tables: choose another --backend");
  if (config.environment.count > 1) refuse("have one environment each: set env.count=1");
  if (config.environment.fast) refuse("have exact environments: set env.fast=false");
  if (config.environment.block_steps > 0) refuse("know no blocks: set env.block_steps=0");
  if (config.trainer.max_episodes > 0) refuse("make equally many steps: set train.episodes=0 and train.env_steps");
  ManyAgentsSpec spec;
  spec.dqn = config.dqn;
  spec.environment = config.environment.id;
  spec.options = config.environment.options;
  spec.max_episode_steps = config.environment.max_episode_steps;
  spec.observation = config.environment.observation;
  spec.agents = agents;
  spec.first_seed = config.seed;
  spec.solved_threshold = config.trainer.solved_threshold;
  spec.threads = threads;
  return spec;
}

AgentsSummary train_agents(const RunConfig& config, const ManyAgentsSpec& spec, const std::string& backend, NewFolder& folder,
                           ProgressDisplay& progress, std::chrono::steady_clock::time_point begun) {
  return RecordedAgents(config, spec, backend, folder, progress, begun).train();
}

bool holds_agents(const fs::path& folder) { return fs::exists(folder / "agents.csv"); }

}  // namespace handgrad::app
