// How fast one thread block trains one agent: the kernel of cuda/agents/fused_agent.h alone, on CartPole.
//
//   nvcc -O3 -std=c++20 -arch=sm_90 -ftz=true --expt-relaxed-constexpr -I. cuda/bench/fused_bench.cu -o fused_bench
//   ./fused_bench AGENTS STEPS [RESIDENT [timed]]
//
// RESIDENT is how many blocks the registers are shared out for on a multiprocessor: 2 or 3. With `timed` it also prints where
// the clock cycles of the first agent's first warp go.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "cuda/agents/fused_agent.h"
#include "cuda/cuda_thread.h"

namespace {

using namespace handgrad::cuda;
using Environment = DeviceCartPole;
using L = FusedLayout<Environment, 2>;

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(error));
  std::exit(1);
}

template <class T>
T* allocate(std::size_t count) {
  void* p = nullptr;
  check(cudaMalloc(&p, count * sizeof(T)), "cudaMalloc");
  check(cudaMemset(p, 0, count * sizeof(T)), "cudaMemset");
  return static_cast<T*>(p);
}

constexpr int kPhases = 16;
__device__ long long phase_work[kPhases], phase_wait[kPhases];

__device__ __forceinline__ long long cycles() {
#if defined(__CUDA_ARCH__)
  return clock64();
#else
  return 0;
#endif
}

/// Counts the clock cycles from barrier to barrier, and at barriers, of the first thread of the first agent.
class TimedThread : public CudaThread {
 public:
  __device__ __forceinline__ TimedThread() : watched_(index() == 0 && agent() == 0), last_(cycles()) {}
  __device__ __forceinline__ void sync() {
    const long long before = cycles();
    CudaThread::sync();
    const long long after = cycles();
    if (watched_) {
      phase_work[phase_] += before - last_;
      phase_wait[phase_] += after - before;
      if (++phase_ == kSyncs + 1) phase_ = 1;  // number 0 is after loading
    }
    last_ = after;
  }

 private:
  static constexpr int kSyncs = 5;  // a step that trains and does not clip by norm
  bool watched_;
  int phase_ = 0;
  long long last_;
};

template <class K>
__global__ void __launch_bounds__(K::kThreads, K::kMinBlocks) run_timed(const __grid_constant__ K kernel) {
  TimedThread thread;
  kernel(thread);
}

float uniform(std::uint64_t& state, float bound) {
  state += 0x9E3779B97F4A7C15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return bound * (2.0f * static_cast<float>((z ^ (z >> 31)) >> 40) * 0x1p-24f - 1.0f);
}

std::vector<float> initial_networks(std::uint64_t seed) {
  std::vector<float> image(L::kNetworks);
  for (int o = 0; o < kSide; ++o)
    for (int i = 0; i < kSide; ++i) image[L::kOnlineW2 + o * kStride + i] = uniform(seed, 0.125f);
  for (int e = 0; e < L::kSmall; ++e) image[L::kOnlineSmall + e] = uniform(seed, e < L::kB2 ? 0.5f : 0.125f);
  std::memcpy(image.data() + L::kNetwork, image.data(), L::kNetwork * sizeof(float));
  return image;
}

std::vector<PlannedStep> plan_steps(int steps, int learning_starts, int target_every) {
  std::vector<PlannedStep> plan;
  double beta1_t = 1, beta2_t = 1;
  constexpr double kRate = 5e-4;
  for (int n = 0; n < steps; ++n) {
    PlannedStep step{};
    step.epsilon = static_cast<float>(std::fmax(0.02, 1.0 - n / 5000.0));
    step.does = PlannedStep::acts;
    if (n >= learning_starts) {
      step.does |= PlannedStep::trains;
      beta1_t *= 0.9;
      beta2_t *= 0.999;
      step.decay = 1;
      step.step = static_cast<float>(kRate / (1 - beta1_t));
      step.root_scale = static_cast<float>(1 / std::sqrt(1 - beta2_t));
      step.eps = 1e-8f;
    }
    if (n % target_every == 0) step.does |= PlannedStep::target_follows;
    plan.push_back(step);
  }
  return plan;
}

