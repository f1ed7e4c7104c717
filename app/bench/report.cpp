#include "app/bench/report.h"

#include <iostream>

#include "app/format.h"
#include "app/machine.h"
#include "app/text_table.h"

namespace handgrad::app {

namespace {

double micro(double seconds) { return seconds * 1e6; }
std::string percent(double share) { return fixed(100 * share, 0) + " %"; }

}  // namespace

void report_machine(BenchJson& j, const Peaks& peaks, const std::string& backend) {
  const BuildInfo build = build_info();
  std::string sets;
  j["peak_gflops"] = peaks.best().gflops;
  j["isa"] = to_string(peaks.best().set);
  for (const auto& [set, gflops] : peaks.all()) {
    j["peak_gflops_by_isa"][std::string(to_string(set))] = gflops;
    sets += text(sets.empty() ? "" : ", ", to_string(set), ' ', fixed(gflops, 1));
  }
  j["backend"] = backend;
  j["cpu"] = cpu_model();
  j["compiler"] = build.compiler;
  j["flags"] = build.flags;
  j["kernel_flags"] = build.kernel_flags;
  j["build_type"] = build.build_type;
  j["version"] = HANDGRAD_VERSION;
  j["threads"] = 1;
  std::cout << "machine    " << cpu_model() << ", one thread\n"
            << "compiler   " << build.compiler << ", " << build.build_type << ": " << build.flags
            << "; eigen backend: " << build.kernel_flags << '\n'
            << "FMA peak   " << fixed(peaks.best().gflops, 1) << " GFLOP/s in float (" << sets << ")\n"
            << "backend    " << backend << '\n';
}

void report_train_steps(BenchJson& j, const std::vector<TrainStepTimes>& all, double peak_gflops) {
  for (const char* key : {"train_step_us", "train_step_least_us", "floor_us", "train_step_gflops", "act_us"}) {
    j[key] = BenchJson::object();
  }
  if (all.empty()) return;
  TextTable table({"train step", "network", "batch", "µs", "least µs", "dense floor µs", "GFLOP/s", "of peak", "acting µs"},
                  "llrrrrrrr");
  for (const auto& [c, step, acting] : all) {
    const double floor = c.flops() / (peak_gflops * 1e9), gflops = c.flops() / step.median / 1e9;
    j["train_step_us"][c.name] = micro(step.median);
    j["train_step_least_us"][c.name] = micro(step.least);
    j["floor_us"][c.name] = micro(floor);
    j["train_step_gflops"][c.name] = gflops;
    j["act_us"][c.name] = micro(acting.median);
    table.add({c.name, c.network(), std::to_string(c.dqn.batch_size), fixed(micro(step.median), 2),
               fixed(micro(step.least), 2), fixed(micro(floor), 2), fixed(gflops, 1), percent(floor / step.median),
               fixed(micro(acting.median), 3)});
  }
  std::cout << '\n'
            << table.to_string()
            << "dense floor: every multiply-add at the peak, those with the zeros of a ReLU (about half) too. A backend that "
               "leaves\n"
               "zeros out can be below it, and above 100 % of the peak.\n";
}

void report_environments(BenchJson& j, const std::vector<EnvironmentSpeedOf>& all) {
  j["env_steps_per_second"] = BenchJson::object();
  j["vector_environments"] = EnvironmentTimer::kEnvironments;
  if (all.empty()) return;
  const auto rate = [](double steps) { return grouped(static_cast<std::int64_t>(steps)); };
  TextTable table({"environment steps a second", "single", "vector exact", "vector fast"}, "lrrr");
  for (const auto& [id, speed] : all) {
    BenchJson& entry = j["env_steps_per_second"][id] = {
        {"single", speed.single}, {"vector_exact", speed.vector_exact}, {"vector_fast", nullptr}};
    if (speed.vector_fast) entry["vector_fast"] = *speed.vector_fast;
    table.add({id, rate(speed.single), rate(speed.vector_exact), speed.vector_fast ? rate(*speed.vector_fast) : "-"});
  }
  std::cout << '\n'
            << table.to_string() << "vector: " << grouped(EnvironmentTimer::kEnvironments) << " side by side, all counted\n";
}

void report_agents(BenchJson& j, const std::vector<AgentsSpeed>& all, int threads) {
  j["threads"] = threads;
  j["agent_steps_per_second"] = BenchJson::object();
  TextTable table({"agents", "agent steps a second", "µs a step of all"}, "rrr");
  for (const AgentsSpeed& speed : all) {
    j["agent_steps_per_second"][std::to_string(speed.agents)] = speed.steps_per_second;
    table.add({grouped(speed.agents), grouped(static_cast<std::int64_t>(speed.steps_per_second)),
               fixed(micro(static_cast<double>(speed.agents) / speed.steps_per_second), 1)});
  }
  std::cout << '\n'
            << table.to_string()
            << "an agent step: an environment step and a train step. CartPole-v1, 4-64-64-2, batch 64, Adam; " << threads
            << (threads == 1 ? " thread" : " threads") << " of the host\n";
}

void report_memory(BenchJson& j, const std::vector<MemoryLevel>& levels) {
  std::string line;
  for (const MemoryLevel& level : levels) {
    j["read_gbps"][level.name] = level.gbps;
    line += (line.empty() ? "" : ", ") + level.name + ' ' + fixed(level.gbps, 0);
  }
  std::cout << "reading    " << line << " GB/s\n";
}

void report_breakdown(BenchJson& j, const TrainStepConfiguration& c, const Breakdown& b) {
  TextTable table({"operation", "network", "shape", "zeros", "µs", "of step", "dense floor µs", "which is of", "x floor"},
                  "lllrrrrlr");
  const double whole = b.whole.median;
  BenchJson rows = BenchJson::array();
  for (const OperationTime& o : b.operations) {
    const double seconds = o.per_step * o.seconds.median, floor = o.per_step * o.floor;
    rows.push_back({{"operation", o.operation},
                    {"network", o.network},
                    {"shape", o.shape},
                    {"per_step", o.per_step},
                    {"us", micro(seconds)},
                    {"flops", o.per_step * o.flops},
                    {"bytes_read", o.per_step * o.traffic.read},
                    {"bytes_written", o.per_step * o.traffic.written},
                    {"floor_us", micro(floor)},
                    {"bound", o.bound},
                    {"zeros", o.zeros}});
    table.add({o.operation, o.network, o.shape, o.operation.starts_with("linear_") ? percent(o.zeros) : "",
               fixed(micro(seconds), 3), percent(seconds / whole), fixed(micro(floor), 3), o.bound,
               fixed(seconds / floor, 1)});
  }
  const double sum = b.sum_seconds(), floor = b.sum_floor();
  table.add(
      {"sum", "", "", "", fixed(micro(sum), 3), percent(sum / whole), fixed(micro(floor), 3), "", fixed(sum / floor, 1)});
  table.add({"whole step", "", "", "", fixed(micro(whole), 3), "100 %", "", "", ""});
  j["train_step_us"][c.name] = micro(whole);
  j["breakdown"][c.name] = {{"operations", rows}, {"sum_us", micro(sum)}, {"sum_floor_us", micro(floor)}};
  std::cout << '\n'
            << c.name << ", " << c.network() << ", batch " << c.dqn.batch_size << '\n'
            << table.to_string() << std::flush;
}

}  // namespace handgrad::app
