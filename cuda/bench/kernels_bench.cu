// How long the kernels other than products take on a GPU, beside the bytes that they have to move.
//
//   nvcc -std=c++20 -O3 -arch=native -ftz=true --expt-relaxed-constexpr -I. cuda/bench/kernels_bench.cu -o kernels_bench
//   kernels_bench                                                          (in the folder of the project)
//
// A time is that of one launch in a graph of a hundred that follow each other, the least of several runs. What a launch itself
// costs is the time of the kernel that does nothing.

#include <cmath>
#include <cstdio>
#include <exception>

#include "cuda/cuda_error.h"
#include "cuda/cuda_thread.h"
#include "cuda/kernels/elements.h"
#include "cuda/kernels/losses.h"
#include "cuda/kernels/norms.h"
#include "cuda/kernels/optimizers.h"
#include "cuda/kernels/rows.h"
#include "cuda/kernels/targets.h"

namespace handgrad::cuda {
namespace {

struct Nothing {
  static constexpr int kThreads = 128;
  float* unused;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread&) const {}
};

class Bench {
 public:
  Bench() {
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    check(cudaEventCreate(&begin_), "cudaEventCreate");
    check(cudaEventCreate(&end_), "cudaEventCreate");
  }

  template <class K>
  void launch(const K& kernel, const Grid& grid) {
    const dim3 blocks(static_cast<unsigned>(grid.blocks), static_cast<unsigned>(grid.agents));
    run_kernel<K><<<blocks, static_cast<unsigned>(grid.threads), grid.shared_bytes, stream_>>>(kernel);
    check(cudaGetLastError(), "launch");
  }

  /// Zeros: times do not depend on values.
  template <class T = float>
  T* zeros(std::int64_t n) {
    void* memory = nullptr;
    check(cudaMalloc(&memory, static_cast<std::size_t>(n) * sizeof(T)), "cudaMalloc");
    check(cudaMemset(memory, 0, static_cast<std::size_t>(n) * sizeof(T)), "cudaMemset");
    return static_cast<T*>(memory);
  }

  template <class F>
  void time(const char* what, const char* size, double bytes, const F& enqueue) {
    enqueue();
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t executable = nullptr;
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    constexpr int kCalls = 100;
    for (int i = 0; i < kCalls; ++i) enqueue();
    check(cudaStreamEndCapture(stream_, &graph), "cudaStreamEndCapture");
    check(cudaGraphInstantiate(&executable, graph, 0), "cudaGraphInstantiate");
    float least = INFINITY;
    for (int run = 0; run < 8; ++run) {
      check(cudaEventRecord(begin_, stream_), "cudaEventRecord");
      check(cudaGraphLaunch(executable, stream_), "cudaGraphLaunch");
      check(cudaEventRecord(end_, stream_), "cudaEventRecord");
      check(cudaEventSynchronize(end_), "cudaEventSynchronize");
      float milliseconds = 0;
      check(cudaEventElapsedTime(&milliseconds, begin_, end_), "cudaEventElapsedTime");
      if (run > 0) least = std::min(least, milliseconds);
    }
    check(cudaGraphExecDestroy(executable), "cudaGraphExecDestroy");
    check(cudaGraphDestroy(graph), "cudaGraphDestroy");
    const double us = static_cast<double>(least) * 1000 / kCalls;
    std::printf("%-34s %-24s %9.2f us %12.0f bytes %8.0f GB/s\n", what, size, us, bytes, bytes / us / 1000);
  }

