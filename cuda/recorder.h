#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

#include "../core/matrix.h"
#include "device.h"
#include "kernels/rows.h"
#include "request.h"

namespace handgrad::cuda {

/// Memory of a device that an operation reads or writes.
struct Range {
  const std::byte* begin = nullptr;
  const std::byte* end = nullptr;

  Range() = default;
  Range(const void* data, std::size_t bytes)
      : begin(static_cast<const std::byte*>(data)), end(static_cast<const std::byte*>(data) + bytes) {}
  template <class T>
  Range(std::span<T> x) : Range(x.data(), x.size_bytes()) {}
  template <class T>
  Range(MatrixView<T> x) : Range(x.flat()) {}

  friend bool overlap(const Range& a, const Range& b) { return a.begin < b.end && b.begin < a.end; }
};

/// Writes down what is asked of a device, and hands it over in one go when flush is called. A sequence of operations that has
/// been seen before is one graph, launched at once: a launch costs the host some microseconds, whether it is of one kernel or
/// of a train step's twenty.
///
/// Small copies from the host are collected too: they are delivered by one kernel, before the operations. What differs from
/// step to step (rows that were drawn, a learning rate) reaches a recorded step in this way.
///
/// Not thread-safe. The device must outlive it.
template <class Device>
class Recorder {
 public:
  /// Whether sequences become graphs, or are launched one operation at a time: to compare.
  enum class Mode { graphs, stream };

  explicit Recorder(Device& device, Mode mode = Mode::graphs);

  /// `touches` is all memory that the operation reads or writes.
  template <class K>
  void launch(const K& kernel, const Grid& grid, std::initializer_list<Range> touches) {
    add(Request<Device>(kernel, grid), touches);
  }
  void multiply(const ColumnMajorProduct& product, std::initializer_list<Range> touches) {
    add(Request<Device>(product), touches);
  }

  /// The host's memory may be changed on return.
  void copy_in(void* to, const void* host, std::size_t bytes);
  /// Waits for everything that was asked for before.
  void copy_out(void* host, const void* from, std::size_t bytes);
  /// Enqueues everything that was asked for.
  void flush();

  /// Graphs made so far.
  std::int64_t graphs() const { return graphs_; }

 private:
  /// A sequence that was asked for; what it costs to make a graph of it is paid when it comes a second time.
  struct Sequence {
    std::vector<Request<Device>> requests;
    std::optional<typename Device::Graph> graph;
    std::int64_t last_used = 0;
  };
  /// Deliveries on their way. Pinned memory is read by the device while the host goes on: it is not written again before the
  /// fence says that it has been read.
  struct Envelope {
    std::byte* memory = nullptr;
    typename Device::Fence fence;
  };

  static constexpr std::size_t kEnvelopes = 16, kEnvelopeBytes = 64 << 10, kSmall = 16 << 10;
  static constexpr std::size_t kMostDeliveries = 512, kPayload = kMostDeliveries * sizeof(Delivery);
  static constexpr std::size_t kMostRequests = 256, kMostSequences = 32;

  void add(const Request<Device>& request, std::initializer_list<Range> touches);
  void deliver();
  void enqueue(const std::vector<Request<Device>>& requests) {
    for (const Request<Device>& request : requests) request.enqueue(device_);
  }
  Sequence& remembered(const std::vector<Request<Device>>& requests);

