// How long the products of small networks take on a GPU: kernels of our own against cuBLASLt, each checked against sums in
// double on the host.
//
//   nvcc -std=c++20 -O3 -arch=native -ftz=true --expt-relaxed-constexpr -I. cuda/bench/products_bench.cu cuda/products.cpp
//        cuda/cublaslt_products.cpp -lcublasLt -o products_bench       (in the folder of the project)
//   products_bench [layers] [agents] [tiles]                           without a name all three
//
// A time is that of one launch in a graph of a hundred that follow each other, the least of several runs.

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "cuda/cublaslt_products.h"
#include "cuda/cuda_error.h"
#include "cuda/cuda_thread.h"
#include "cuda/kernels/elements.h"
#include "cuda/kernels/products.h"
#include "cuda/products.h"

namespace handgrad::cuda {
namespace {

using Epilogue = ColumnMajorProduct::Epilogue;
using Host = std::vector<float>;

struct Nothing {
  static constexpr int kThreads = 128;
  float* unused;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread&) const {}
};

/// A tile of other sizes than those in use.
template <int R, int C>
struct SomeTile {
  static constexpr int kThreads = 128;
  using Tile = ProductTile<R, C, true, true, false>;
  const float* X;
  const float* W;
  float* Y;
  int batch, in, out;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const int columns = (out + Tile::kColumns - 1) / Tile::kColumns, block = static_cast<int>(thread.block());
    const std::int64_t agent = thread.agent();
    float* const result = Y + agent * batch * out;
    Tile::compute(
        thread, {X + agent * batch * in, batch, in, in, true}, {W + agent * in * out, out, in, in, true},
        block / columns * Tile::kRows, block % columns * Tile::kColumns, false, [](int) { return 0.0F; },
        [=, this](int n, int o, float sum, float) { result[n * out + o] = sum; }, [](int, float) {});
  }
  Grid grid(std::int64_t agents) const { return {parts_of<Tile>(batch, out).count, kThreads, Tile::kSharedBytes, agents}; }
};

class Gpu {
 public:
  Gpu() {
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    check(cudaEventCreate(&begin_), "cudaEventCreate");
    check(cudaEventCreate(&end_), "cudaEventCreate");
  }
  cudaStream_t stream() const { return stream_; }

  template <class K>
  void launch(const K& kernel, const Grid& grid) {
    if (grid.shared_bytes > 48 << 10) {
      check(cudaFuncSetAttribute(run_kernel<K>, cudaFuncAttributeMaxDynamicSharedMemorySize, int(grid.shared_bytes)),
            "attribute");
    }
    run_kernel<K>
        <<<dim3(unsigned(grid.blocks), unsigned(grid.agents)), unsigned(grid.threads), grid.shared_bytes, stream_>>>(kernel);
    check(cudaGetLastError(), "launch");
  }

  /// Microseconds a call.
  template <class F>
  double time(const F& enqueue, int calls = 100) {
    enqueue();
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t executable = nullptr;
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    for (int i = 0; i < calls; ++i) enqueue();
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
    cudaGraphExecDestroy(executable);
    cudaGraphDestroy(graph);
    return least * 1000.0 / calls;
  }

 private:
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

/// An array on the device, `offset` elements behind an aligned address.
struct Array {
  float* memory = nullptr;
  std::size_t size, offset;
  explicit Array(std::size_t size_, std::size_t offset_ = 0) : size(size_), offset(offset_) {
    check(cudaMalloc(&memory, (size + offset) * sizeof(float)), "cudaMalloc");
    check(cudaMemset(memory, 0xff, (size + offset) * sizeof(float)), "cudaMemset");
  }
  explicit Array(const Host& host, std::size_t offset_ = 0) : Array(host.size(), offset_) { put(host); }
  Array(const Array&) = delete;
  ~Array() { cudaFree(memory); }
  float* data() const { return memory + offset; }
  void put(const Host& host) {
    check(cudaMemcpy(data(), host.data(), size * sizeof(float), cudaMemcpyHostToDevice), "cudaMemcpy");
  }
  Host host() const {
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    Host copy(size);
    check(cudaMemcpy(copy.data(), data(), size * sizeof(float), cudaMemcpyDeviceToHost), "cudaMemcpy");
    return copy;
  }
};

Host random(std::size_t n, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> distribution(-1, 1);
  Host values(n);
  for (float& value : values) value = distribution(generator);
  return values;
}

int failures = 0;

void expect(bool condition, const std::string& what) {
  if (condition) return;
  if (++failures > 20) return;
  std::printf("WRONG: %s\n", what.c_str());
}

/// Sums of `terms` products of numbers up to 1.
void expect_close(const Host& got, const std::vector<double>& expected, int terms, const std::string& what) {
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double off = std::abs(double(got[i]) - expected[i]);
    if (!(off <= worst)) worst = off;
  }
  expect(worst <= 2e-7 * (terms + 4), what + ": off by " + std::to_string(worst));
}

