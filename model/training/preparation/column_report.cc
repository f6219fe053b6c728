#include "model/training/preparation/column_report.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/tables/time_form.h"

namespace roicast {
namespace {

std::string FillText(const Column& column, double fill_value) {
  switch (column.kind) {
    case FeatureKind::kNumeric:
      return absl::StrCat(fill_value);
    case FeatureKind::kTime:
      return FormatTime(static_cast<int64_t>(std::floor(fill_value)));
    case FeatureKind::kCategorical:
      break;
  }
  return fill_value < 0 ? "" : std::string(column.dictionary[static_cast<size_t>(fill_value)]);
}

void SetFences(const Fences& fences, ColumnCleaning& cleaning) {
  if (std::isfinite(fences.lower)) cleaning.lower_fence = fences.lower;
  if (std::isfinite(fences.upper)) cleaning.upper_fence = fences.upper;
}

// Cells of the rows that are used which were filled, or moved to a fence.
void CountChangedCells(const Column& column, const Fences& fences, const Split& split, ColumnCleaning& cleaning) {
  for (const std::vector<int64_t>* rows : {&split.train, &split.validation, &split.holdout}) {
    for (const int64_t row : *rows) {
      if (column.IsMissing(row)) {
        ++cleaning.filled;
      } else if (column.kind == FeatureKind::kNumeric) {
        cleaning.clipped += !fences.Contains(column.numbers[row]);
      }
    }
  }
}

ColumnCleaning ReportFeature(const PreparedData& data, int feature, const ColumnCounts& counts) {
  const Column& column = data.features.column(feature);
  const CleaningLimits& limits = data.limits[feature];
  const Fences fences{limits.lower_fence, limits.upper_fence};
  ColumnCleaning cleaning;
  cleaning.column = column.name;
  cleaning.fill_value = FillText(column, limits.fill_value);
  cleaning.missing_indicator = limits.missing_indicator;
  cleaning.outlier_rows_dropped = counts.outlier_rows[feature];
  cleaning.noise_replaced = counts.noise_replaced[feature];
  for (int64_t row = 0; row < data.features.rows(); ++row) cleaning.missing += column.IsMissing(row);
  SetFences(fences, cleaning);
  CountChangedCells(column, fences, data.split, cleaning);
  return cleaning;
}

}  // namespace

absl::StatusOr<std::vector<ColumnCleaning>> ReportColumns(const PreparedData& data, const ColumnCounts& counts,
                                                          const StopCheck& stop) {
  std::vector<ColumnCleaning> columns;
  for (int i = 0; i < data.schema.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    columns.push_back(ReportFeature(data, i, counts));
  }
  ColumnCleaning& target = columns.emplace_back();
  target.column = data.target.IsComputed() ? "roi" : data.target.column;
  target.missing = counts.target_missing;
  target.clipped = counts.target_clipped;
  target.outlier_rows_dropped = counts.outlier_rows.back();
  SetFences(counts.target_fences, target);
  return columns;
}

}  // namespace roicast
