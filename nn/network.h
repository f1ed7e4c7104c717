#pragma once

#include <memory>
#include <vector>

#include "../core/buffer.h"
#include "../core/state.h"
#include "layer.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// Layers one after the other, over one flat parameter array and one flat gradient array of P elements.
///
/// All work memory is taken at construction, for batches of up to max_batch rows: neither forward nor backward allocates.
/// Not thread-safe: one network a thread. The backend must outlive it.
class Network {
 public:
  /// Whether there will be a backward pass. An inference network has no gradients and half the work memory.
  enum class Use { training, inference };

  /// Throws Error unless there is a layer, each takes what the one before gives, and max_batch >= 1.
  Network(Backend& backend, std::vector<std::unique_ptr<Layer>> layers, std::int64_t max_batch, Use use = Use::training);

  /// Overwrites all parameters with their layers' initial values, in the order of the flat array.
  void initialize(Generator& random);

  /// X [B, in], B <= max_batch, in backend memory; it must stay unchanged until backward. Returns Y [B, out], which stays
  /// valid until the next forward. Throws Error if X has the wrong number of columns or too many rows.
  ConstMatrix forward(ConstMatrix X);

  /// After forward: given dY [B, out] (consumed), overwrites gradients(), and dX [B, in] unless it is empty.
  void backward(Matrix dY, Matrix dX = {});

  std::int64_t in_features() const { return layers_.front()->in_features(); }
  std::int64_t out_features() const { return layers_.back()->out_features(); }
  std::int64_t max_batch() const { return max_batch_; }
  std::int64_t parameter_count() const { return parameters_.size(); }

  Vector parameters() { return parameters_.span(); }
  ConstVector parameters() const { return parameters_.span(); }
  ConstVector gradients() const { return gradients_.span(); }
  Vector gradients() { return gradients_.span(); }

  /// Name, shape and place of each parameter array, named as PyTorch's nn.Sequential does: "0.weight", "0.bias", "2.weight".
  struct Entry {
    std::string name;
    std::vector<std::int64_t> shape;
    std::int64_t offset;
    std::int64_t size;
  };
  const std::vector<Entry>& layout() const { return layout_; }

  /// All P parameters, copied from or to the host. set_parameters throws Error if the number differs from P.
  std::vector<Real> parameters_to_host() const { return parameters_.to_host(); }
  std::vector<Real> gradients_to_host() const { return gradients_.to_host(); }
  void set_parameters(ConstVector host);

  /// The parameters, an array each under the names of layout(), and the gradients, which somebody may look at before the next
  /// backward pass. Throws Error for other arrays, and for parameters that are not finite.
  void serialize(StateArchive& state);

  Backend& backend() { return *backend_; }

 private:
  Backend* backend_;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::int64_t max_batch_;
  std::vector<Entry> layout_;
  Buffer<Real> parameters_, gradients_;
  std::vector<Buffer<Real>> outputs_;   // of each layer, [max_batch, out]
  Buffer<Real> upstream_, downstream_;  // dX of one layer is dY of the one below: two arrays take turns
  ConstMatrix X_;                       // of the last forward
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
