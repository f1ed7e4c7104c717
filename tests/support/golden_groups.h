#pragma once

#include "arrays.h"
#include "golden_comparison.h"
#include "nn/loss.h"
#include "nn/mlp.h"
#include "nn/optimizer.h"

/// Private to golden*.cpp: how each group of cases is computed with the engine. Files are named after the groups.
namespace handgrad::golden {

using handgrad::on;

/// Computes one case on a backend and hands every result to the comparison. Throws FileError for a case that lacks what it
/// needs, Skip for one that asks for what the engine does not have.
using Comparer = void (*)(const Case& c, Backend& backend, Comparison& comparison);

// golden_layers.cpp
void compare_linear(const Case& c, Backend& backend, Comparison& comparison);
void compare_activation(const Case& c, Backend& backend, Comparison& comparison);
void compare_mlp(const Case& c, Backend& backend, Comparison& comparison);
void compare_loss(const Case& c, Backend& backend, Comparison& comparison);
// golden_parameters.cpp
void compare_optimizer(const Case& c, Backend& backend, Comparison& comparison);
void compare_clip_by_value(const Case& c, Backend& backend, Comparison& comparison);
void compare_clip_by_norm(const Case& c, Backend& backend, Comparison& comparison);
void compare_initialization(const Case& c, Backend& backend, Comparison& comparison);
void compare_schedule(const Case& c, Backend& backend, Comparison& comparison);
// golden_dqn.cpp
void compare_td_target(const Case& c, Backend& backend, Comparison& comparison);
void compare_dqn_losses(const Case& c, Backend& backend, Comparison& comparison);
void compare_dqn_training(const Case& c, Backend& backend, Comparison& comparison);
// golden_nstep.cpp
void compare_nstep_target(const Case& c, Backend& backend, Comparison& comparison);
// golden_tabular.cpp
void compare_tabular(const Case& c, Backend& backend, Comparison& comparison);
// golden_planning.cpp
void compare_planning(const Case& c, Backend& backend, Comparison& comparison);

// What they share: golden_groups.cpp.

/// A copy in the backend's memory, rounded to Real.
Buffer<Real> on(Backend& backend, const Value& value);

/// `config.net`: {sizes, activation, params, layout}. Throws FileError if params or layout are not those of linear layers in
/// PyTorch's order.
struct NetConfig {
  MlpSpec spec;
  std::int64_t inputs, outputs, parameters;
};
NetConfig net_config(const Case& c);
Network make_network(Backend& backend, const NetConfig& net, const std::vector<Real>& parameters, std::int64_t max_batch);

/// {"name": "huber", "delta": 0.5} and the like; mean squared error if there is no such key.
LossSpec loss_config(const Config& config, const std::string& key = "loss");
/// {"name": "AdamW", "lr": 1e-3, ...}: PyTorch's class names or the engine's own.
OptimizerSpec optimizer_config(const Config& optimizer);

}  // namespace handgrad::golden
