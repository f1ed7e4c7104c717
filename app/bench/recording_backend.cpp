#include "app/bench/recording_backend.h"

#include <algorithm>

#include "app/format.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

double count(ConstMatrix m) { return m.empty() ? 0 : static_cast<double>(m.size()); }
double count(ConstVector x) { return static_cast<double>(x.size()); }
double bytes(ConstMatrix m) { return count(m) * sizeof(Real); }
double bytes(ConstVector x) { return count(x) * sizeof(Real); }
double bytes(ConstIndices x) { return static_cast<double>(x.size_bytes()); }

// Empty operands are none, and cost nothing.
template <class... Operands>
Traffic reads(const Operands&... operands) {
  const double all = (0.0 + ... + bytes(operands));
  return {all, 0, all};
}
template <class... Operands>
Traffic writes(const Operands&... operands) {
  const double all = (0.0 + ... + bytes(operands));
  return {0, all, all};
}
template <class... Operands>
Traffic updates(const Operands&... operands) {
  const double all = (0.0 + ... + bytes(operands));
  return {all, all, all};
}
Traffic operator+(Traffic a, Traffic b) { return {a.read + b.read, a.written + b.written, a.touched + b.touched}; }

std::string product(ConstMatrix X, std::int64_t out) {
  return std::to_string(X.rows) + " x " + std::to_string(X.cols) + " -> " + std::to_string(out);
}
std::string rows_and_columns(ConstMatrix m) { return std::to_string(m.rows) + " x " + std::to_string(m.cols); }
std::string length(ConstVector x) { return grouped(static_cast<std::int64_t>(x.size())); }

}  // namespace

std::vector<Operation> RecordingBackend::record(const std::function<void()>& work) {
  std::vector<Operation> operations;
  record_ = &operations;
  try {
    work();
  } catch (...) {
    record_ = nullptr;
    throw;
  }
  record_ = nullptr;
  return operations;
}

template <class Call>
void RecordingBackend::pass(const char* name, std::string shape, double flops, Traffic traffic, const Real* parameters,
                            Call again) {
  again();
  if (record_ != nullptr) record_->push_back({name, std::move(shape), flops, traffic, parameters, 0, std::move(again)});
}

double RecordingBackend::share_of_zeros(ConstMatrix m) const {
  std::vector<Real> host(static_cast<std::size_t>(m.size()));
  inner_->download(host.data(), m.data, host.size() * sizeof(Real));
  return static_cast<double>(std::ranges::count(host, Real(0))) / static_cast<double>(host.size());
}

MemoryContents RecordingBackend::save() const {
  MemoryContents contents;
  for (const auto& [memory, bytes] : sizes_) inner_->download(contents.arrays.emplace_back(bytes).data(), memory, bytes);
  return contents;
}

void RecordingBackend::restore(const MemoryContents& contents) {
  require(contents.arrays.size() == sizes_.size(), "there were ", contents.arrays.size(), " arrays, and now there are ",
          sizes_.size());
  auto array = contents.arrays.begin();
  for (const auto& [memory, bytes] : sizes_) inner_->upload(memory, (array++)->data(), bytes);
}

void* RecordingBackend::allocate(std::size_t bytes) {
  void* memory = inner_->allocate(bytes);
  if (memory != nullptr) sizes_[memory] = bytes;
  return memory;
}

void RecordingBackend::deallocate(void* memory) noexcept {
  sizes_.erase(memory);
  inner_->deallocate(memory);
}

void RecordingBackend::upload(void* to, const void* from_host, std::size_t bytes) {
  // What comes from the host may be gone when the call is made again: a copy stands in for it.
  const auto* begin = static_cast<const std::byte*>(from_host);
  const auto moved = static_cast<double>(bytes);
  pass("upload", grouped(static_cast<std::int64_t>(bytes)) + " bytes", 0, {moved, moved, 2 * moved}, nullptr,
       [backend = inner_.get(), to, host = std::vector<std::byte>(begin, begin + bytes)] {
         backend->upload(to, host.data(), host.size());
       });
}

void RecordingBackend::fill(Vector x, Real value) {
  pass("fill", length(x), 0, writes(x), nullptr, [backend = inner_.get(), x, value] { backend->fill(x, value); });
}

void RecordingBackend::linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  pass("linear_forward", product(X, W.rows), 2 * count(X) * static_cast<double>(W.rows), reads(X, W, b) + writes(Y), W.data,
       [=, backend = inner_.get()] { backend->linear_forward(X, W, b, f, Y); });
  if (record_ != nullptr) record_->back().zeros = share_of_zeros(X);
}

void RecordingBackend::linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX,
                                       Matrix dW, Vector db) {
  const double products = dX.empty() ? 1 : 2;
  Traffic traffic = reads(X) + writes(dX, dW, db);
  if (!dX.empty()) traffic = traffic + reads(W);
  traffic = traffic + (f == Activation::none ? reads(dY) : reads(Y) + updates(dY));  // dZ = dY without an activation
  pass("linear_backward", product(X, W.rows), products * 2 * count(X) * static_cast<double>(W.rows), traffic, W.data,
       [=, backend = inner_.get()] { backend->linear_backward(X, W, Y, f, dY, dX, dW, db); });
  if (record_ != nullptr) record_->back().zeros = share_of_zeros(dY);  // where dZ has been left
}