bool same(const Host& a, const Host& b) { return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0; }

struct Layer {
  const char* of;
  int in, out;
  Activation f;
};
const Layer kLayers[] = {
    {"rlmep", 4, 16, Activation::relu},     {"rlmep", 16, 16, Activation::relu},      {"rlmep", 16, 2, Activation::none},
    {"tf", 4, 100, Activation::relu},       {"tf", 100, 50, Activation::relu},        {"tf", 50, 2, Activation::none},
    {"cleanrl", 4, 120, Activation::relu},  {"cleanrl", 120, 84, Activation::relu},   {"cleanrl", 84, 2, Activation::none},
    {"tutorial", 4, 128, Activation::relu}, {"tutorial", 128, 128, Activation::relu}, {"tutorial", 128, 2, Activation::none},
    {"zoo", 4, 256, Activation::relu},      {"zoo", 256, 256, Activation::relu},      {"zoo", 256, 2, Activation::none}};

/// A layer's arrays for a batch, with what should come out.
struct Case {
  Layer layer;
  int batch;
  bool with_dX = layer.in != 4;
  Host X0 = random(std::size_t(batch) * layer.in, 1), W0 = random(std::size_t(layer.in) * layer.out, 2),
       b0 = random(std::size_t(layer.out), 3), dY0 = random(std::size_t(batch) * layer.out, 4);
  Array X{X0}, W{W0}, b{b0}, Y{dY0.size()}, dY{dY0}, dX{X0.size()}, dW{W0.size()}, db{b0.size()};

  Case(const Layer& layer_, int batch_) : layer(layer_), batch(batch_) {}
  LinearShape shape() const { return {.batch = batch, .in = layer.in, .out = layer.out}; }
  ConstMatrix x() const { return {X.data(), batch, layer.in}; }
  ConstMatrix w() const { return {W.data(), layer.out, layer.in}; }
  Matrix y() const { return {Y.data(), batch, layer.out}; }
  Matrix dy() const { return {dY.data(), batch, layer.out}; }
  Matrix dx() const { return {dX.data(), batch, layer.in}; }
  Matrix dw() const { return {dW.data(), layer.out, layer.in}; }
  Vector bias_gradient() const { return {db.data(), db.size}; }
  std::string name() const {
    return std::string(layer.of) + " " + std::to_string(batch) + "x" + std::to_string(layer.in) + "x" +
           std::to_string(layer.out);
  }

  void check_forward(const char* who) const {
    std::vector<double> expected;
    for (int n = 0; n < batch; ++n) {
      for (int o = 0; o < layer.out; ++o) {
        double z = b0[std::size_t(o)];
        for (int i = 0; i < layer.in; ++i) z += double(X0[std::size_t(n * layer.in + i)]) * W0[std::size_t(o * layer.in + i)];
        expected.push_back(layer.f == Activation::relu && z < 0 ? 0 : z);
      }
    }
    expect_close(Y.host(), expected, layer.in, name() + " forward by " + who);
  }

