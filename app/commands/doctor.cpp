#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/config/presets.h"
#include "app/machine.h"
#include "app/plots/gnuplot.h"
#include "app/watch/canvas.h"
#include "app/watch/gif.h"
#include "core/backends.h"
#include "core/cuda_plugin.h"
#include "core/real.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

std::string presets_place() {
  try {
    return preset_folder().string();
  } catch (const Error& error) {
    return error.what();
  }
}

Json examine() {
  Json j;
  j["version"] = HANDGRAD_VERSION;
  const BuildInfo build = build_info();
  j["commit"] = build.commit.empty() ? "unknown" : build.commit;
  j["compiler"] = build.compiler;
  j["build_type"] = build.build_type;
  j["flags"] = build.flags;
  j["kernel_flags"] = build.kernel_flags;
  j["precision"] = sizeof(Real) == sizeof(float) ? "float" : "double";
  j["cpu"] = cpu_model();
  j["processors"] = processor_count();
  j["instruction_sets"] = instruction_sets();
  for (const auto& backend : list_backends()) {
    j["backends"][backend.name] = {
        {"available", backend.available}, {"default", backend.name == default_backend()}, {"about", backend.description}};
  }
  for (const auto& set : kernel_sets()) {
    j["simd"][set.name] = {{"available", set.available}, {"chosen", set.chosen}, {"about", set.about}};
  }
  const CudaStatus cuda = cuda_status();
  for (const auto& [name, step] : {std::pair{"driver", cuda.driver}, {"library", cuda.library}, {"device", cuda.device}}) {
    j["cuda"][name] = {{"available", step.works}, {"about", step.about}};
  }
  const std::string gnuplot = gnuplot_version();
  j["gnuplot"] = gnuplot.empty() ? Json(nullptr) : Json(gnuplot);
  j["cairo"] = {{"available", can_draw()}, {"about", drawing_library()}};
  j["giflib"] = {{"available", can_write_gifs()}, {"about", gif_library()}};
  j["presets"] = presets_place();
  return j;
}

std::string joined(const Json& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : " ") + name.get<std::string>();
  return list;
}

void print(const Json& j) {
  const auto line = [](const std::string& name, const std::string& value) {
    std::cout << name << std::string(name.size() < 18 ? 18 - name.size() : 1, ' ') << value << '\n';
  };
  line("handgrad", j["version"].get<std::string>() + ", commit " + j["commit"].get<std::string>() + ", computes in " +
                       j["precision"].get<std::string>());
  line("compiler", j["compiler"]);
  line("build", j["build_type"].get<std::string>() + ": " + j["flags"].get<std::string>());
  line("kernels", j["kernel_flags"]);
  line("processor", j["cpu"].get<std::string>() + ", " + std::to_string(j["processors"].get<unsigned>()) + " of them to use");
  line("instruction sets", joined(j["instruction_sets"]));
  for (const auto& [name, backend] : j["backends"].items()) {
    line("backend " + name, std::string(backend["available"] ? "works" : "missing") + ": " +
                                backend["about"].get<std::string>() + (backend["default"] ? " (the default)" : ""));
  }
  for (const auto& [name, set] : j["simd"].items()) {
    line("simd:" + name, std::string(set["available"] ? "works" : "missing") + ": " + set["about"].get<std::string>());
  }
  for (const auto& [name, step] : j["cuda"].items()) {
    line("cuda " + name, std::string(step["available"] ? "works" : "missing") + ": " + step["about"].get<std::string>());
  }
  line("gnuplot",
       j["gnuplot"].is_null() ? "missing: runs draw no pictures until it is installed" : j["gnuplot"].get<std::string>());
  for (const char* library : {"cairo", "giflib"}) line(library, j[library]["about"].get<std::string>());
  line("presets", j["presets"]);
}

}  // namespace

int doctor_command(const DoctorOptions& options) {
  const Json j = examine();
  if (options.json) {
    std::cout << j.dump() << '\n';
  } else {
    print(j);
  }
  return 0;
}

}  // namespace handgrad::app