 private:
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

Vector vector(float* x, std::int64_t n) { return {x, static_cast<std::size_t>(n)}; }

/// Flat arrays of n elements: of one agent, or of many.
void elements(Bench& bench, const char* size, std::int64_t n) {
  float *p = bench.zeros(n), *g = bench.zeros(n), *m = bench.zeros(n), *v = bench.zeros(n), *settings = bench.zeros(4);
  const double array = 4.0 * static_cast<double>(n);
  const auto step = make_adam_step({}, vector(settings, 4), vector(p, n), vector(g, n), vector(m, n), vector(v, n), {});
  bench.time("AdamStep", size, 7 * array, [&] { bench.launch(step, elements_grid(n)); });
  bench.time("AdamStep, four at a time", size, 7 * array, [&] { bench.launch(step, spread_grid(blocks_for(n, 4))); });
  bench.time("RmspropStep", size, 5 * array, [&] {
    bench.launch(make_rmsprop_step({}, vector(settings, 1), vector(p, n), vector(g, n), vector(v, n), {}, {}),
                 elements_grid(n));
  });
  bench.time("SgdStep", size, 3 * array,
             [&] { bench.launch(make_sgd_step({}, vector(settings, 1), vector(p, n), vector(g, n), {}), elements_grid(n)); });
  bench.time("UpdateTarget 0.005", size, 3 * array,
             [&] { bench.launch(make_update_target(vector(p, n), 0.005F, vector(m, n)), elements_grid(n)); });
  bench.time("UpdateTarget 1", size, 2 * array,
             [&] { bench.launch(make_update_target(vector(p, n), 1, vector(m, n)), elements_grid(n)); });
  bench.time("ClipByValue", size, 2 * array, [&] { bench.launch(ClipByValue{g, n, 100}, elements_grid(n)); });
  bench.time("ActivationGradient", size, 3 * array, [&] {
    bench.launch(ActivationGradient{p, g, n, Activation::relu}, elements_grid(n));
  });
  bench.time("Fill", size, array, [&] { bench.launch(Fill{g, n, 0}, elements_grid(n)); });
  for (void* array_of_it : {p, g, m, v, settings}) check(cudaFree(array_of_it), "cudaFree");
}

void norms(Bench& bench, const char* size, std::int64_t P, std::int64_t K) {
  float *g = bench.zeros(K * P), *norm = bench.zeros(K);
  const std::int64_t blocks = std::min<std::int64_t>(256, blocks_for(P, 2048));
  double* sums = bench.zeros<double>(K * blocks);
  const double bytes = 8.0 * static_cast<double>(K * P);
  if (norm_blocks(P) == 1) {
    bench.time("ClipByNorm", size, bytes, [&] { bench.launch(ClipByNorm{g, P, 10, norm}, norm_grid(P, K)); });
  }
  bench.time("SquareSums, ClipByNormOfSums", size, 1.5 * bytes, [&] {
    bench.launch(SquareSums{g, P, sums}, {blocks, SquareSums::kThreads, square_sums_grid(P).shared_bytes, K});
    bench.launch(ClipByNormOfSums{g, P, 10, sums, blocks, norm}, clip_by_norm_of_sums_grid(P, K));
  });
  for (void* array : {static_cast<void*>(g), static_cast<void*>(norm), static_cast<void*>(sums)})
    check(cudaFree(array), "cudaFree");
}

void batches(Bench& bench, const char* size, std::int64_t B, std::int64_t A, std::int64_t I, std::int64_t K) {
  const std::int64_t N = 10000, R = K * B, blocks = loss_blocks(B * A);
  float *Q = bench.zeros(R * A), *next = bench.zeros(R * A), *dQ = bench.zeros(R * A), *r = bench.zeros(R),
        *d = bench.zeros(R), *y = bench.zeros(R), *td = bench.zeros(R), *loss = bench.zeros(2 * K),
        *partials = bench.zeros(K * blocks), *source = bench.zeros(K * N * I), *out = bench.zeros(R * I);
  auto *action = bench.zeros<std::int32_t>(R), *rows = bench.zeros<std::int32_t>(R);
  const double row = 4.0 * static_cast<double>(R), matrix = row * static_cast<double>(A);
  bench.time("TdTarget", size, matrix + 3 * row, [&] { bench.launch(TdTarget{next, nullptr, r, d, y, R, A}, rows_grid(R)); });
  bench.time("TdTarget double", size, matrix + 4 * row, [&] { bench.launch(TdTarget{next, Q, r, d, y, R, A}, rows_grid(R)); });
  bench.time("Argmax", size, matrix + row, [&] { bench.launch(Argmax{Q, action, R, A}, rows_grid(R)); });
  const std::span<const std::int32_t> actions(action, static_cast<std::size_t>(R));
  for (const LossKind kind : {LossKind::mse, LossKind::smooth_l1}) {
    bench.time(kind == LossKind::mse ? "LossSelected mse" : "LossSelected smooth_l1", size, 2 * matrix + 3 * row, [&] {
      bench.launch(make_loss_selected({.kind = kind}, {Q, R, A}, actions, vector(y, R), {}, {dQ, R, A}, vector(td, R),
                                      vector(loss, 2 * K), partials, K),
                   loss_grid(B * A, K));
      if (blocks > 1) bench.launch(LossTotal{partials, blocks, loss}, loss_total_grid(B * A, K));
    });
  }
  bench.time("LossFull", size, 3 * matrix, [&] {
    bench.launch(make_loss_full({}, {Q, R, A}, {next, R, A}, {}, {dQ, R, A}, vector(loss, 2 * K), partials, K),
                 loss_grid(B * A, K));
    if (blocks > 1) bench.launch(LossTotal{partials, blocks, loss}, loss_total_grid(B * A, K));
  });
  bench.time("PutSelected", size, 2 * matrix + 2 * row, [&] {
    bench.launch(make_put_selected({Q, R, A}, actions, vector(y, R), {dQ, R, A}), elements_grid(R * A));
  });
  bench.time("GatherRows", size, row + 2 * row * static_cast<double>(I), [&] {
    bench.launch(make_gather_rows({source, K * N, I}, {rows, static_cast<std::size_t>(R)}, {out, R, I}, K),
                 gather_grid(B, I, K));
  });
  for (void* array : {Q, next, dQ, r, d, y, td, loss, partials, source, out}) check(cudaFree(array), "cudaFree");
  for (void* array : {action, rows}) check(cudaFree(array), "cudaFree");
}

/// Three uploads of a train step, from pinned memory.
void deliveries(Bench& bench) {
  std::byte* envelope = nullptr;
  check(cudaMallocHost(reinterpret_cast<void**>(&envelope), 64 << 10), "cudaMallocHost");
  auto* to = bench.zeros<std::byte>(64 << 10);
  const Delivery post[] = {{to, 1024, 512}, {to + 1024, 2048, 16}, {to + 2048, 4096, 4}};
  DeliverFew few{envelope, {}};
  for (int i = 0; i < 3; ++i) {
    reinterpret_cast<Delivery*>(envelope)[i] = post[i];
    few.deliveries[i] = post[i];
  }
  bench.time("Deliver", "512 + 16 + 4 bytes", 532, [&] { bench.launch(Deliver{envelope, 3}, deliver_grid(3)); });
  bench.time("DeliverFew", "512 + 16 + 4 bytes", 532, [&] { bench.launch(few, deliver_grid(3)); });
  check(cudaFreeHost(envelope), "cudaFreeHost");
  check(cudaFree(to), "cudaFree");
}

void run() {
  cudaDeviceProp device{};
  check(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
  std::printf("%s, %d multiprocessors\n", device.name, device.multiProcessorCount);
  Bench bench;
  bench.time("a kernel that does nothing", "", 0, [&] { bench.launch(Nothing{nullptr}, {64, 128, 0, 1}); });
  deliveries(bench);
  elements(bench, "P 17410", 17410);
  elements(bench, "P 1000000", 1'000'000);
  elements(bench, "K 10000, P 4610", 46'100'000);
  norms(bench, "P 4610", 4610, 1);
  norms(bench, "P 17410", 17410, 1);
  norms(bench, "P 1000000", 1'000'000, 1);
  norms(bench, "K 10000, P 4610", 4610, 10000);
  batches(bench, "B 128, A 2, I 4", 128, 2, 4, 1);
  batches(bench, "B 1024, A 18, I 128", 1024, 18, 128, 1);
  batches(bench, "B 65536, A 2, I 4", 65536, 2, 4, 1);
  batches(bench, "K 10000, B 64, A 2, I 4", 64, 2, 4, 10000);
}

}  // namespace
}  // namespace handgrad::cuda

int main() {
  try {
    handgrad::cuda::run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
