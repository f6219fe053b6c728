#include "model/data/leverage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace roicast {
namespace {

constexpr double kMostOfTheVariance = 0.5;
// In interquartile ranges.
constexpr double kFarOut = 3.0;
constexpr double kGap = 3.0;

// Reorders `values`.
double TakeQuantile(double probability, std::vector<double>& values) {
  const auto place = static_cast<int64_t>(probability * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[place];
}

// Positions, ascending, of values that are far out on the asinh scale, if a gap is between them and the rest.
std::vector<int64_t> FindFarOut(absl::Span<const double> values) {
  std::vector<double> scaled;
  scaled.reserve(values.size());
  for (const double value : values) scaled.push_back(std::asinh(value));
  std::vector<double> sorted = scaled;
  const double first = TakeQuantile(0.25, sorted), third = TakeQuantile(0.75, sorted);
  const double range = third - first;
  std::vector<int64_t> far;
  if (!(range > 0.0)) return far;
  // The innermost far values and the outermost others, on both sides.
  double far_below = -std::numeric_limits<double>::infinity(), far_above = -far_below;
  double lowest = far_above, highest = far_below;
  for (size_t i = 0; i < scaled.size(); ++i) {
    const double value = scaled[i];
    if (value >= first - kFarOut * range && value <= third + kFarOut * range) {
      lowest = std::min(lowest, value);
      highest = std::max(highest, value);
      continue;
    }
    far.push_back(static_cast<int64_t>(i));
    if (value < first) far_below = std::max(far_below, value);
    if (value > third) far_above = std::min(far_above, value);
  }
  if (lowest - far_below < kGap * range || far_above - highest < kGap * range) far.clear();
  return far;
}

}  // namespace

Leverage FindLeverage(absl::Span<const double> values) {
  Leverage leverage;
  const auto n = static_cast<int64_t>(values.size());
  const int64_t few = std::min(std::max(int64_t{3}, n / 200), n / 20);
  if (few == 0) return leverage;
  std::vector<double> sorted(values.begin(), values.end());
  leverage.median = TakeQuantile(0.5, sorted);
  const auto weight = [&](int64_t i) {
    const double distance = values[i] - leverage.median;
    return distance * distance;
  };
  double total = 0.0;
  for (int64_t i = 0; i < n; ++i) total += weight(i);
  if (!(total > 0.0) || !std::isfinite(total)) return leverage;

  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), int64_t{0});
  std::partial_sort(order.begin(), order.begin() + few, order.end(), [&](int64_t a, int64_t b) {
    const double of_a = weight(a), of_b = weight(b);
    return of_a != of_b ? of_a > of_b : a < b;
  });
  double carried = 0.0;
  int64_t count = 0;
  while (count < few && carried <= kMostOfTheVariance * total) carried += weight(order[count++]);
  if (carried <= kMostOfTheVariance * total) return leverage;

  leverage.positions.assign(order.begin(), order.begin() + count);
  std::sort(leverage.positions.begin(), leverage.positions.end());
  std::vector<int64_t> far = FindFarOut(values);
  leverage.stands_apart = static_cast<int64_t>(far.size()) <= few &&
                          std::includes(far.begin(), far.end(), leverage.positions.begin(), leverage.positions.end());
  if (leverage.stands_apart) leverage.positions = std::move(far);
  for (const int64_t i : leverage.positions) leverage.share += weight(i) / total;
  leverage.rest_min = std::numeric_limits<double>::infinity();
  leverage.rest_max = -leverage.rest_min;
  auto next = leverage.positions.begin();
  for (int64_t i = 0; i < n; ++i) {
    if (next != leverage.positions.end() && *next == i) {
      ++next;
      continue;
    }
    leverage.rest_min = std::min(leverage.rest_min, values[i]);
    leverage.rest_max = std::max(leverage.rest_max, values[i]);
  }
  return leverage;
}

}  // namespace roicast
