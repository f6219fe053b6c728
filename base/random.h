// Seeded pseudo-random numbers. The sequence is the same on every machine and in every release, which the standard
// library's distributions do not guarantee; training, splits and the generator depend on it.
// xoshiro256++ 1.0 and SplitMix64: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021).
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace roicast {

// Expands one seed into well-mixed 64-bit words.
inline uint64_t SplitMix64(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// Not thread-safe; cheap to copy.
class Random {
 public:
  using State = std::array<uint64_t, 4>;

  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) word = SplitMix64(seed);
  }
  // Resumes a sequence from state().
  explicit Random(const State& state) : state_(state) {}

  uint64_t NextUint64() {
    const uint64_t result = Rotate(state_[0] + state_[3], 23) + state_[0];
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = Rotate(state_[3], 45);
    return result;
  }

  // Uniform in [0, 1), 53 bits.
  double Uniform() { return static_cast<double>(NextUint64() >> 11) * 0x1.0p-53; }
  // Uniform in [low, high).
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }

  // Uniform in [0, bound), bound > 0. Lemire, "Fast Random Integer Generation in an Interval" (2019).
  uint64_t Below(uint64_t bound) {
    __extension__ using Uint128 = unsigned __int128;
    Uint128 product = static_cast<Uint128>(NextUint64()) * bound;
    if (static_cast<uint64_t>(product) < bound) {
      const uint64_t threshold = (0 - bound) % bound;
      while (static_cast<uint64_t>(product) < threshold) product = static_cast<Uint128>(NextUint64()) * bound;
    }
    return static_cast<uint64_t>(product >> 64);
  }

  // Standard normal. Box and Muller, "A Note on the Generation of Random Normal Deviates" (1958).
  double Normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
    return radius * std::cos(2.0 * 3.14159265358979323846 * Uniform());
  }

  // Fisher–Yates.
  template <typename T>
  void Shuffle(std::vector<T>& values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[Below(i)]);
  }

  const State& state() const { return state_; }

 private:
  static uint64_t Rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

  State state_;
};

}  // namespace roicast