template <int kResident>
void run(int agents, int steps, bool timed) {
  using Kernel = FusedAgent<Environment, 2, false, kResident>;
  constexpr int kCapacity = 10'000, kBatch = 64;
  const int learning_starts = timed ? 0 : kBatch;  // TimedThread counts on every step to train
  Kernel kernel{};
  const auto K = static_cast<std::size_t>(agents);
  kernel.networks = allocate<float>(K * L::kNetworks);
  kernel.m = allocate<float>(K * L::kMoments);
  kernel.v = allocate<float>(K * L::kMoments);
  kernel.replay = allocate<float>(K * kCapacity * L::kTransition);
  kernel.records = allocate<FusedRecord>(K);
  kernel.returns = allocate<float>(K * kRecentReturns);
  FusedRecord none{};
  none.solved_at = -1;
  const std::vector<FusedRecord> start(K, none);
  check(cudaMemcpy(kernel.records, start.data(), K * sizeof(FusedRecord), cudaMemcpyHostToDevice), "cudaMemcpy");
  for (std::size_t k = 0; k < K; ++k) {
    const auto image = initial_networks(1000 + k);
    check(cudaMemcpy(kernel.networks + k * L::kNetworks, image.data(), L::kNetworks * sizeof(float), cudaMemcpyHostToDevice),
          "cudaMemcpy");
  }
  const auto plan = plan_steps(steps, learning_starts, 250);
  PlannedStep* device_plan = allocate<PlannedStep>(plan.size());
  check(cudaMemcpy(device_plan, plan.data(), plan.size() * sizeof(PlannedStep), cudaMemcpyHostToDevice), "cudaMemcpy");

  kernel.capacity = kCapacity;
  kernel.first_seed = 1;
  kernel.max_episode_steps = 500;
  kernel.gamma = kernel.truncation_discount = 0.99f;
  kernel.solved_threshold = 475;
  kernel.settings = {.batch = kBatch,
                     .loss = FusedSettings::smooth_l1,
                     .delta = 1,
                     .one_over_delta = 1,
                     .loss_scale = 1.0f / kBatch,
                     .clip = FusedSettings::none,
                     .clip_limit = 1,
                     .beta1 = 0.9f,
                     .beta2 = 0.999f,
                     .one_minus_beta1 = 0.1f,
                     .one_minus_beta2 = 0.001f,
                     .weight_decay = 0,
                     .tau = 1,
                     .double_q = false};

  const auto entry = timed ? run_timed<Kernel> : run_kernel<Kernel>;
  check(cudaFuncSetAttribute(entry, cudaFuncAttributeMaxDynamicSharedMemorySize, L::kSharedBytes), "cudaFuncSetAttribute");
  int resident = 0;
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, entry, L::kThreads, L::kSharedBytes), "occupancy");
  cudaFuncAttributes attributes{};
  check(cudaFuncGetAttributes(&attributes, entry), "cudaFuncGetAttributes");
  cudaDeviceProp device{};
  check(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
  int clock = 0;
  check(cudaDeviceGetAttribute(&clock, cudaDevAttrClockRate, 0), "cudaDeviceGetAttribute");

  cudaEvent_t begin, end;
  check(cudaEventCreate(&begin), "cudaEventCreate");
  check(cudaEventCreate(&end), "cudaEventCreate");
  constexpr int kChunk = 1'000;  // steps a launch
  float total_ms = 0, longest_ms = 0;
  for (int done = 0; done < steps; done += kChunk) {
    kernel.plan = device_plan + done;
    kernel.steps = steps - done < kChunk ? steps - done : kChunk;
    kernel.env_steps = done;
    kernel.train_steps = done <= learning_starts ? 0 : done - learning_starts;
    check(cudaEventRecord(begin), "cudaEventRecord");
    entry<<<dim3(1, static_cast<unsigned>(agents)), L::kThreads, L::kSharedBytes>>>(kernel);
    check(cudaGetLastError(), "launch");
    check(cudaEventRecord(end), "cudaEventRecord");
    check(cudaEventSynchronize(end), "the kernel");
    float ms = 0;
    check(cudaEventElapsedTime(&ms, begin, end), "cudaEventElapsedTime");
    total_ms += ms;
    longest_ms = ms > longest_ms ? ms : longest_ms;
  }

  std::vector<FusedRecord> records(K);
  check(cudaMemcpy(records.data(), kernel.records, K * sizeof(FusedRecord), cudaMemcpyDeviceToHost), "cudaMemcpy");
  double mean = 0, loss = 0;
  int solved = 0, above = 0;
  for (const FusedRecord& record : records) {
    const double last =
        record.recent_sum / (record.episodes < kRecentReturns ? std::fmax(1, record.episodes) : kRecentReturns);
    mean += last / agents;
    loss += record.loss_sum / agents / steps;
    solved += record.solved_at >= 0;
    above += last > 195;
  }
  const double agent_steps = static_cast<double>(agents) * steps, seconds = total_ms * 1e-3;
  constexpr double kFlops = 2.0 * (3 * 64 * (L::D * 64 + 64 * 64 + 64 * L::A) + 64 * (64 * 64 + 64 * L::A));
  const double per_step = seconds * device.multiProcessorCount * clock * 1e3 / agent_steps;
  std::printf("%s, %d SMs, %.0f MHz; %d registers, %d bytes spilled, %d bytes shared, %d blocks an SM\n", device.name,
              device.multiProcessorCount, clock * 1e-3, attributes.numRegs, static_cast<int>(attributes.localSizeBytes),
              L::kSharedBytes, resident);
  std::printf("%d agents, %d steps: %.3f s, longest launch %.3f s\n", agents, steps, seconds, longest_ms * 1e-3);
  std::printf("%.3f us an agent-step, %.3e agent-steps/s, %.2f TFLOP/s, %.0f cycles of an SM an agent-step\n",
              seconds * 1e6 / agent_steps, agent_steps / seconds, agent_steps * kFlops / seconds * 1e-12, per_step);
  std::printf("10,000 agents of 50,000 steps would take %.1f s\n", seconds / agent_steps * 5e8);
  std::printf("mean return of the last 100 episodes %.1f, above 195: %d of %d, solved: %d; mean loss %.4f\n", mean, above,
              agents, solved, loss);
  if (timed) {
    long long work[kPhases], wait[kPhases];
    check(cudaMemcpyFromSymbol(work, phase_work, sizeof(work)), "cudaMemcpyFromSymbol");
    check(cudaMemcpyFromSymbol(wait, phase_wait, sizeof(wait)), "cudaMemcpyFromSymbol");
    const char* names[] = {"", "act", "environment, replay, forward, dZ", "dW2", "parts", "sums, Adam"};
    for (int phase = 1; phase <= 5; ++phase) {
      std::printf("  %-34s %8.0f cycles, then %6.0f at the barrier\n", names[phase], static_cast<double>(work[phase]) / steps,
                  static_cast<double>(wait[phase]) / steps);
    }
  }
  for (void* p : {static_cast<void*>(kernel.networks), static_cast<void*>(kernel.m), static_cast<void*>(kernel.v),
                  static_cast<void*>(kernel.replay), static_cast<void*>(kernel.records), static_cast<void*>(kernel.returns),
                  static_cast<void*>(device_plan)}) {
    cudaFree(p);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const int agents = count > 1 ? std::atoi(arguments[1]) : 1'000;
  const int steps = count > 2 ? std::atoi(arguments[2]) : 2'000;
  const int resident = count > 3 ? std::atoi(arguments[3]) : 3;
  const bool timed = count > 4;
  if (resident == 2) {
    run<2>(agents, steps, timed);
  } else {
    run<3>(agents, steps, timed);
  }
}
