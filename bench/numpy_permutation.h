// numpy.random.default_rng(seed).permutation(n), so that our split is the one behind the peers' figures.
#pragma once

#include <cstdint>
#include <vector>

namespace roicast::bench {

// SeedSequence, PCG64 (XSL-RR 128/64; O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
// Algorithms for Random Number Generation", 2014) and the shuffle of numpy 1.17 to 2. n < 2³¹.
std::vector<int64_t> NumpyPermutation(uint32_t seed, int64_t n);

}  // namespace roicast::bench