  void check_backward(const char* who) const {
    const Host y = Y.host();
    std::vector<double> dZ(y.size()), weights(W0.size()), biases(b0.size()), inputs(X0.size());
    for (std::size_t i = 0; i < y.size(); ++i) dZ[i] = layer.f == Activation::relu && y[i] <= 0 ? 0 : dY0[i];
    for (int n = 0; n < batch; ++n) {
      for (int o = 0; o < layer.out; ++o) {
        const double dz = dZ[std::size_t(n * layer.out + o)];
        biases[std::size_t(o)] += dz;
        for (int i = 0; i < layer.in; ++i) {
          weights[std::size_t(o * layer.in + i)] += dz * X0[std::size_t(n * layer.in + i)];
          inputs[std::size_t(n * layer.in + i)] += dz * W0[std::size_t(o * layer.in + i)];
        }
      }
    }
    expect_close(dY.host(), dZ, 0, name() + " dZ by " + who);
    expect_close(dW.host(), weights, batch, name() + " dW by " + who);
    expect_close(db.host(), biases, batch, name() + " db by " + who);
    if (with_dX) expect_close(dX.host(), inputs, layer.out, name() + " dX by " + who);
  }
};

void layers(Gpu& gpu, CublasLtProducts& cublas) {
  std::printf("\nA kernel that does nothing: %.2f us\n", gpu.time([&] { gpu.launch(Nothing{nullptr}, {64, 128, 0, 1}); }));
  std::printf("\nus a launch        |        forward |           backward: own one launch, cuBLASLt dW+db, dX\n");
  std::printf("layer        batch |   own   cublas |   own     dZ  cublas dW  cublas dX\n");
  for (const Layer& layer : kLayers) {
    for (const int batch : {32, 64, 128, 256, 512, 1024, 4096}) {
      Case c(layer, batch);
      const LinearShape shape = c.shape();
      const LinearForward forward = linear_forward_kernel(shape, c.X.data(), c.W.data(), c.b.data(), layer.f, c.Y.data());
      const double own_forward = gpu.time([&] { gpu.launch(forward, linear_forward_grid(shape)); });
      if (batch <= 256) c.check_forward("own");

      const ColumnMajorProduct product = forward_product(c.x(), c.w(), {c.b.data(), c.b.size}, layer.f, c.y());
      const double cublas_forward = gpu.time([&] { cublas.multiply(product); });
      if (batch <= 256) c.check_forward("cublas");

      const LinearBackward backward = linear_backward_kernel(shape, c.X.data(), c.W.data(), c.Y.data(), layer.f, c.dY.data(),
                                                             c.with_dX ? c.dX.data() : nullptr, c.dW.data(), c.db.data());
      const double own_backward = gpu.time([&] { gpu.launch(backward, linear_backward_grid(shape, c.with_dX)); });
      if (batch <= 256) c.check_backward("own");

      c.dY.put(c.dY0);
      const ActivationGradient gradient{c.Y.data(), c.dY.data(), c.dy().size(), layer.f};
      const double dZ = gpu.time([&] { gpu.launch(gradient, elements_grid(c.dy().size())); });
      const bool fused = cublas.multiplies(Epilogue::bias_gradient);
      const ColumnMajorProduct weights = weight_gradient_product(c.dy(), c.x(), c.dw(), fused ? c.bias_gradient() : Vector{});
      const double cublas_weights = gpu.time([&] { cublas.multiply(weights); });
      double cublas_inputs = 0;
      if (c.with_dX) {
        const ColumnMajorProduct inputs = input_gradient_product(c.dy(), c.w(), c.dx());
        cublas_inputs = gpu.time([&] { cublas.multiply(inputs); });
      }
      if (batch <= 256 && fused) c.check_backward("cublas");
      std::printf("%4d->%-4d %7d |%6.2f %8.2f |%6.2f %6.2f %10.2f %10.2f\n", layer.in, layer.out, batch, own_forward,
                  cublas_forward, own_backward, dZ, cublas_weights, cublas_inputs);
    }
  }
}

