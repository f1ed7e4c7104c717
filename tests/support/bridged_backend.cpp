#include "tests/support/bridged_backend.h"

#include <cstring>
#include <new>
#include <vector>

namespace handgrad {
namespace {

constexpr std::size_t kLine = 64;

/// The operands of one operation, over there. What can have been written is fetched back by back().
class Crossing {
 public:
  explicit Crossing(Backend& backend) : backend_(backend) {}
  ~Crossing() {
    for (const Operand& operand : operands_) backend_.deallocate(operand.memory);
  }
  Crossing(const Crossing&) = delete;
  Crossing& operator=(const Crossing&) = delete;

  template <class T>
  std::span<T> operator()(std::span<T> x) {
    return {over(x.data(), x.size_bytes()), x.size()};
  }
  template <class T>
  MatrixView<T> operator()(MatrixView<T> x) {
    return {over(x.data, static_cast<std::size_t>(x.size()) * sizeof(T)), x.rows, x.cols};
  }

  void back() {
    for (const Operand& operand : operands_) {
      if (operand.home != nullptr) backend_.download(operand.home, operand.there, operand.bytes);
    }
  }

 private:
  struct Operand {
    void* memory;
    const std::byte* there;
    void* home;  // null if nobody may write to it
    std::size_t bytes;
  };

  template <class T>
  T* over(T* host, std::size_t bytes) {
    if (host == nullptr) return nullptr;
    void* memory = backend_.allocate(bytes + kLine);
    std::byte* there = static_cast<std::byte*>(memory) + reinterpret_cast<std::uintptr_t>(host) % kLine;
    backend_.upload(there, host, bytes);
    void* home = nullptr;
    if constexpr (!std::is_const_v<T>) home = host;
    operands_.push_back({memory, there, home, bytes});
    return reinterpret_cast<T*>(there);
  }

  Backend& backend_;
  std::vector<Operand> operands_;
};

}  // namespace

void* BridgedBackend::allocate(std::size_t bytes) {
  void* memory = ::operator new(bytes, std::align_val_t{kLine});
  std::memset(memory, 0, bytes);
  return memory;
}

void BridgedBackend::deallocate(void* memory) noexcept { ::operator delete(memory, std::align_val_t{kLine}); }
void BridgedBackend::upload(void* to, const void* from_host, std::size_t bytes) { std::memcpy(to, from_host, bytes); }
void BridgedBackend::download(void* to_host, const void* from, std::size_t bytes) { std::memcpy(to_host, from, bytes); }

void BridgedBackend::fill(Vector x, Real value) {
  Crossing over(*inner_);
  inner_->fill(over(x), value);
  over.back();
}

void BridgedBackend::linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  Crossing over(*inner_);
  inner_->linear_forward(over(X), over(W), over(b), f, over(Y));
  over.back();
}

void BridgedBackend::linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX,
                                     Matrix dW, Vector db) {
  Crossing over(*inner_);
  inner_->linear_backward(over(X), over(W), over(Y), f, over(dY), over(dX), over(dW), over(db));
  over.back();
}

void BridgedBackend::loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target,
                                   ConstVector weight, Matrix dQ, Vector td, Vector loss) {
  Crossing over(*inner_);
  inner_->loss_selected(spec, over(Q), over(action), over(target), over(weight), over(dQ), over(td), over(loss));
  over.back();
}

void BridgedBackend::loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                               Vector loss) {
  Crossing over(*inner_);
  inner_->loss_full(spec, over(Y), over(target), over(weight), over(dY), over(loss));
  over.back();
}

void BridgedBackend::td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                               Vector y) {
  Crossing over(*inner_);
  inner_->td_target(over(next_target), over(next_online), over(reward), over(discount), over(y));
  over.back();
}

void BridgedBackend::put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) {
  Crossing over(*inner_);
  inner_->put_selected(over(base), over(action), over(value), over(T));
  over.back();
}

void BridgedBackend::sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) {
  Crossing over(*inner_);
  inner_->sgd_step(spec, over(lr), over(p), over(g), over(velocity));
  over.back();
}

void BridgedBackend::rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square,
                                  Vector mean, Vector velocity) {
  Crossing over(*inner_);
  inner_->rmsprop_step(spec, over(lr), over(p), over(g), over(mean_square), over(mean), over(velocity));
  over.back();
}

void BridgedBackend::adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                               Vector v_max) {
  Crossing over(*inner_);
  inner_->adam_step(spec, over(coefficients), over(p), over(g), over(m), over(v), over(v_max));
  over.back();
}

void BridgedBackend::clip_by_value(Vector g, Real limit) {
  Crossing over(*inner_);
  inner_->clip_by_value(over(g), limit);
  over.back();
}

void BridgedBackend::clip_by_norm(Vector g, Real max_norm, Vector norm) {
  Crossing over(*inner_);
  inner_->clip_by_norm(over(g), max_norm, over(norm));
  over.back();
}

void BridgedBackend::update_target(ConstVector online, Real tau, Vector target) {
  Crossing over(*inner_);
  inner_->update_target(over(online), tau, over(target));
  over.back();
}

void BridgedBackend::gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) {
  Crossing over(*inner_);
  inner_->gather_rows(over(source), over(rows), over(out));
  over.back();
}

void BridgedBackend::argmax(ConstMatrix Q, Indices out) {
  Crossing over(*inner_);
  inner_->argmax(over(Q), over(out));
  over.back();
}

void BridgedBackend::l2_norm(ConstVector x, Vector out) {
  Crossing over(*inner_);
  inner_->l2_norm(over(x), over(out));
  over.back();
}

}  // namespace handgrad
