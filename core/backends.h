#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// A backend by the name a user writes after --backend:
///   reference   the loops a textbook would print; the oracle for the others
///   eigen       Eigen, single-threaded (absent when built with -DHANDGRAD_EIGEN=OFF)
///   simd        kernels of our own for small networks, for the fastest instruction set of this processor; simd:NAME forces
///               one of baseline, avx2, avx512 and neon (absent in a double build)
///   cuda        an NVIDIA GPU: cuBLAS and kernels of our own; cuda:WORDS chooses how, see cuda/gpu_options.h
///   checked     runs `reference` and the default backend side by side and compares every result;
///               checked:NAME compares NAME instead
///   unreadable  `reference` behind pointers that cannot be followed: proves that nobody but the backend does
/// Throws Error naming the known ones otherwise.
std::unique_ptr<Backend> make_backend(const std::string& name);

/// All those names, whether they work here or not.
std::vector<std::string> backend_names();

struct BackendInfo {
  std::string name;
  bool available;
  std::string description;  ///< what it is, or why it is not available
};

/// Every backend there is or could be, in the order of the list above. Trap: this looks for a GPU, which takes longer than
/// many a training.
std::vector<BackendInfo> list_backends();

/// The names of those that compute by themselves and work here, one an instruction set where a backend has several:
/// reference, eigen, simd:baseline, simd:avx2 and so on; cuda where there is a GPU. What has to be compared to be sure of all.
std::vector<std::string> computing_backends();

/// The fastest backend of this build for small networks.
std::string default_backend();

}  // namespace handgrad::inline HANDGRAD_PRECISION
