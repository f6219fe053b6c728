#include "model/training/preparation/moves/spend_lines.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace roicast {
namespace {

constexpr double kUsableSlopeError = 0.05, kTimesLeastError = 1.5;
// Of a slope, at least so much is left within categories, or it is theirs.
constexpr double kSlopeLeft = 0.5;
constexpr double kStandardErrors = 2.0;

// Of ln of the spend, where it is more than a day's chance.
constexpr double kScaleVariance = 0.3 * 0.3;

bool IsSteady(const SpendLine& line, const SpendLine& plain) {
  return line.variance < std::min(kScaleVariance, kSteadySpend * plain.variance);
}

// freedom: degrees of it that are left beside the slope.
SpendLine LineOf(const Logarithms& x, const Logarithms& y, double freedom) {
  double xx = 0.0, xy = 0.0, yy = 0.0, count = 0.0;
  for (size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(y[i])) continue;
    xx += x[i] * x[i];
    xy += x[i] * y[i];
    yy += y[i] * y[i];
    count += 1.0;
  }
  SpendLine line;
  line.variance = count > 0.0 ? xx / count : 0.0;
  if (!(line.variance >= kLeastVariance) || !(yy > 0.0)) return line;
  line.slope = xy / xx;
  line.r2 = xy * xy / (xx * yy);
  const double left = std::max(0.0, yy - xy * xy / xx);
  if (freedom >= 1.0) line.slope_error = std::sqrt(left / freedom / xx);
  return line;
}

// After the first sweep, to what TakeOff gives.
void FinishTakingOff(const CategoriesOfRows& categories, size_t count, Logarithms& x, Logarithms& y) {
  for (int sweep = 1; sweep < CategoriesOfRows::kSweeps; ++sweep) {
    for (size_t k = 0; k < count; ++k) {
      categories.TakeOffOne(k, x);
      categories.TakeOffOne(k, y);
    }
  }
}

}  // namespace

std::vector<SpendLine> SpendLinesOf(const CategoriesOfRows& categories, Logarithms& x, Logarithms& y) {
  const CategoriesOfRows::Effects values = categories.ValuesOfWords(y);
  const size_t count = categories.CountFor(values);
  double freedom = static_cast<double>(CountOf(y)) - 2.0;
  categories.TakeOff(x, 0);
  categories.TakeOff(y, 0);
  std::vector<SpendLine> lines = {LineOf(x, y, freedom)};
  for (size_t k = 0; k < count; ++k) {
    categories.TakeOffOne(k, x);
    categories.TakeOffOne(k, y);
    const auto words = std::count_if(values[k].begin(), values[k].end(), [](double rows) { return rows > 0.0; });
    freedom -= static_cast<double>(words - 1);
    if (k + 1 == count) FinishTakingOff(categories, count, x, y);
    lines.push_back(LineOf(x, y, freedom));
  }
  return lines;
}

std::optional<double> MovingR2Of(absl::Span<const SpendLine> lines, double least) {
  std::optional<double> r2;
  double slope = 0.0;
  for (const SpendLine& line : lines) {
    if (line.r2 >= least) {
      r2 = std::max(line.r2, r2.value_or(0.0));
      slope = line.slope;
    } else if (r2.has_value() && !IsSteady(line, lines.front())) {
      const double left = slope > 0.0 ? line.slope : -line.slope;
      if (left + kStandardErrors * line.slope_error < kSlopeLeft * std::abs(slope)) r2.reset();
    }
  }
  return r2;
}

size_t CategoricalsForSlopes(absl::Span<const std::vector<SpendLine>* const> lines, double least) {
  std::vector<double> largest(lines.front()->size(), 0.0);
  for (const std::vector<SpendLine>* of_number : lines) {
    for (size_t count = 0; count < largest.size(); ++count) {
      const SpendLine& line = (*of_number)[count];
      const bool counts = line.r2 >= least || !IsSteady(line, of_number->front());
      largest[count] = std::max(largest[count], counts ? line.slope_error : std::numeric_limits<double>::infinity());
    }
  }
  const double usable =
      std::max(kUsableSlopeError, kTimesLeastError * *std::min_element(largest.begin(), largest.end()));
  size_t count = largest.size() - 1;
  while (count > 0 && largest[count] > usable) --count;
  return count;
}

}  // namespace roicast
