#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "../core/real.h"
#include "../core/safetensors.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// A trained model that acts, a network or a table: what a program embeds once training is over.
///
///   Policy policy = Policy::load("runs/cartpole-seed1/checkpoint/best/model.safetensors");
///   int action = policy.act(observation);
///
/// Thread safety: act and values use work memory of the object, so one Policy serves one thread at a time; give each thread
/// its own (loading is cheap, objects share nothing).
class Policy {
 public:
  /// Reads a model file as `handgrad train` writes it. Of a network, layer widths come from the shapes, the activation from
  /// the metadata; of a table (an array `q`, or `q_a` and `q_b`), the metadata say how observations become states.
  /// backend: a name for make_backend, default_backend() if empty; tables need none. Throws Error naming the file and what is
  /// wrong with it.
  static Policy load(const std::filesystem::path& path, const std::string& backend = "");
  /// From a file's content; `origin` names it in errors.
  static Policy from_tensors(const TensorFile& file, const std::string& origin, const std::string& backend = "");

  Policy(Policy&&) noexcept;
  Policy& operator=(Policy&&) noexcept;
  ~Policy();

  /// The action with the highest value (the lowest among equals) for one observation [D]. Throws Error if its size is not D
  /// or a value is not finite, and for a state that a table does not have.
  std::int32_t act(std::span<const float> observation);
  /// The same for n observations [n, D].
  void act(std::span<const float> observations, std::span<std::int32_t> actions);
  /// The action values [A] of one observation: a network's in its own precision, a table's in double (of two tables the mean;
  /// -∞ where an action is not legal).
  std::vector<double> values(std::span<const float> observation);

  std::int64_t observation_size() const;
  std::int64_t actions() const;
  const std::map<std::string, std::string>& metadata() const;  ///< preset, environment, activation …

  /// What acts: a network or a table.
  class Impl;

 private:
  explicit Policy(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
