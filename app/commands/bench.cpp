#include <iostream>

#include <nlohmann/json.hpp>

#include "app/bench/peak.h"
#include "app/bench/timing.h"
#include "app/commands/commands.h"
#include "app/format.h"
#include "app/machine.h"
#include "app/text_table.h"
#include "app/usage_error.h"
#include "core/backends.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

Json describe_machine(const Peak& peak, const std::string& backend) {
  const BuildInfo build = build_info();
  return {{"peak_gflops", peak.gflops},
          {"backend", backend},
          {"isa", peak.isa},
          {"cpu", cpu_model()},
          {"compiler", build.compiler},
          {"flags", build.flags},
          {"kernel_flags", build.kernel_flags},
          {"build_type", build.build_type},
          {"version", HANDGRAD_VERSION},
          {"threads", 1}};
}

void print_machine(const Json& j) {
  std::cout << "machine    " << j["cpu"].get<std::string>() << ", one thread\n"
            << "compiler   " << j["compiler"].get<std::string>() << ", " << j["build_type"].get<std::string>() << ": "
            << j["flags"].get<std::string>() << "; kernels: " << j["kernel_flags"].get<std::string>() << '\n'
            << "FMA peak   " << fixed(j["peak_gflops"], 1) << " GFLOP/s in float (" << j["isa"].get<std::string>() << ")\n"
            << "backend    " << j["backend"].get<std::string>() << "\n\n"
            << std::flush;
}

void time_train_steps(Json& j, const std::string& backend, double peak_gflops) {
  TextTable table({"train step", "network", "batch", "µs", "floor µs", "GFLOP/s", "of peak"}, "llrrrrr");
  for (const auto& configuration : train_step_configurations()) {
    const double seconds = train_step_seconds(configuration, backend);
    const double floor = configuration.flops() / (peak_gflops * 1e9);
    j["train_step_us"][configuration.name] = seconds * 1e6;
    j["floor_us"][configuration.name] = floor * 1e6;
    table.add({configuration.name, configuration.network(), std::to_string(configuration.dqn.batch_size),
               fixed(seconds * 1e6, 1), fixed(floor * 1e6, 1), fixed(configuration.flops() / seconds / 1e9, 1),
               fixed(100 * floor / seconds, 0) + " %"});
  }
  std::cout << table.to_string() << '\n' << std::flush;
}

void time_environments(Json& j) {
  TextTable table({"environment", "single steps/s", "vector exact steps/s"}, "lrr");
  for (const char* id : {"CartPole-v1", "FrozenLake-v1"}) {
    const EnvironmentSpeed speed = environment_speed(id);
    j["env_steps_per_second"][id] = {{"single", speed.single}, {"vector_exact", speed.vector_exact}, {"vector_fast", nullptr}};
    table.add({id, grouped(static_cast<std::int64_t>(speed.single)), grouped(static_cast<std::int64_t>(speed.vector_exact))});
  }
  std::cout << table.to_string();
}

}  // namespace

int bench_command(const BenchOptions& options) {
  const std::string backend = options.backend.value_or(default_backend());
  try {
    make_backend(backend);
  } catch (const Error& error) {
    wrong_use("--backend: ", error.what());
  }
  const Peak peak = measure_peak();
  Json j = describe_machine(peak, backend);
  print_machine(j);
  time_train_steps(j, backend, peak.gflops);
  time_environments(j);
  if (options.json) std::cout << j.dump() << '\n';
  return 0;
}

}  // namespace handgrad::app
