#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "base/stoppable_sort.h"
#include "model/data/cleaning.h"

namespace roicast {
namespace {

constexpr int kMostLevels = 10;
constexpr double kIndicatorShare = 0.005;
// Fewer rows expected beyond a quantile do not tell where it is.
constexpr double kFewestBeyond = 5.0;
// Of the range of the values: how far beyond it a fence of few rows or few levels may be.
constexpr double kFarthest = 0.5;

// The quantile p of ascending values, by linear interpolation at position 1 + (n − 1) · p.
double Quantile(const std::vector<double>& sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

bool HasFewLevels(const std::vector<double>& sorted) {
  int levels = 1;
  for (size_t i = 1; i < sorted.size() && levels <= kMostLevels; ++i) levels += sorted[i] != sorted[i - 1];
  return levels <= kMostLevels;
}

// Fences as far beyond the values as they may be.
Fences FarthestFences(const std::vector<double>& sorted) {
  const double farthest = kFarthest * (sorted.back() - sorted.front());
  return {sorted.front() - farthest, sorted.back() + farthest};
}

// Tukey's, from values in ascending order.
Fences QuartileFences(const std::vector<double>& sorted, double factor) {
  const double low = Quantile(sorted, 0.25);
  const double high = Quantile(sorted, 0.75);
  return {low - factor * (high - low), high + factor * (high - low)};
}

// Fences that leave what is not far out by quartiles, either of the values or, where all are above 0, of their
// logarithms: spends are often skewed.
Fences FarOutFences(const std::vector<double>& sorted, double factor) {
  Fences fences = QuartileFences(sorted, factor);
  if (sorted.front() > 0.0) {
    std::vector<double> logs;
    logs.reserve(sorted.size());
    for (const double value : sorted) logs.push_back(std::log(value));
    const Fences of_logs = QuartileFences(logs, factor);
    fences.lower = std::min(fences.lower, std::exp(of_logs.lower));
    fences.upper = std::max(fences.upper, std::exp(of_logs.upper));
  }
  const Fences farthest = FarthestFences(sorted);
  fences.lower = std::max(fences.lower, farthest.lower);
  fences.upper = std::min(fences.upper, farthest.upper);
  return fences;
}

Fences FencesOfSorted(const std::vector<double>& sorted, FenceMethod method, const CleaningOptions& options) {
  if (method == FenceMethod::kNone || sorted.empty()) return Fences();
  Fences fences;
  if (method == FenceMethod::kQuantile) {
    fences.lower = Quantile(sorted, options.fence_quantile);
    fences.upper = Quantile(sorted, 1.0 - options.fence_quantile);
    if (options.fence_quantile * static_cast<double>(sorted.size()) < kFewestBeyond) {
      const Fences far_out = FarOutFences(sorted, options.iqr_factor);
      fences.lower = std::min(fences.lower, far_out.lower);
      fences.upper = std::max(fences.upper, far_out.upper);
    }
  } else {
    fences = QuartileFences(sorted, options.iqr_factor);
  }
  // Each value there is one that was meant, but what is far from all of them would be carried on without end.
  if (HasFewLevels(sorted) || !(fences.lower < fences.upper)) fences = FarthestFences(sorted);
  return fences.lower < fences.upper ? fences : Fences();
}

double MostFrequentCode(const Column& column, absl::Span<const int64_t> rows) {
  std::vector<int64_t> counts(column.dictionary.size(), 0);
  for (const int64_t row : rows) {
    if (column.codes[row] >= 0) ++counts[column.codes[row]];
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  if (most == counts.end() || *most == 0) return kMissingCode;
  return static_cast<double>(most - counts.begin());
}

absl::StatusOr<std::vector<double>> SortedPresentValues(const Column& column, absl::Span<const int64_t> rows,
                                                        const StopCheck& stop) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const int64_t row : rows) {
    if (!std::isnan(column.numbers[row])) values.push_back(column.numbers[row]);
  }
  ROICAST_RETURN_IF_ERROR(SortOrStop(values, stop));
  return values;
}

absl::Status CheckRules(const Schema& schema, const CleaningOptions& options) {
  for (size_t i = 0; i < options.outlier_rules.size(); ++i) {
    const std::string& name = options.outlier_rules[i].column;
    if (name.empty()) continue;
    const int feature = schema.IndexOf(name);
    if (feature < 0 || schema.features[feature].kind != FeatureKind::kNumeric) {
      return absl::InvalidArgumentError(
          absl::StrCat("cleaning.outlier_rules[", i, "].column: expected a numeric feature, got \"", name, "\""));
    }
  }
  return absl::OkStatus();
}

}  // namespace

Fences LearnFences(std::vector<double> values, FenceMethod method, const CleaningOptions& options) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double value) { return std::isnan(value); }),
               values.end());
  std::sort(values.begin(), values.end());
  return FencesOfSorted(values, method, options);
}

absl::StatusOr<std::vector<CleaningLimits>> LearnLimits(const Table& table, absl::Span<const int64_t> training_rows,
                                                        const Schema& schema, const CleaningOptions& options,
                                                        const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_RETURN_IF_ERROR(CheckRules(schema, options));
  std::vector<CleaningLimits> limits(schema.features.size());
  for (size_t i = 0; i < limits.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const Feature& feature = schema.features[i];
    const Column* column = table.Find(feature.name);
    ROICAST_CHECK(column != nullptr && column->kind == feature.kind);
    const int64_t missing = std::count_if(training_rows.begin(), training_rows.end(),
                                          [column](int64_t row) { return column->IsMissing(row); });
    limits[i].missing_indicator =
        options.missing == MissingPolicy::kImpute && missing > 0 &&
        static_cast<double>(missing) >= kIndicatorShare * static_cast<double>(training_rows.size());
    if (feature.kind == FeatureKind::kCategorical) {
      limits[i].fill_value = MostFrequentCode(*column, training_rows);
      continue;
    }
    ROICAST_ASSIGN_OR_RETURN(const std::vector<double> sorted, SortedPresentValues(*column, training_rows, stop));
    if (!sorted.empty()) limits[i].fill_value = Quantile(sorted, 0.5);
    if (feature.kind != FeatureKind::kNumeric) continue;
    const Fences fences = FencesOfSorted(sorted, OutlierRuleFor(options, feature.name).method, options);
    limits[i].lower_fence = fences.lower;
    limits[i].upper_fence = fences.upper;
  }
  return limits;
}

}  // namespace roicast
