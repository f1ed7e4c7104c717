// Gathering rows and delivering pieces of memory: cuda/kernels/rows.h.

#include "cuda/kernels/rows.h"

#include "core/reference_backend.h"
#include "tests/cuda/kernel_cases.h"
#include "tests/support/catch.h"
#include "tests/support/draw.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

using Memory = std::vector<std::byte>;

Memory random_bytes(Draw& draw, std::int64_t n) {
  Memory bytes(static_cast<std::size_t>(n));
  for (std::byte& value : bytes) value = static_cast<std::byte>(draw.below(256));
  return bytes;
}

/// Where a delivery goes: `gap` bytes behind the one before.
struct Piece {
  std::int64_t bytes, gap, payload_gap;
};

/// Deliveries and their payload in an envelope; and what the destination has to hold afterwards.
struct Post {
  Memory destination, payload;
  std::vector<Delivery> deliveries;
  Memory expected;

  Post(Draw& draw, const std::vector<Piece>& pieces, std::byte* device_memory, std::int64_t size, std::int64_t payload_begin)
      : destination(random_bytes(draw, size)), expected(destination) {
    std::int64_t to = 0;
    for (const Piece& piece : pieces) {
      to += piece.gap;
      payload.resize(payload.size() + static_cast<std::size_t>(piece.payload_gap));
      const Memory content = random_bytes(draw, piece.bytes);
      deliveries.push_back({device_memory + to, payload_begin + static_cast<std::int64_t>(payload.size()), piece.bytes});
      std::copy(content.begin(), content.end(), expected.begin() + to);
      payload.insert(payload.end(), content.begin(), content.end());
      to += piece.bytes;
      require(to <= size, "the destination is too small");
    }
  }
};

std::vector<Piece> random_pieces(Draw& draw, std::int64_t n, std::int64_t alignment) {
  std::vector<Piece> pieces;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t bytes = draw.one_of<std::int64_t>({0, 1, 3, 4, 5, 15, 16, 17, 512, 2049, 1 + draw.below(100)});
    pieces.push_back({bytes, draw.below(3) * alignment, draw.below(3) * alignment});
    // The next begins at a multiple again.
    pieces.push_back({(alignment - bytes % alignment) % alignment, 0, 0});
  }
  return pieces;
}

}  // namespace

TEST_CASE("Rows are gathered at every size, by fours and by ones, each agent's from its own source") {
  Draw draw(31, Numbers::special);
  for (const std::int64_t B : {1, 31, 32, 33, 128, 257}) {
    for (const std::int64_t I : {1, 2, 3, 4, 6, 8, 27, 128}) {
      for (const std::int64_t agents : {1, 3}) {
        const std::int64_t N = 1 + draw.below(60);
        const Floats source = draw.values(agents * N * I);
        const Indices32 rows = draw.indices(agents * B, N);
        Floats expected;
        for (std::int64_t k = 0; k < agents; ++k) {
          Floats out(static_cast<std::size_t>(B * I));
          const Floats mine = part(source, k, agents);
          ReferenceBackend().gather_rows({mine.data(), N, I}, part(rows, k, agents), {out.data(), B, I});
          expected.insert(expected.end(), out.begin(), out.end());
        }
        EmulatedDevice device(static_cast<std::uint64_t>(B * I));
        DeviceArray<std::int32_t> r(device, rows);
        for (const auto& [shift, out_shift] : {std::pair{0, 0}, {0, 1}, {1, 0}, {1, 1}}) {
          Shifted from(device, source, shift), to(device, Floats(expected.size(), 7), out_shift);
          device.launch(
              make_gather_rows({from.data(), agents * N, I}, {r.data(), rows.size()}, {to.data(), agents * B, I}, agents),
              gather_grid(B, I, agents));
          INFO(agents << " x " << B << " x " << I << " shifted by " << shift << " and " << out_shift);
          CHECK(wrong_bits(to.host(), expected) == "");
        }
        count_case("GatherRows", text(agents, " x ", B, " x ", I));
      }
    }
  }
}

TEST_CASE("Deliveries of every size and alignment arrive, and nothing beside them changes") {
  for (const std::int64_t alignment : {1, 2, 4, 8, 16}) {
    for (const std::int64_t n : {1, 2, 3, 7, 40}) {
      EmulatedDevice device(static_cast<std::uint64_t>(n));
      Draw draw(static_cast<std::uint64_t>(alignment), Numbers::ordinary);
      constexpr std::int64_t kSize = 100'000;
      DeviceArray<std::byte> destination(device, kSize);
      const std::vector<Piece> pieces = random_pieces(draw, n, alignment);
      const auto count = static_cast<std::int64_t>(pieces.size());
      const std::int64_t table = count * static_cast<std::int64_t>(sizeof(Delivery));
      const Post post(draw, pieces, destination.data(), kSize, blocks_for(table, 16) * 16);
      Memory envelope(static_cast<std::size_t>(blocks_for(table, 16) * 16));
      std::memcpy(envelope.data(), post.deliveries.data(), static_cast<std::size_t>(table));
      envelope.insert(envelope.end(), post.payload.begin(), post.payload.end());
      const DeviceArray<std::byte> posted(device, envelope);

      for (const Grid& grid : {deliver_grid(count), Grid{2, 32}}) {
        destination.upload(post.destination);
        device.launch(Deliver{posted.data(), count}, grid);
        CHECK(destination.host() == post.expected);
      }
      count_case("Deliver", text(n, " aligned to ", alignment));
    }
  }
}

TEST_CASE("A few deliveries arrive that come as arguments") {
  for (const std::int64_t n : {1, 3, 8}) {
    EmulatedDevice device;
    Draw draw(static_cast<std::uint64_t>(n), Numbers::ordinary);
    constexpr std::int64_t kSize = 40'000;
    DeviceArray<std::byte> destination(device, kSize);
    std::vector<Piece> pieces;
    for (std::int64_t i = 0; i < n; ++i) pieces.push_back({16 + 4 * i, 4 * i, 4});
    const Post post(draw, pieces, destination.data(), kSize, 0);
    const DeviceArray<std::byte> posted(device, post.payload);
    destination.upload(post.destination);
    DeliverFew few{posted.data(), {}};
    std::copy(post.deliveries.begin(), post.deliveries.end(), few.deliveries);
    device.launch(few, deliver_grid(n));
    CHECK(destination.host() == post.expected);
    count_case("DeliverFew", text(n));
  }
}
