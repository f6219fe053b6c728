#include "model/explanation/feature_grid.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/features/calendar.h"

namespace roicast {
namespace {

constexpr double kLowQuantile = 0.01, kHighQuantile = 0.99;
constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};
constexpr const char* kWeekdays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

bool IsAllowedTime(float hours) {
  return hours >= static_cast<float>(kMinHours) && hours <= static_cast<float>(kMaxHours);
}

int PartOf(TimePart part, float hours) {
  const CalendarParts parts = PartsOfHour(static_cast<int64_t>(std::floor(hours)));
  if (part == TimePart::kMonth) return parts.month;
  return part == TimePart::kWeekday ? parts.weekday : parts.hour;
}

int PartCount(TimePart part) { return part == TimePart::kMonth ? 12 : part == TimePart::kWeekday ? 7 : 24; }

bool IsOrdered(const FeatureGrid& grid) {
  return grid.kind == FeatureKind::kNumeric || (grid.kind == FeatureKind::kTime && grid.part == TimePart::kMoment);
}

// The values that count, as the grid has them.
std::vector<float> ValuesOf(const Schema& schema, absl::Span<const float> rows, const FeatureGrid& grid) {
  const auto width = static_cast<size_t>(schema.size());
  const Feature& feature = schema.features[static_cast<size_t>(grid.feature)];
  std::vector<float> values;
  for (size_t i = static_cast<size_t>(grid.feature); i < rows.size(); i += width) {
    const float value = rows[i];
    if (grid.kind == FeatureKind::kNumeric) {
      if (std::isfinite(value) && feature.Allows(static_cast<double>(value))) values.push_back(value);
    } else if (grid.kind == FeatureKind::kCategorical) {
      if (value >= 0.0f && value < static_cast<float>(feature.vocabulary.size())) values.push_back(std::floor(value));
    } else if (IsAllowedTime(value)) {
      values.push_back(grid.part == TimePart::kMoment ? std::floor(value)
                                                      : static_cast<float>(PartOf(grid.part, value)));
    }
  }
  return values;
}

// values: sorted, not empty.
std::vector<float> QuantileGrid(const std::vector<float>& values, int points) {
  std::vector<float> distinct = values;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (static_cast<int>(distinct.size()) <= points) return distinct;
  std::vector<float> grid;
  for (int k = 0; k < points; ++k) {
    const double share = kLowQuantile + (kHighQuantile - kLowQuantile) * k / (points - 1);
    const float value = values[static_cast<size_t>(std::lround(share * static_cast<double>(values.size() - 1)))];
    if (grid.empty() || value > grid.back()) grid.push_back(value);
  }
  return grid;
}

std::vector<float> FrequentValues(const std::vector<float>& values, int points, bool by_frequency) {
  std::map<float, int64_t> counts;
  for (const float value : values) ++counts[value];
  std::vector<std::pair<float, int64_t>> sorted(counts.begin(), counts.end());
  if (by_frequency) {
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (static_cast<int>(sorted.size()) > points) sorted.resize(static_cast<size_t>(points));
  }
  std::vector<float> grid;
  for (const auto& [value, count] : sorted) grid.push_back(value);
  return grid;
}

void CountRows(const std::vector<float>& values, FeatureGrid& grid) {
  grid.rows.assign(grid.values.size(), 0);
  for (const float value : values) {
    size_t nearest = 0;
    for (size_t k = 1; k < grid.values.size(); ++k) {
      if (std::abs(grid.values[k] - value) < std::abs(grid.values[nearest] - value)) nearest = k;
    }
    if (IsOrdered(grid) || grid.values[nearest] == value) ++grid.rows[nearest];
  }
}

absl::Status CheckGridValue(const Schema& schema, const FeatureGrid& grid, float value) {
  const Feature& feature = schema.features[static_cast<size_t>(grid.feature)];
  const auto refuse = [&](const std::string& expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("grid of \"", feature.name, "\": expected ", expected, ", got ", value));
  };
  if (grid.kind == FeatureKind::kNumeric) {
    if (std::isfinite(value) && feature.Allows(static_cast<double>(value))) return absl::OkStatus();
    return refuse(AllowedRange(feature));
  }
  if (grid.kind == FeatureKind::kTime && grid.part == TimePart::kMoment) {
    return IsAllowedTime(value) ? absl::OkStatus() : refuse(kAllowedTimeRule);
  }
  const int64_t count =
      grid.kind == FeatureKind::kCategorical ? static_cast<int64_t>(feature.vocabulary.size()) : PartCount(grid.part);
  if (value >= 0.0f && value < static_cast<float>(count) && value == std::floor(value)) return absl::OkStatus();
  return refuse(absl::StrCat("whole numbers below ", count));
}

