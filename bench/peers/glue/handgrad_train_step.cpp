// handgrad's side of the comparison of train steps.
//
//   peers_handgrad configurations            prints them as JSON
//   peers_handgrad write FOLDER              writes the starting point of each
//   peers_handgrad serve FOLDER BACKEND      answers requests (see train_step_worker.h)

#include <iostream>

#include <nlohmann/json.hpp>

#include "bench/peers/glue/train_step_worker.h"
#include "core/backends.h"
#include "core/error.h"

using namespace handgrad;

namespace {

class Handgrad : public peers::Contestant {
 public:
  Handgrad(const std::string& backend, const peers::StartingPoint& start)
      : step_(make_backend(backend), start.configuration, start.batches) {
    step_.set_parameters(start.parameters);
  }

  void run(std::int64_t steps) override {
    for (std::int64_t i = 0; i < steps; ++i) step_.run_once();
  }

  std::vector<float> parameters() const override { return step_.parameters(); }

 private:
  app::TrainStep step_;
};

nlohmann::ordered_json describe(const app::TrainStepConfiguration& c) {
  const DqnConfig& dqn = c.dqn;
  const bool soft = dqn.target.kind == TargetUpdate::Kind::soft;
  const char* clip = dqn.clipping.kind == Clipping::Kind::none    ? "none"
                     : dqn.clipping.kind == Clipping::Kind::value ? "value"
                                                                  : "norm";
  return {{"name", c.name},
          {"network", c.network()},
          {"sizes", c.sizes()},
          {"batch", dqn.batch_size},
          {"flops", c.flops()},
          {"optimizer",
           {{"name", to_string(dqn.optimizer.kind)},
            {"lr", dqn.optimizer.lr},
            {"beta1", dqn.optimizer.beta1},
            {"beta2", dqn.optimizer.beta2},
            {"eps", dqn.optimizer.eps},
            {"weight_decay", dqn.optimizer.weight_decay},
            {"amsgrad", dqn.optimizer.amsgrad}}},
          {"loss", dqn.loss.kind == LossKind::mse ? "mse" : "smooth_l1"},
          {"clip", {{"kind", clip}, {"limit", dqn.clipping.limit}}},
          {"target", {{"kind", soft ? "soft" : "hard"}, {"every", dqn.target.every}, {"tau", dqn.target.tau}}}};
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 1 && words[0] == "configurations") {
    auto all = nlohmann::ordered_json::array();
    for (const auto& c : app::train_step_configurations()) all.push_back(describe(c));
    std::cout << all.dump() << '\n';
  } else if (words.size() == 2 && words[0] == "write") {
    for (const auto& c : app::train_step_configurations())
      peers::write_starting_point(words[1], peers::make_starting_point(c));
  } else if (words.size() == 3 && words[0] == "serve") {
    peers::serve(words[1], [&](const peers::StartingPoint& start) { return std::make_unique<Handgrad>(words[2], start); });
  } else {
    std::cerr << "usage: peers_handgrad configurations | write FOLDER | serve FOLDER BACKEND\n";
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "peers_handgrad: " << error.what() << '\n';
    return 1;
  }
}
