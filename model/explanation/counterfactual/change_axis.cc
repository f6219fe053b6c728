#include "model/explanation/counterfactual/change_axis.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/explanation/row_groups.h"
#include "model/features/calendar.h"
#include "model/features/preprocessor.h"

namespace roicast::explanation {
namespace {

constexpr int kEvenValues = 9;
constexpr int kMostSteps = 32;  // that are all tried
// Beyond it, doubles do not tell whole numbers of steps apart.
constexpr double kMostAmounts = 0x1p53;

absl::Status Bad(const Feature& feature, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("change of \"", feature.name, "\": ", what));
}

std::vector<float> BackgroundColumn(const Background& background, int feature, int features) {
  std::vector<float> column;
  for (int b = 0; b < background.size(); ++b) {
    const float value = background.rows[static_cast<size_t>(b) * features + feature];
    if (!std::isnan(value)) column.push_back(value);
  }
  return column;
}

bool Accepted(const Feature& feature, double value) {
  if (!(std::abs(value) <= std::numeric_limits<float>::max())) return false;
  const RawValue kind = ClassifyRawValue(feature, static_cast<float>(value));
  return kind == RawValue::kUsual || kind == RawValue::kOutOfRange;
}

// How many steps of the axis lie between its bounds.
absl::Status CountSteps(const Feature& feature, ChangeAxis& axis) {
  if (axis.step == 0.0) return absl::OkStatus();
  const double amounts = std::floor((axis.max - axis.min) / axis.step) + 1.0;
  if (!(amounts <= kMostAmounts)) {
    return Bad(feature, absl::StrCat("step: expected one that makes at most ", kMostAmounts, " amounts from ", axis.min,
                                     " to ", axis.max, ", got ", axis.step, ", which makes ",
                                     std::isfinite(amounts) ? absl::StrCat(amounts) : "countless ones"));
  }
  // The quotient is rounded.
  axis.steps = amounts - 1.0;
  if (axis.min + (axis.steps + 1.0) * axis.step <= axis.max) axis.steps += 1.0;
  if (axis.steps > 0.0 && axis.min + axis.steps * axis.step > axis.max) axis.steps -= 1.0;
  return absl::OkStatus();
}

// Whether all that is known of a number is whole, as of switches, children and days; then a fraction is none.
bool IsCounted(const Feature& feature, const std::vector<float>& typical, const ChangeAxis& axis) {
  constexpr double kMostCounted = 0x1p24;  // floats tell no more whole numbers apart
  constexpr size_t kFewestTypical = 8;
  const auto whole = [](double value) { return std::abs(value) <= kMostCounted && value == std::floor(value); };
  return typical.size() >= kFewestTypical && std::all_of(typical.begin(), typical.end(), whole) &&
         (std::isnan(axis.original) || whole(axis.original)) && whole(feature.seen_min) && whole(feature.seen_max) &&
         whole(axis.min) && whole(axis.max);
}

absl::Status SetBounds(const Feature& feature, const Freedom& freedom, const std::vector<float>& typical,
                       ChangeAxis& axis) {
  if (!freedom.codes.empty()) return Bad(feature, "expected bounds, as it is no category, got codes");
  double low = feature.seen_min, high = feature.seen_max;
  if ((axis.whole || !Accepted(feature, low) || !Accepted(feature, high)) && !typical.empty()) {
    const auto [least, most] = std::minmax_element(typical.begin(), typical.end());
    low = *least;
    high = *most;
  }
  axis.min = std::isnan(freedom.min) ? low : freedom.min;
  axis.max = std::isnan(freedom.max) ? high : freedom.max;
  // A bound on one side only may lie beyond the training range.
  if (std::isnan(freedom.min) && !std::isnan(freedom.max)) axis.min = std::min(axis.min, axis.max);
  if (std::isnan(freedom.max) && !std::isnan(freedom.min)) axis.max = std::max(axis.max, axis.min);
  if (!(axis.min <= axis.max)) {
    return Bad(feature, absl::StrCat("expected min ≤ max, got ", axis.min, " and ", axis.max));
  }
  for (const double bound : {axis.min, axis.max}) {
    if (Accepted(feature, bound)) continue;
    const std::string expected = axis.whole ? "an hour of the years 1900 to 2199" : AllowedRange(feature);
    return Bad(feature, absl::StrCat("expected bounds that are ", expected, ", got ", bound));
  }
  if (!(freedom.step >= 0.0 && std::isfinite(freedom.step))) {
    return Bad(feature, absl::StrCat("expected step ≥ 0, got ", freedom.step));
  }
  axis.step = freedom.step;
  if (!axis.whole && axis.step == 0.0 && IsCounted(feature, typical, axis)) axis.step = 1.0;
  if (axis.whole) {
    axis.min = std::ceil(axis.min);
    axis.max = std::floor(axis.max);
    axis.step = std::max(std::round(axis.step), 1.0);
    if (axis.min > axis.max) return Bad(feature, "expected bounds with a whole hour between them");
  }
  return CountSteps(feature, axis);
}

// Typical values as well as evenly spaced ones: numbers are often spread over orders of magnitude.
void FillNumbers(const std::vector<float>& typical, ChangeAxis& axis) {
  const double width = axis.max - axis.min;
  std::vector<double> values = {axis.min, axis.max};
  if (axis.step > 0.0 && width / axis.step <= kMostSteps) {
    for (int k = 0; k <= kMostSteps; ++k) values.push_back(std::min(axis.min + k * axis.step, axis.max));
  } else {
    for (int k = 1; k + 1 < kEvenValues; ++k) values.push_back(axis.min + width * k / (kEvenValues - 1));
    for (const float value : typical) {
      if (value > axis.min && value < axis.max) values.push_back(value);
    }
  }
  for (const double value : values) axis.grid.push_back(axis.Snap(value));
}

absl::Status FillWords(const Feature& feature, const Freedom& freedom, ChangeAxis& axis) {
  const auto words = static_cast<int>(feature.vocabulary.size());
  if (!std::isnan(freedom.min) || !std::isnan(freedom.max) || freedom.step != 0.0) {
    return Bad(feature, "expected codes, as it is a category, got bounds");
  }
  for (const int code : freedom.codes) {
    if (code < 0 || code >= words) {
      return Bad(feature, absl::StrCat("expected codes from 0 to ", words - 1, ", got ", code));
    }
    axis.grid.push_back(static_cast<float>(code));
  }
  if (freedom.codes.empty()) {
    for (int code = 0; code < words; ++code) axis.grid.push_back(static_cast<float>(code));
  }
  return absl::OkStatus();
}

}  // namespace

