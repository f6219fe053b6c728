#include "bench/numpy_permutation.h"

#include <array>
#include <bit>
#include <cstddef>
#include <numeric>
#include <utility>

namespace roicast::bench {
namespace {

__extension__ using Uint128 = unsigned __int128;

// The entropy pool of numpy's SeedSequence, for one word of entropy.
class SeedSequence {
 public:
  explicit SeedSequence(uint32_t entropy) {
    uint32_t constant = 0x43b0d7e5u;
    const auto hash = [&constant](uint32_t value) {
      value ^= constant;
      constant *= 0x931e8875u;
      value *= constant;
      return value ^ (value >> 16);
    };
    for (std::size_t i = 0; i < pool_.size(); ++i) pool_[i] = hash(i == 0 ? entropy : 0);
    for (std::size_t from = 0; from < pool_.size(); ++from) {
      for (std::size_t to = 0; to < pool_.size(); ++to) {
        if (from != to) pool_[to] = Mix(pool_[to], hash(pool_[from]));
      }
    }
  }

  std::array<uint64_t, 4> State() const {
    std::array<uint32_t, 8> words{};
    uint32_t constant = 0x8b51f9ddu;
    for (std::size_t i = 0; i < words.size(); ++i) {
      uint32_t value = pool_[i % pool_.size()] ^ constant;
      constant *= 0x58f38dedu;
      value *= constant;
      words[i] = value ^ (value >> 16);
    }
    std::array<uint64_t, 4> state{};
    for (std::size_t i = 0; i < state.size(); ++i)
      state[i] = words[2 * i] | (static_cast<uint64_t>(words[2 * i + 1]) << 32);
    return state;
  }

 private:
  static uint32_t Mix(uint32_t x, uint32_t y) {
    const uint32_t mixed = 0xca01f9ddu * x - 0x4973f715u * y;
    return mixed ^ (mixed >> 16);
  }

  std::array<uint32_t, 4> pool_{};
};

class Pcg64 {
 public:
  explicit Pcg64(const std::array<uint64_t, 4>& seed)
      : increment_((((static_cast<Uint128>(seed[2]) << 64) | seed[3]) << 1) | 1) {
    Step();
    state_ += (static_cast<Uint128>(seed[0]) << 64) | seed[1];
    Step();
  }

  // Uniform in [0, last]: words are masked, and rejected if they are still too large.
  uint32_t UpTo(uint32_t last) {
    const uint32_t mask = std::bit_ceil(last + 1) - 1;
    uint32_t value = Next32() & mask;
    while (value > last) value = Next32() & mask;
    return value;
  }

 private:
  void Step() {
    const Uint128 multiplier = (static_cast<Uint128>(2549297995355413924u) << 64) | 4865540595714422341u;
    state_ = state_ * multiplier + increment_;
  }

  uint64_t Next64() {
    Step();
    const uint64_t high = static_cast<uint64_t>(state_ >> 64);
    const uint64_t mixed = high ^ static_cast<uint64_t>(state_);
    const unsigned turn = static_cast<unsigned>(high >> 58);
    return (mixed >> turn) | (mixed << ((64 - turn) & 63));
  }

  // The low half of a 64-bit word, then its high half.
  uint32_t Next32() {
    if (has_half_) {
      has_half_ = false;
      return half_;
    }
    const uint64_t word = Next64();
    half_ = static_cast<uint32_t>(word >> 32);
    has_half_ = true;
    return static_cast<uint32_t>(word);
  }

  Uint128 state_ = 0;
  Uint128 increment_;
  uint32_t half_ = 0;
  bool has_half_ = false;
};

}  // namespace

std::vector<int64_t> NumpyPermutation(uint32_t seed, int64_t n) {
  std::vector<int64_t> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), int64_t{0});
  Pcg64 random(SeedSequence(seed).State());
  for (std::size_t i = values.size() - 1; i > 0; --i)
    std::swap(values[i], values[random.UpTo(static_cast<uint32_t>(i))]);
  return values;
}

}  // namespace roicast::bench
