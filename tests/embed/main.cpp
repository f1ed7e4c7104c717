// A program of somebody who uses handgrad: #include <handgrad/FOLDER/FILE.h> and nothing else.
#include <cstdio>
#include <handgrad/core/backends.h>
#include <handgrad/core/buffer.h>
#include <handgrad/core/error.h>

int main() try {
  const auto backend = handgrad::make_backend(handgrad::default_backend());
  handgrad::Buffer<handgrad::Real> x(*backend, 2), norm(*backend, 1);
  x.upload(std::vector<handgrad::Real>{3, 4});
  backend->l2_norm(x.span(), norm.span());
  const handgrad::Real length = norm.to_host().front();
  std::printf("|(3, 4)| = %g\n", static_cast<double>(length));
  return length == 5 ? 0 : 1;
} catch (const handgrad::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
