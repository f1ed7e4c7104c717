#include "core/buffer.h"

#include <numeric>

#include "core/reference_backend.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/sanitizer.h"

using namespace handgrad;

namespace {

/// Counts what is taken and given back.
class CountingBackend : public ReferenceBackend {
 public:
  void* allocate(std::size_t bytes) override {
    ++live;
    return ReferenceBackend::allocate(bytes);
  }
  void deallocate(void* memory) noexcept override {
    --live;
    ReferenceBackend::deallocate(memory);
  }
  int live = 0;
};

}  // namespace

TEST_CASE("A buffer begins with zeros and gives back what was put in") {
  ReferenceBackend backend;
  Buffer<Real> x(backend, 5);
  CHECK(x.size() == 5);
  CHECK(x.to_host() == std::vector<Real>(5));
  x.upload(std::vector<Real>{1, 2}, 3);
  CHECK(x.to_host() == std::vector<Real>{0, 0, 0, 1, 2});
  std::vector<Real> part(3);
  x.download(part, 1);
  CHECK(part == std::vector<Real>{0, 0, 1});
}

TEST_CASE("A buffer can be seen as a span, its beginning, or a matrix") {
  ReferenceBackend backend;
  Buffer<std::int32_t> x(backend, 6);
  std::vector<std::int32_t> numbers(6);
  std::iota(numbers.begin(), numbers.end(), 0);
  x.upload(numbers);
  CHECK(x.span().size() == 6);
  CHECK(x.first(2).size() == 2);
  CHECK(x.matrix(2, 3)(1, 2) == 5);
  CHECK(std::as_const(x).matrix(2, 2)(1, 1) == 3);
}

TEST_CASE("A copy that does not fit a buffer is refused") {
  ReferenceBackend backend;
  Buffer<Real> x(backend, 3);
  std::vector<Real> four(4), two(2);
  CHECK(error_message([&] { x.upload(four); }) == "upload of 4 values at offset 0 does not fit a buffer of 3");
  CHECK(error_message([&] { x.upload(two, 2); }) == "upload of 2 values at offset 2 does not fit a buffer of 3");
  CHECK(error_message([&] { x.upload(two, -1); }) == "upload of 2 values at offset -1 does not fit a buffer of 3");
  CHECK(error_message([&] { x.download(four); }) == "download of 4 values at offset 0 does not fit a buffer of 3");
}

TEST_CASE("A buffer's memory moves with it and is given back once") {
  CountingBackend backend;
  {
    Buffer<Real> x = on(backend, {1, 2});
    Buffer<Real> y = std::move(x);
    CHECK(y.to_host() == std::vector<Real>{1, 2});
    Buffer<Real> z(backend, 7);
    CHECK(backend.live == 2);
    z = std::move(y);
    CHECK(z.to_host() == std::vector<Real>{1, 2});
    CHECK(z.size() == 2);
    const Buffer<Real> none;
    CHECK(none.size() == 0);
    CHECK(none.span().empty());
  }
  CHECK(backend.live == 0);
}

TEST_CASE("A buffer without elements is one") {
  CountingBackend backend;
  {
    Buffer<Real> x(backend, 0);
    CHECK(x.to_host().empty());
    CHECK(x.span().empty());
  }
  CHECK(backend.live == 0);
}

// Story: the number of bytes, 2^64, wrapped round to 0, and there was memory enough for that.
TEST_CASE("A buffer larger than any memory is refused") {
  ReferenceBackend backend;
  CHECK(contains(error_message([&] { Buffer<Real>(backend, std::int64_t{1} << 62); }), "out of memory"));
  CHECK(contains(error_message([&] { Buffer<Real>(backend, -1); }), "out of memory"));
#if !defined(HANDGRAD_ADDRESS_SANITIZER)  // which stops the program at once
  CHECK(contains(error_message([&] { Buffer<Real>(backend, std::int64_t{1} << 50); }), "out of memory"));
#endif
}
