#include "unreadable_backend.h"

#include <sys/mman.h>

#include "error.h"
#include "reference_backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr std::size_t kRoom = std::size_t{1} << 30;
constexpr std::size_t kAlignment = 64;

std::byte* reserve(int permissions) {
  void* memory = mmap(nullptr, kRoom, permissions, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  require(memory != MAP_FAILED, "the unreadable backend could not reserve ", kRoom, " bytes of address space");
  return static_cast<std::byte*>(memory);
}

}  // namespace

UnreadableBackend::UnreadableBackend()
    : inner_(std::make_unique<ReferenceBackend>()),
      real_memory_(reserve(PROT_READ | PROT_WRITE)),
      unreadable_memory_(reserve(PROT_NONE)) {}

UnreadableBackend::~UnreadableBackend() {
  munmap(real_memory_, kRoom);
  munmap(unreadable_memory_, kRoom);
}

template <class T>
T* UnreadableBackend::real(T* p) const {
  if (p == nullptr) return nullptr;
  using Byte = std::conditional_t<std::is_const_v<T>, const std::byte, std::byte>;
  return reinterpret_cast<T*>(real_memory_ + (reinterpret_cast<Byte*>(p) - unreadable_memory_));
}

void* UnreadableBackend::allocate(std::size_t bytes) {
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  require(rounded <= kRoom - used_, "the unreadable backend has room for ", kRoom, " bytes in all, ", used_, " are taken, ",
          bytes, " wanted");
  std::byte* memory = unreadable_memory_ + used_;  // fresh pages are zero
  used_ += rounded;
  return memory;
}

void UnreadableBackend::deallocate(void*) noexcept {}

void UnreadableBackend::upload(void* to, const void* from_host, std::size_t bytes) {
  inner_->upload(real(static_cast<std::byte*>(to)), from_host, bytes);
}

void UnreadableBackend::download(void* to_host, const void* from, std::size_t bytes) {
  inner_->download(to_host, real(static_cast<const std::byte*>(from)), bytes);
}

void UnreadableBackend::fill(Vector x, Real value) { inner_->fill(real(x), value); }

void UnreadableBackend::linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  inner_->linear_forward(real(X), real(W), real(b), f, real(Y));
}

void UnreadableBackend::linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX,
                                        Matrix dW, Vector db) {
  inner_->linear_backward(real(X), real(W), real(Y), f, real(dY), real(dX), real(dW), real(db));
}

void UnreadableBackend::loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target,
                                      ConstVector weight, Matrix dQ, Vector td, Vector loss) {
  inner_->loss_selected(spec, real(Q), real(action), real(target), real(weight), real(dQ), real(td), real(loss));
}

void UnreadableBackend::loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                                  Vector loss) {
  inner_->loss_full(spec, real(Y), real(target), real(weight), real(dY), real(loss));
}

void UnreadableBackend::td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                                  Vector y) {
  inner_->td_target(real(next_target), real(next_online), real(reward), real(discount), real(y));
}

void UnreadableBackend::put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) {
  inner_->put_selected(real(base), real(action), real(value), real(T));
}

void UnreadableBackend::sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) {
  inner_->sgd_step(spec, real(lr), real(p), real(g), real(velocity));
}

void UnreadableBackend::rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square,
                                     Vector mean, Vector velocity) {
  inner_->rmsprop_step(spec, real(lr), real(p), real(g), real(mean_square), real(mean), real(velocity));
}

void UnreadableBackend::adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                                  Vector v_max) {
  inner_->adam_step(spec, real(coefficients), real(p), real(g), real(m), real(v), real(v_max));
}

void UnreadableBackend::clip_by_value(Vector g, Real limit) { inner_->clip_by_value(real(g), limit); }

void UnreadableBackend::clip_by_norm(Vector g, Real max_norm, Vector norm) {
  inner_->clip_by_norm(real(g), max_norm, real(norm));
}

void UnreadableBackend::update_target(ConstVector online, Real tau, Vector target) {
  inner_->update_target(real(online), tau, real(target));
}

void UnreadableBackend::gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) {
  inner_->gather_rows(real(source), real(rows), real(out));
}

void UnreadableBackend::argmax(ConstMatrix Q, Indices out) { inner_->argmax(real(Q), real(out)); }

void UnreadableBackend::l2_norm(ConstVector x, Vector out) { inner_->l2_norm(real(x), real(out)); }

}  // namespace handgrad::inline HANDGRAD_PRECISION