  Device& device_;
  Mode mode_;
  std::vector<Request<Device>> requests_;
  std::vector<Range> touched_;
  std::vector<Range> destinations_;  // of the deliveries in the open envelope
  std::vector<Envelope> envelopes_;
  std::size_t open_ = 0, payload_end_ = kPayload;
  std::vector<std::unique_ptr<Sequence>> sequences_;
  std::int64_t flushes_ = 0, graphs_ = 0;
};

template <class Device>
Recorder<Device>::Recorder(Device& device, Mode mode) : device_(device), mode_(mode), envelopes_(kEnvelopes) {
  for (Envelope& envelope : envelopes_) {
    envelope.memory = static_cast<std::byte*>(device_.allocate_pinned(kEnvelopeBytes));
    envelope.fence = device_.make_fence();
  }
  requests_.reserve(kMostRequests);
  touched_.reserve(8 * kMostRequests);
  destinations_.reserve(kMostDeliveries);
}

template <class Device>
void Recorder<Device>::add(const Request<Device>& request, std::initializer_list<Range> touches) {
  if (requests_.size() == kMostRequests) flush();
  requests_.push_back(request);
  touched_.insert(touched_.end(), touches);
}

template <class Device>
void Recorder<Device>::copy_in(void* to, const void* host, std::size_t bytes) {
  if (bytes == 0) return;
  const Range destination(to, bytes);
  const auto meets = [&](const Range& other) { return overlap(destination, other); };
  // Trap: deliveries come before the operations, in no order among themselves. One that an operation asked for earlier would
  // notice, or an earlier delivery, has to wait until those are on their way.
  if (std::ranges::any_of(touched_, meets) || std::ranges::any_of(destinations_, meets)) flush();
  if (bytes > kSmall) {
    flush();
    device_.copy_in(to, host, bytes);
    return;
  }
  const std::size_t aligned = (bytes + 15) / 16 * 16;
  if (destinations_.size() == kMostDeliveries || payload_end_ + aligned > kEnvelopeBytes) flush();
  Envelope& envelope = envelopes_[open_];
  if (destinations_.empty()) device_.wait(envelope.fence);
  const Delivery delivery{static_cast<std::byte*>(to), static_cast<std::int64_t>(payload_end_), static_cast<std::int64_t>(bytes)};
  std::memcpy(envelope.memory + destinations_.size() * sizeof(Delivery), &delivery, sizeof(Delivery));
  std::memcpy(envelope.memory + payload_end_, host, bytes);
  payload_end_ += aligned;
  destinations_.push_back(destination);
}

template <class Device>
void Recorder<Device>::copy_out(void* host, const void* from, std::size_t bytes) {
  flush();
  if (bytes != 0) device_.copy_out(host, from, bytes);
}

template <class Device>
void Recorder<Device>::deliver() {
  if (destinations_.empty()) return;
  Envelope& envelope = envelopes_[open_];
  const auto count = static_cast<std::int64_t>(destinations_.size());
  if (count <= DeliverFew::kMost) {  // the list travels with the launch: one trip to the host's memory less
    DeliverFew few{envelope.memory, {}};
    std::memcpy(few.deliveries, envelope.memory, destinations_.size() * sizeof(Delivery));
    device_.launch(few, deliver_grid(count));
  } else {
    device_.launch(Deliver{envelope.memory, count}, deliver_grid(count));
  }
  device_.set(envelope.fence);
  open_ = (open_ + 1) % kEnvelopes;
  destinations_.clear();
  payload_end_ = kPayload;
}

template <class Device>
typename Recorder<Device>::Sequence& Recorder<Device>::remembered(const std::vector<Request<Device>>& requests) {
  for (const auto& sequence : sequences_) {
    if (sequence->requests == requests) return *sequence;
  }
  if (sequences_.size() == kMostSequences) {
    sequences_.erase(std::ranges::min_element(sequences_, {}, [](const auto& sequence) { return sequence->last_used; }));
  }
  return *sequences_.emplace_back(std::make_unique<Sequence>(Sequence{requests, {}, 0}));
}

template <class Device>
void Recorder<Device>::flush() {
  deliver();
  if (requests_.empty()) return;
  struct Forget {  // also if one of them cannot be carried out
    Recorder& recorder;
    ~Forget() {
      recorder.requests_.clear();
      recorder.touched_.clear();
    }
  } forget{*this};
  constexpr std::size_t kWorthAGraph = 3;
  if (mode_ == Mode::stream || requests_.size() < kWorthAGraph) {
    enqueue(requests_);
  } else {
    Sequence& sequence = remembered(requests_);
    const bool seen_before = sequence.last_used != 0;
    sequence.last_used = ++flushes_;
    if (seen_before && !sequence.graph) {
      sequence.graph.emplace(device_.capture([&] { enqueue(sequence.requests); }));
      ++graphs_;
    }
    if (sequence.graph) {
      device_.replay(*sequence.graph);
    } else {
      enqueue(requests_);
    }
  }
}

}  // namespace handgrad::cuda