/// K agents in one launch.
void agents(Gpu& gpu) {
  std::printf("\nK agents in one launch; TFLOP/s of multiply-adds times two\n");
  std::printf("layer        batch      K |  forward us TFLOP/s | backward us TFLOP/s\n");
  struct Shape {
    int batch, in, out;
  };
  for (const Shape s : {Shape{64, 4, 64}, {64, 64, 64}, {64, 64, 2}, {1, 64, 64}, {128, 128, 128}, {128, 128, 2}}) {
    std::vector<Host> alone;
    for (const std::int64_t K : {1, 16, 256, 4096}) {
      const std::size_t x = std::size_t(s.batch) * s.in, w = std::size_t(s.in) * s.out, y = std::size_t(s.batch) * s.out;
      const std::size_t P = (w + s.out + 3) / 4 * 4, k = std::size_t(K);
      // The same numbers for every agent, so that each should come out as it does alone.
      const auto repeated = [&](const Host& one) {
        Host all;
        for (std::size_t i = 0; i < k; ++i) all.insert(all.end(), one.begin(), one.end());
        return all;
      };
      const Array X(repeated(random(x, 1))), parameters(repeated(random(P, 2))), Y(y * k), dY(repeated(random(y, 3))),
          dX(x * k), gradients(P * k);
      const LinearShape shape{s.batch, s.in, s.out, K, std::int64_t(x), std::int64_t(P), std::int64_t(y)};
      const LinearForward forward =
          linear_forward_kernel(shape, X.data(), parameters.data(), parameters.data() + w, Activation::relu, Y.data());
      const LinearBackward backward =
          linear_backward_kernel(shape, X.data(), parameters.data(), Y.data(), Activation::relu, dY.data(),
                                 s.in == 4 ? nullptr : dX.data(), gradients.data(), gradients.data() + w);
      const double up = gpu.time([&] { gpu.launch(forward, linear_forward_grid(shape)); }, 20);
      const double down = gpu.time([&] { gpu.launch(backward, linear_backward_grid(shape, s.in != 4)); }, 20);
      std::size_t number = 0;
      for (const auto& [array, size, used] :
           {std::tuple{&Y, y, y}, {&dY, y, y}, {&dX, x, s.in == 4 ? 0 : x}, {&gradients, P, w + s.out}}) {
        const Host all = array->host();
        if (K == 1) alone.push_back(all);
        for (std::size_t i = 0; i < k; ++i) {
          expect(std::memcmp(&all[i * size], alone[number].data(), used * sizeof(float)) == 0,
                 "agent " + std::to_string(i) + " of " + std::to_string(K) + " is not as it is alone");
        }
        ++number;
      }
      const double flops = 2e-6 * double(K) * double(x) * s.out;
      std::printf("%4d->%-4d %7d %6d | %10.2f %7.2f | %10.2f %7.2f\n", s.in, s.out, s.batch, int(K), up, flops / up, down,
                  flops * (s.in == 4 ? 1 : 2) / down);
    }
  }
}

template <int R, int C>
double tile_time(Gpu& gpu, const Array& X, const Array& W, const Array& Y, int batch, int in, int out, std::int64_t K) {
  const SomeTile<R, C> kernel{X.data(), W.data(), Y.data(), batch, in, out};
  return gpu.time([&] { gpu.launch(kernel, kernel.grid(K)); }, K > 1 ? 20 : 100);
}

void other_tiles(Gpu& gpu) {
  std::printf("\nTiles of other sizes, us a launch of Y = X W'\n");
  std::printf("layer        batch      K |   8x16  16x16  16x32  32x16  32x32\n");
  struct Shape {
    int batch, in, out;
    std::int64_t K;
  };
  for (const Shape s : {Shape{32, 16, 16, 1},
                        {64, 100, 52, 1},
                        {128, 120, 84, 1},
                        {128, 128, 128, 1},
                        {64, 256, 256, 1},
                        {512, 128, 128, 1},
                        {512, 512, 512, 1},
                        {64, 64, 64, 64},
                        {64, 64, 64, 1024},
                        {128, 128, 128, 256}}) {
    const std::size_t k = std::size_t(s.K);
    const Array X(random(k * s.batch * s.in, 1)), W(random(k * s.in * s.out, 2)), Y(k * s.batch * s.out);
    std::printf("%4d->%-4d %7d %6d |", s.in, s.out, s.batch, int(s.K));
    std::printf("%7.2f", tile_time<2, 2>(gpu, X, W, Y, s.batch, s.in, s.out, s.K));
    const Host first = Y.host();
    std::printf("%7.2f", tile_time<4, 2>(gpu, X, W, Y, s.batch, s.in, s.out, s.K));
    expect(same(first, Y.host()), "16x16 gives other bits than 8x16");
    std::printf("%7.2f", tile_time<4, 4>(gpu, X, W, Y, s.batch, s.in, s.out, s.K));
    expect(same(first, Y.host()), "16x32 gives other bits than 8x16");
    std::printf("%7.2f", tile_time<8, 2>(gpu, X, W, Y, s.batch, s.in, s.out, s.K));
    expect(same(first, Y.host()), "32x16 gives other bits than 8x16");
    std::printf("%7.2f\n", tile_time<8, 4>(gpu, X, W, Y, s.batch, s.in, s.out, s.K));
    expect(same(first, Y.host()), "32x32 gives other bits than 8x16");
  }
}

