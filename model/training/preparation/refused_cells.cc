#include "model/training/preparation/refused_cells.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/features/calendar.h"
#include "model/features/preprocessor.h"

namespace roicast {

void ForgetRefusedCells(const CsvTable& data, absl::Span<const int64_t> rows, const Feature& feature, int column_index,
                        Column& column, CleaningReport& report) {
  const bool is_time = feature.kind == FeatureKind::kTime;
  int listed = 0;
  for (const int64_t row : rows) {
    const double value = column.numbers[row];
    if (std::isnan(value)) continue;
    const float raw = is_time ? HoursSinceEpoch(value) : static_cast<float>(value);
    const RawValue kind = ClassifyRawValue(feature, raw);
    if (kind != RawValue::kNotFinite && kind != RawValue::kNotAllowed) continue;
    ++report.csv_issue_count;
    if (++listed <= kMaxCsvIssues) {
      const std::string allowed = is_time ? std::string(kAllowedTimeRule) : AllowedRange(feature);
      report.csv_issues.push_back(
          {data.LineOf(row), column_index + 1,
           absl::StrCat("\"", feature.name, "\": expected ", allowed, ", got ", value, "; taken as missing")});
    }
    column.numbers.set(static_cast<size_t>(row), std::numeric_limits<double>::quiet_NaN());
  }
}

}  // namespace roicast
