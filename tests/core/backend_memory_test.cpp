// Memory of every backend.

#include "core/backend.h"

#include "tests/support/any_backend.h"
#include "tests/support/arrays.h"

using namespace handgrad;

TEST_CASE("Every backend gives zeroed memory aligned to 64 bytes, and copies to and from it") {
  const auto backend = any_backend();
  for (const std::int64_t size : {1, 3, 1000}) {
    Buffer<Real> x(*backend, size);
    CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 64 == 0);
    CHECK(x.to_host() == std::vector<Real>(static_cast<std::size_t>(size)));
    backend->fill(x.span(), 2.5);
    CHECK(x.to_host() == std::vector<Real>(static_cast<std::size_t>(size), 2.5));
  }
}
