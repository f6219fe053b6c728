// The values of a feature at which a model is asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/number_range.h"
#include "model/data/schema.h"

namespace roicast {

// What of a time is varied; the rest stays as it is in the row.
enum class TimePart {
  kMoment,   // the whole time
  kMonth,    // 0 = January; the weekday and the hour stay, and the week of the month as far as the month has it
  kWeekday,  // 0 = Monday; the month and the hour stay
  kHour,     // 0–23; the day stays
};

struct GridOptions {
  static constexpr NumberRange kPoints{2, 200};

  // Numbers and moments: evenly spaced quantiles from 1 % to 99 %, without repetitions; all values if there are not
  // more. Categories: the most frequent ones.
  int points = 24;
  TimePart time_part = TimePart::kMonth;
  // Raw values to use instead, in this order; months, weekdays and hours as numbers of TimePart. At most 200.
  std::vector<float> values;

  absl::Status Validate() const;
};

struct FeatureGrid {
  int feature = 0;  // index in the schema
  FeatureKind kind = FeatureKind::kNumeric;
  TimePart part = TimePart::kMoment;  // of a time
  // Numbers and moments: ascending raw values. Categories: codes, the most frequent first. Parts of a time: those that
  // occur, ascending.
  std::vector<float> values;
  // Per value, how many rows have it; numbers and moments: have one that is nearer to it than to the others.
  std::vector<int64_t> rows;

  int64_t size() const { return static_cast<int64_t>(values.size()); }
};

// rows: raw rows, row-major [n, schema.size()]. Missing values, unseen categories and times that are not allowed do not
// count. Errors: INVALID_ARGUMENT (options; no row has a value; a value that the feature does not allow, with the
// range).
absl::StatusOr<FeatureGrid> MakeFeatureGrid(const Schema& schema, absl::Span<const float> rows, int feature,
                                            const GridOptions& options);

// What a row has in place of `value` once the grid's value is set. A missing time takes no part of a time: it stays.
float SetGridValue(const FeatureGrid& grid, float grid_value, float value);

// The value in words: "1200", "search", "2024-05-17", "May", "Monday", "14:00".
std::string GridLabel(const Schema& schema, const FeatureGrid& grid, int64_t point);

}  // namespace roicast
