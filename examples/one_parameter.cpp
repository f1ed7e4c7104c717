// The smallest training loop there is: one parameter θ, loss (y - θx)², its gradient by hand, Adam.
#include <handgrad/core/backends.h>
#include <handgrad/core/buffer.h>
#include <handgrad/nn/optimizer.h>

#include <cmath>
#include <cstdio>
#include <vector>

using namespace handgrad;

int main() {
  const Real x = 1, y = 2;
  Real theta = static_cast<Real>(-1.2694);

  const auto backend = make_backend(default_backend());
  Optimizer adam(*backend, {.lr = 0.1}, 1);
  Buffer<Real> parameter(*backend, 1), gradient(*backend, 1);  // the backend's memory: numbers go in and out by copies
  parameter.upload(std::vector<Real>{theta});

  for (int step = 0; step <= 100; ++step) {
    const Real error = y - theta * x;
    if (step % 20 == 0) {
      std::printf("step %3d   theta %8.5f   loss %.6f\n", step, static_cast<double>(theta),
                  static_cast<double>(error * error));
    }
    if (step == 100) break;
    gradient.upload(std::vector<Real>{-2 * x * error});  // ∂loss/∂θ = -2x (y - θx)
    adam.step(parameter.span(), gradient.span());
    theta = parameter.to_host()[0];
  }
  return std::abs(static_cast<double>(theta) - 1.981208) < 2e-6 ? 0 : 1;
}