void RecordingBackend::loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target,
                                     ConstVector weight, Matrix dQ, Vector td, Vector loss) {
  // d = Q - y; the loss and its slope, summed: some eight operations a row.
  pass("loss_selected", rows_and_columns(Q), 8 * count(target),
       reads(Q, action, target, weight) + writes(dQ, td) + updates(loss), nullptr,
       [=, backend = inner_.get()] { backend->loss_selected(spec, Q, action, target, weight, dQ, td, loss); });
}

void RecordingBackend::loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                                 Vector loss) {
  pass("loss_full", rows_and_columns(Y), 8 * count(Y), reads(Y, target, weight) + writes(dY) + updates(loss), nullptr,
       [=, backend = inner_.get()] { backend->loss_full(spec, Y, target, weight, dY, loss); });
}

void RecordingBackend::td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                                 Vector y) {
  // A comparison a value, a multiplication and an addition a row.
  pass("td_target", rows_and_columns(next_target), count(next_target) + 2 * count(y),
       reads(next_target, next_online, reward, discount) + writes(y), nullptr,
       [=, backend = inner_.get()] { backend->td_target(next_target, next_online, reward, discount, y); });
}

void RecordingBackend::put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) {
  pass("put_selected", rows_and_columns(base), 0, reads(base, action, value) + writes(T), nullptr,
       [=, backend = inner_.get()] { backend->put_selected(base, action, value, T); });
}

void RecordingBackend::sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) {
  const double each = 2 + (velocity.empty() ? 0 : 2) + (spec.nesterov ? 2 : 0) + (spec.weight_decay > 0 ? 2 : 0);
  pass("sgd_step", length(p), each * count(p), reads(lr, g) + updates(p, velocity), p.data(),
       [=, backend = inner_.get()] { backend->sgd_step(spec, lr, p, g, velocity); });
}

void RecordingBackend::rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square,
                                    Vector mean, Vector velocity) {
  // n 4, root, eps and quotient 3, the parameter 2; centred: m 3 and n - m² 2; the velocity 2.
  const double each = 9 + (mean.empty() ? 0 : 5) + (velocity.empty() ? 0 : 2) + (spec.weight_decay > 0 ? 2 : 0);
  pass("rmsprop_step", length(p), each * count(p), reads(lr, g) + updates(p, mean_square, mean, velocity), p.data(),
       [=, backend = inner_.get()] { backend->rmsprop_step(spec, lr, p, g, mean_square, mean, velocity); });
}

void RecordingBackend::adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                                 Vector v_max) {
  // m 3, v 4, the root with its scale and eps 3, step times m over that 2, the decayed parameter minus that 2; v_max 1.
  const double each = 14 + (v_max.empty() ? 0 : 1) + (spec.weight_decay > 0 ? 2 : 0);
  pass("adam_step", length(p), each * count(p), reads(coefficients, g) + updates(p, m, v, v_max), p.data(),
       [=, backend = inner_.get()] { backend->adam_step(spec, coefficients, p, g, m, v, v_max); });
}

void RecordingBackend::clip_by_value(Vector g, Real limit) {
  pass("clip_by_value", length(g), 2 * count(g), updates(g), nullptr,
       [=, backend = inner_.get()] { backend->clip_by_value(g, limit); });
}

void RecordingBackend::clip_by_norm(Vector g, Real max_norm, Vector norm) {
  // A gradient that is short enough need not be written.
  pass("clip_by_norm", length(g), 2 * count(g), reads(g) + writes(norm), nullptr,
       [=, backend = inner_.get()] { backend->clip_by_norm(g, max_norm, norm); });
}

void RecordingBackend::update_target(ConstVector online, Real tau, Vector target) {
  const bool copies = tau == Real(1);
  pass("update_target", length(online), copies ? 0 : 3 * count(online),
       reads(online) + (copies ? writes(target) : updates(target)), target.data(),
       [=, backend = inner_.get()] { backend->update_target(online, tau, target); });
}

void RecordingBackend::gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) {
  const double gathered = bytes(ConstMatrix(out));
  pass("gather_rows", rows_and_columns(out), 0, Traffic{gathered, 0, gathered} + reads(rows) + writes(out), nullptr,
       [=, backend = inner_.get()] { backend->gather_rows(source, rows, out); });
}

void RecordingBackend::argmax(ConstMatrix Q, Indices out) {
  pass("argmax", rows_and_columns(Q), count(Q), reads(Q) + writes(out), nullptr,
       [=, backend = inner_.get()] { backend->argmax(Q, out); });
}

void RecordingBackend::l2_norm(ConstVector x, Vector out) {
  pass("l2_norm", length(x), 2 * count(x), reads(x) + writes(out), nullptr,
       [=, backend = inner_.get()] { backend->l2_norm(x, out); });
}

}  // namespace handgrad::app