bool ChangeAxis::Same(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool ChangeAxis::Continuous() const { return !word && !std::isnan(original); }

double ChangeAxis::Distance(float value) const {
  if (IsOriginal(value)) return 0.0;
  const double moved =
      Continuous() ? std::abs(static_cast<double>(value) - static_cast<double>(original)) / scale : 1.0;
  return cost * (cost_per_feature + moved);
}

float ChangeAxis::Snap(double value) const {
  if (step > 0.0) value = min + std::clamp(std::round((value - min) / step), 0.0, steps) * step;
  auto snapped = static_cast<float>(std::clamp(value, min, max));
  if (snapped > max) snapped = std::nextafter(snapped, -std::numeric_limits<float>::infinity());
  if (snapped < min) snapped = std::nextafter(snapped, std::numeric_limits<float>::infinity());
  return snapped;
}

absl::StatusOr<std::vector<ChangeAxis>> MakeChangeAxes(const Schema& schema, const Background& background,
                                                       const float* row, absl::Span<const Freedom> freedoms,
                                                       double cost_per_feature) {
  std::vector<ChangeAxis> axes;
  std::vector<bool> taken(schema.size());
  for (const Freedom& freedom : freedoms) {
    if (freedom.feature < 0 || freedom.feature >= schema.size()) {
      return absl::InvalidArgumentError(absl::StrCat("change of feature ", freedom.feature, ": expected 0 to ",
                                                     schema.size() - 1, ", the features of the schema"));
    }
    const Feature& feature = schema.features[freedom.feature];
    if (taken[freedom.feature]) return Bad(feature, "given twice");
    taken[freedom.feature] = true;
    if (!(freedom.cost > 0.0 && freedom.cost <= kMaxChangeCost)) {
      return Bad(feature, absl::StrCat("expected cost more than 0, at most 1e9, got ", freedom.cost));
    }
    ChangeAxis axis;
    axis.feature = freedom.feature;
    axis.word = feature.kind == FeatureKind::kCategorical;
    axis.whole = feature.kind == FeatureKind::kTime;
    axis.original = row[freedom.feature];
    axis.cost = freedom.cost;
    axis.cost_per_feature = cost_per_feature;
    if (axis.word) {
      ROICAST_RETURN_IF_ERROR(FillWords(feature, freedom, axis));
    } else {
      const std::vector<float> typical = BackgroundColumn(background, freedom.feature, schema.size());
      ROICAST_RETURN_IF_ERROR(SetBounds(feature, freedom, typical, axis));
      axis.scale = RobustScaleOf(typical).scale;
      FillNumbers(typical, axis);
    }
    std::sort(axis.grid.begin(), axis.grid.end());
    axis.grid.erase(std::unique(axis.grid.begin(), axis.grid.end()), axis.grid.end());
    axis.grid.erase(std::remove_if(axis.grid.begin(), axis.grid.end(), [&](float x) { return axis.IsOriginal(x); }),
                    axis.grid.end());
    if (!axis.grid.empty()) axes.push_back(std::move(axis));
  }
  return axes;
}

}  // namespace roicast::explanation
