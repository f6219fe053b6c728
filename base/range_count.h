// Counts numbers outside a range, and tells whether another unit explains them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace roicast {

// Not thread-safe.
class RangeCount {
 public:
  // Both ends are inside, and rounded to float32, as the numbers of raw rows are.
  RangeCount(double min, double max) : min_(static_cast<float>(min)), max_(static_cast<float>(max)) {}

  // Whether the number is outside. NaN is no number.
  bool Add(float number) {
    if (std::isnan(number)) return false;
    ++numbers_;
    if (IsInside(number)) return false;
    ++outside_;
    for (size_t i = 0; i < kFactors.size(); ++i) {
      by_factor_[i] += IsInside(static_cast<float>(static_cast<double>(number) * kFactors[i])) ? 1 : 0;
    }
    return true;
  }

  int64_t outside() const { return outside_; }

  // 10^k with k = ±2, ±3 or ±6, as between cents, thousands, millions and units: at least 90 % of the numbers are
  // outside, and 90 % of these would be inside if they were multiplied by it. 0: there is none.
  double Factor() const {
    const auto nearly_all = [](int64_t some, int64_t all) { return some > 0 && some * 10 >= all * 9; };
    if (!nearly_all(outside_, numbers_)) return 0.0;
    const auto most = std::max_element(by_factor_.begin(), by_factor_.end());
    return nearly_all(*most, outside_) ? kFactors[static_cast<size_t>(most - by_factor_.begin())] : 0.0;
  }

 private:
  // Of those that explain as many, the first.
  static constexpr std::array<double, 6> kFactors = {1e3, 1e-3, 1e2, 1e-2, 1e6, 1e-6};

  bool IsInside(float number) const { return number >= min_ && number <= max_; }

  float min_, max_;
  int64_t numbers_ = 0;
  int64_t outside_ = 0;
  std::array<int64_t, 6> by_factor_ = {};
};

}  // namespace roicast