// Whole days from the row's day to that of the same weekday in another month of the same year: the first one on or
// after the same day of the month that the month still has.
int64_t DaysToMonth(int64_t hours, int month) {
  using namespace std::chrono;
  const auto day = floor<days>(sys_time<std::chrono::hours>(std::chrono::hours(hours)));
  const year_month_day date(day);
  const year_month target = date.year() / (month + 1);
  if (target.month() == date.month()) return 0;
  sys_days moved = sys_days(target / 1) + (day - sys_days(date.year() / date.month() / 1));
  moved += days((weekday(day) - weekday(moved)).count());
  while (year_month_day(moved).month() != target.month()) moved -= days(7);
  return (moved - day).count();
}

int64_t DaysToWeekday(int64_t hours, int weekday) {
  const CalendarParts now = PartsOfHour(hours);
  const int64_t days = weekday - now.weekday;
  if (PartsOfHour(hours + days * 24).month == now.month) return days;
  return days < 0 ? days + 7 : days - 7;
}

}  // namespace

absl::Status GridOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(kPoints.Check("grid.points", points));
  if (values.size() <= static_cast<size_t>(kPoints.high)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("grid.values: expected at most ", kPoints.high, " values, got ", values.size()));
}

absl::StatusOr<FeatureGrid> MakeFeatureGrid(const Schema& schema, absl::Span<const float> rows, int feature,
                                            const GridOptions& options) {
  ROICAST_CHECK(feature >= 0 && feature < schema.size());
  ROICAST_RETURN_IF_ERROR(options.Validate());
  FeatureGrid grid;
  grid.feature = feature;
  grid.kind = schema.features[static_cast<size_t>(feature)].kind;
  grid.part = grid.kind == FeatureKind::kTime ? options.time_part : TimePart::kMoment;
  std::vector<float> values = ValuesOf(schema, rows, grid);
  std::sort(values.begin(), values.end());
  if (!options.values.empty()) {
    grid.values = options.values;
    for (const float value : grid.values) ROICAST_RETURN_IF_ERROR(CheckGridValue(schema, grid, value));
  } else if (values.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("grid of \"", schema.features[static_cast<size_t>(feature)].name,
                                                   "\": expected a row with a value, got none"));
  } else if (IsOrdered(grid)) {
    grid.values = QuantileGrid(values, options.points);
  } else {
    grid.values = FrequentValues(values, options.points, grid.kind == FeatureKind::kCategorical);
  }
  CountRows(values, grid);
  return grid;
}

float SetGridValue(const FeatureGrid& grid, float grid_value, float value) {
  if (grid.kind != FeatureKind::kTime || grid.part == TimePart::kMoment) return grid_value;
  if (!IsAllowedTime(value)) return value;
  const auto hours = static_cast<int64_t>(std::floor(value));
  const int wanted = static_cast<int>(grid_value);
  switch (grid.part) {
    case TimePart::kMonth:
      return static_cast<float>(hours + DaysToMonth(hours, wanted) * 24);
    case TimePart::kWeekday:
      return static_cast<float>(hours + DaysToWeekday(hours, wanted) * 24);
    case TimePart::kHour:
    case TimePart::kMoment:
      break;
  }
  return static_cast<float>(hours - PartsOfHour(hours).hour + wanted);
}

std::string GridLabel(const Schema& schema, const FeatureGrid& grid, int64_t point) {
  const float value = grid.values[static_cast<size_t>(point)];
  const auto index = static_cast<size_t>(value);
  if (grid.kind == FeatureKind::kNumeric) return absl::StrFormat("%.6g", value);
  if (grid.kind == FeatureKind::kCategorical)
    return schema.features[static_cast<size_t>(grid.feature)].vocabulary[index];
  switch (grid.part) {
    case TimePart::kMonth:
      return kMonths[index];
    case TimePart::kWeekday:
      return kWeekdays[index];
    case TimePart::kHour:
      return absl::StrFormat("%02d:00", index);
    case TimePart::kMoment:
      break;
  }
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::hours>(std::chrono::hours(static_cast<int64_t>(value)))));
  return absl::StrFormat("%04d-%02d-%02d", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                         static_cast<unsigned>(date.day()));
}

}  // namespace roicast
