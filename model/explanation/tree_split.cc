#include "model/explanation/tree_split.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "model/features/calendar.h"

namespace roicast::explanation {
namespace {

constexpr float kHoursPerDay = 24.0f;

struct Sum {
  double total = 0;
  int64_t rows = 0;

  void Add(double target) {
    total += target;
    ++rows;
  }
  Sum operator+(const Sum& other) const { return {total + other.total, rows + other.rows}; }
  Sum operator-(const Sum& other) const { return {total - other.total, rows - other.rows}; }
  // What splitting it off takes from the sum of squares, but for what all rows have in common.
  double Score() const { return rows == 0 ? 0.0 : total * total / static_cast<double>(rows); }
};

// Keeps the best of the splits that are offered.
class Best {
 public:
  Best(const Sum& all, int64_t min_rows) : all_(all), min_rows_(min_rows) {}

  // Whether the split is the best so far.
  bool Offer(const Sum& left) {
    const Sum right = all_ - left;
    if (left.rows < min_rows_ || right.rows < min_rows_) return false;
    const double gain = left.Score() + right.Score() - all_.Score();
    // Rounding of equal targets is no gain.
    if (gain <= gain_ || gain <= 1e-12 * std::abs(all_.Score())) return false;
    gain_ = gain;
    return true;
  }
  double gain() const { return gain_; }

 private:
  const Sum all_;
  const int64_t min_rows_;
  double gain_ = 0;
};

float ThresholdBetween(const TreeAttribute& attribute, float low, float high) {
  if (attribute.kind == FeatureKind::kNumeric) return RoundestBetween(low, high);
  // The last hour of a day, so that "before" names a day.
  const float day_end = std::floor(high / kHoursPerDay) * kHoursPerDay - 1.0f;
  return day_end >= low && day_end < high ? day_end : low;
}

std::optional<TreeSplit> BestThreshold(const TreeAttribute& attribute, absl::Span<const float> values,
                                       absl::Span<const double> targets, int64_t min_rows) {
  std::vector<size_t> order;
  Sum missing, present;
  for (size_t i = 0; i < values.size(); ++i) {
    (std::isnan(values[i]) ? missing : present).Add(targets[i]);
    if (!std::isnan(values[i])) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return values[a] != values[b] ? values[a] < values[b] : a < b; });
  Best best(missing + present, min_rows);
  std::optional<TreeSplit> split;
  Sum left;
  for (size_t k = 0; k + 1 < order.size(); ++k) {
    left.Add(targets[order[k]]);
    const float low = values[order[k]], high = values[order[k + 1]];
    if (low == high) continue;
    for (const bool missing_left : {false, true}) {
      if (missing_left && missing.rows == 0) continue;
      if (!best.Offer(missing_left ? left + missing : left)) continue;
      split.emplace();
      split->threshold = ThresholdBetween(attribute, low, high);
      split->missing_left = missing_left;
    }
  }
  if (!split.has_value()) return split;
  split->missing_seen = missing.rows > 0;
  split->gain = best.gain();
  return split;
}

// Missing values are a value of their own, -1.
std::optional<TreeSplit> BestSubset(absl::Span<const float> values, absl::Span<const double> targets,
                                    int64_t min_rows) {
  std::map<int, Sum> sums;
  Sum all;
  for (size_t i = 0; i < values.size(); ++i) {
    sums[std::isnan(values[i]) ? -1 : static_cast<int>(values[i])].Add(targets[i]);
    all.Add(targets[i]);
  }
  std::vector<std::pair<int, Sum>> order(sums.begin(), sums.end());
  const auto mean = [](const Sum& sum) { return sum.total / static_cast<double>(sum.rows); };
  std::stable_sort(order.begin(), order.end(),
                   [&](const auto& a, const auto& b) { return mean(a.second) < mean(b.second); });
  Best best(all, min_rows);
  Sum left;
  size_t taken = 0;
  for (size_t k = 0; k + 1 < order.size(); ++k) {
    left = left + order[k].second;
    if (best.Offer(left)) taken = k + 1;
  }
  if (taken == 0) return std::nullopt;
  // The smaller set goes left, so that it is the one that rules name; of two equal ones, that with the larger targets.
  // What fitting has not seen goes right.
  const bool prefix = taken * 2 < order.size();
  TreeSplit split;
  for (size_t k = prefix ? 0 : taken; k < (prefix ? taken : order.size()); ++k) {
    if (order[k].first < 0) {
      split.missing_left = true;
    } else {
      split.left_values.push_back(order[k].first);
    }
  }
  std::sort(split.left_values.begin(), split.left_values.end());
  split.missing_seen = sums.count(-1) > 0;
  split.gain = best.gain();
  return split;
}

}  // namespace

std::vector<TreeAttribute> AttributesOf(const Schema& schema) {
  std::vector<TreeAttribute> attributes;
  for (int f = 0; f < schema.size(); ++f) {
    const FeatureKind kind = schema.features[static_cast<size_t>(f)].kind;
    attributes.push_back({f, kind, TimePart::kMoment});
    if (kind != FeatureKind::kTime) continue;
    attributes.push_back({f, kind, TimePart::kMonth});
    attributes.push_back({f, kind, TimePart::kWeekday});
  }
  return attributes;
}

float AttributeValue(const TreeAttribute& attribute, const float* row) {
  const float value = row[attribute.feature];
  if (attribute.kind != FeatureKind::kTime) return value;
  if (!(value >= static_cast<float>(kMinHours) && value <= static_cast<float>(kMaxHours))) {
    return std::numeric_limits<float>::quiet_NaN();
  }
  const float hours = std::floor(value);
  if (attribute.part == TimePart::kMoment) return hours;
  const CalendarParts parts = PartsOfHour(static_cast<int64_t>(hours));
  return static_cast<float>(attribute.part == TimePart::kMonth ? parts.month : parts.weekday);
}

bool TreeSplit::GoesLeft(const TreeAttribute& attribute, float value) const {
  if (std::isnan(value)) return missing_left;
  if (attribute.ordered()) return value <= threshold;
  return std::binary_search(left_values.begin(), left_values.end(), static_cast<int>(std::min(value, kUnseenCode)));
}

std::optional<TreeSplit> BestSplit(const TreeAttribute& attribute, absl::Span<const float> values,
                                   absl::Span<const double> targets, int64_t min_rows) {
  return attribute.ordered() ? BestThreshold(attribute, values, targets, min_rows)
                             : BestSubset(values, targets, min_rows);
}

float RoundestBetween(float low, float high) {
  if (low <= 0.0f && high > 0.0f) return 0.0f;
  // From coarse to fine; float32 has fewer than ten digits.
  const double width = static_cast<double>(high) - static_cast<double>(low);
  double power = std::ceil(std::log10(width));
  for (int digit = 0; digit < 10; ++digit, power -= 1.0) {
    for (const double step : {5.0, 2.0, 1.0}) {
      const double unit = step * std::pow(10.0, power);
      const auto rounded = static_cast<float>(std::ceil(static_cast<double>(low) / unit) * unit);
      if (rounded >= low && rounded < high) return rounded;
    }
  }
  return low;
}

}  // namespace roicast::explanation
