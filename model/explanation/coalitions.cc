#include "model/explanation/coalitions.h"

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace roicast {

void AddShapleyValues(const std::vector<double>& worth, absl::Span<double> values) {
  const int players = static_cast<int>(values.size());
  ROICAST_CHECK(players >= 1 && worth.size() == size_t{1} << players);
  // By the size of S: |S|! (n − |S| − 1)! / n! = 1 / (n · C(n − 1, |S|)).
  std::vector<double> share(players);
  double combinations = 1.0;
  for (int size = 0; size < players; ++size) {
    share[size] = 1.0 / (players * combinations);
    combinations *= static_cast<double>(players - 1 - size) / (size + 1);
  }
  for (uint32_t set = 0; set < worth.size(); ++set) {
    for (int p = 0; p < players; ++p) {
      const uint32_t with = set | uint32_t{1} << p;
      if (with != set) values[p] += share[std::popcount(set)] * (worth[with] - worth[set]);
    }
  }
}

}  // namespace roicast
