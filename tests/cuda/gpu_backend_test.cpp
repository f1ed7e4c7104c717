// The backend of the GPU on an emulated one: every operation against its formula, and whole train steps against the reference.

#include "cuda/gpu_backend.h"

#include "core/backends.h"
#include "core/checked_backend.h"
#include "core/reference_backend.h"
#include "core/step_scope.h"
#include "nn/loss.h"
#include "tests/cuda/emulation/emulated_device.h"
#include "tests/support/arrays.h"
#include "tests/support/bridged_backend.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/train_steps.h"
#include "tests/support/trial.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

using Emulated = GpuBackend<EmulatedDevice>;

std::unique_ptr<Emulated> emulated(const std::string& words, bool epilogues = true) {
  EmulatedDevice::Options options;
  options.epilogues = epilogues;
  return std::make_unique<Emulated>("cuda:" + words, parse_gpu_options(words), std::make_unique<EmulatedDevice>(options));
}

void check_all(Numbers numbers, int trials) {
  const handgrad::Operation operation = GENERATE(from_range(all_operations()));
  std::vector<std::unique_ptr<Backend>> backends;
  for (const char* words : {"own", "cublas"}) backends.push_back(std::make_unique<BridgedBackend>(emulated(words)));
  backends.push_back(std::make_unique<BridgedBackend>(emulated("cublas", false)));
  Draw draw(5, numbers);
  for (int k = 0; k < trials; ++k) {
    Trial trial = operation.draw(draw);
    for (const auto& backend : backends) CHECK(trial.failure(*backend) == "");
  }
}

}  // namespace

TEST_CASE("Every operation on an emulated GPU gives what its formula says, over random shapes") {
  check_all(Numbers::ordinary, 40);
}

TEST_CASE("NaN and infinity and signed zeros go through every operation on an emulated GPU as they should") {
  check_all(Numbers::special, 25);
}

TEST_CASE("Denormal numbers in a train step on an emulated GPU count as zeros") { check_all(Numbers::denormal, 15); }

TEST_CASE("Every operation of whole train steps on an emulated GPU agrees with the reference") {
  for (const char* words : {"own", "cublas"}) {
    CheckedBackend checked(std::make_unique<ReferenceBackend>(), emulated(words));
    for (const auto& [what, config] : train_step_trials()) {
      INFO(words << ": " << what);
      CHECK_NOTHROW(train(checked, config, 2));
    }
  }
}

TEST_CASE("Train steps that are replayed as graphs lead where the reference arrives, launched one by one to the same bits") {
  const auto reference = make_backend("reference");
  for (const auto& [what, config] : train_step_trials()) {
    INFO(what);
    const Trained expected = train(*reference, config, 6);
    const auto graphs = emulated(""), stream = emulated("stream");
    const Trained got = train(*graphs, config, 6), again = train(*stream, config, 6);
    CHECK(difference(got.parameters, expected.parameters, 1e-3, 1e-4) == "");
    CHECK(got.loss == Approx(expected.loss).epsilon(1e-3));
    CHECK(got.parameters == again.parameters);
    CHECK(graphs->recorded().graphs() >= 1);
    CHECK(graphs->device().replays() >= 3);
    CHECK(stream->device().replays() == 0);
  }
}

TEST_CASE("A mistake on the device that shows when a step ends is thrown by the next operation") {
  const auto backend = emulated("cublas");
  Buffer<Real> x(*backend, 4), out(*backend, 4);
  const std::vector<Real> on_the_host(4, 1);
  {
    const StepScope scope(*backend);
    const ConstMatrix X(on_the_host.data(), 2, 2);
    backend->linear_forward(X, x.matrix(2, 2), x.first(2), Activation::none, out.matrix(2, 2));
  }
  CHECK(contains(error_message([&] { backend->fill(x.span(), 0); }), "no memory of the device"));
  backend->fill(x.span(), 7);
  CHECK(x.to_host() == std::vector<Real>(4, 7));
}

TEST_CASE("The words after cuda: are known, or named") {
  CHECK_FALSE(parse_gpu_options("stream").graphs);
  CHECK(parse_gpu_options("stream+cublas").products == GpuOptions::Products::cublas);
  CHECK(parse_gpu_options("own").products == GpuOptions::Products::own);
  CHECK(parse_gpu_options("tf32").tf32);
  CHECK(parse_gpu_options("").graphs);
  CHECK(contains(error_message([] { parse_gpu_options("stream+fast"); }), "'fast'"));
  CHECK(contains(error_message([] { parse_gpu_options("tf32+own"); }), "tf32"));
}