/// What cuBLASLt does besides.
void habits(Gpu& gpu, CublasLtProducts& cublas) {
  const char* const names[] = {"none", "bias", "relu_bias", "bias_gradient"};
  for (const Epilogue e : {Epilogue::none, Epilogue::bias, Epilogue::relu_bias, Epilogue::bias_gradient}) {
    std::printf("cuBLASLt epilogue %-13s %s\n", names[int(e)], cublas.multiplies(e) ? "yes" : "no");
  }
  const Host x = {NAN, 1, -INFINITY, 1}, one = {1, 1, 1, 1}, zero = {0, 0};
  const Array X(x), W(one), b(zero), Y(4);
  cublas.multiply(forward_product({X.data(), 2, 2}, {W.data(), 2, 2}, {b.data(), 2}, Activation::relu, {Y.data(), 2, 2}));
  const Host y = Y.host();
  std::printf("cuBLASLt's relu of NaN is %g, of -inf %g\n", y[0], y[2]);

  // Operands that begin anywhere, as they do in flat arrays; and the same bits again.
  for (const std::size_t offset : {0, 1, 2, 3}) {
    const int B = 33, I = 20, O = 12;
    const Host x0 = random(B * I, 1), w0 = random(I * O, 2), b0 = random(O, 3);
    const Array X(x0, offset), W(w0, offset), b(b0, offset), Y(B * O, offset), dW(I * O, offset), dX(B * I, offset),
        db(O, offset);
    const auto run = [&] {
      cublas.multiply(forward_product({X.data(), B, I}, {W.data(), O, I}, {b.data(), O}, Activation::none, {Y.data(), B, O}));
      cublas.multiply(input_gradient_product({Y.data(), B, O}, {W.data(), O, I}, {dX.data(), B, I}));
      const bool fused = cublas.multiplies(Epilogue::bias_gradient);
      cublas.multiply(weight_gradient_product({Y.data(), B, O}, {X.data(), B, I}, {dW.data(), O, I},
                                              fused ? Vector{db.data(), O} : Vector{}));
      Host all = Y.host();
      for (const Array* a : {&dX, &dW}) {
        const Host more = a->host();
        all.insert(all.end(), more.begin(), more.end());
      }
      return all;
    };
    const Host once = run();
    for (int i = 0; i < 20; ++i) expect(same(once, run()), "cuBLASLt gives other bits the next time");
    for (const float value : once) expect(std::isfinite(value), "cuBLASLt has left an element out");
  }
}

void run(const std::vector<std::string_view>& wanted) {
  const auto wants = [&](std::string_view name) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  };
  cudaDeviceProp device{};
  check(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
  std::printf("%s, %d multiprocessors, cuBLASLt %zu\n", device.name, device.multiProcessorCount, cublasLtGetVersion());
  Gpu gpu;
  CublasLtProducts cublas(gpu.stream());
  habits(gpu, cublas);
  if (wants("layers")) layers(gpu, cublas);
  if (wants("agents")) agents(gpu);
  if (wants("tiles")) other_tiles(gpu);
  std::printf("\n%d wrong\n", failures);
}

}  // namespace
}  // namespace handgrad::cuda

int main(int argc, char** argv) {
  try {
    handgrad::cuda::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return handgrad::cuda::failures == 0 ? 0 : 1;
}
