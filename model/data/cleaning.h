// Cleaning: what is dropped, clipped and filled before training, with a report. All limits are learnt on training rows.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/csv_table.h"
#include "model/data/schema.h"
#include "model/data/schema_inference.h"
#include "model/data/table.h"

namespace roicast {

enum class MissingPolicy { kImpute, kDrop };
enum class FenceMethod { kNone, kQuantile, kIqr };
enum class OutlierPolicy { kClip, kDrop };

struct OutlierRule {
  std::string column;  // empty: the target
  FenceMethod method = FenceMethod::kQuantile;
  OutlierPolicy policy = OutlierPolicy::kClip;
};

// Hampel (1974). Off where time_column is empty.
struct HampelOptions {
  std::string time_column;
  std::string group_column;
  std::vector<std::string> columns;
  int half_window = 3;     // rows on each side, ≥ 1
  double threshold = 3.0;  // scaled MADs (1.4826 · MAD), > 0
};

struct CleaningOptions {
  MissingPolicy missing = MissingPolicy::kImpute;
  bool keep_duplicates = false;
  FenceMethod fence_method = FenceMethod::kQuantile;
  OutlierPolicy outlier_policy = OutlierPolicy::kClip;
  double fence_quantile = 0.001;  // (0, 0.5)
  double iqr_factor = 3.0;        // > 0
  std::vector<OutlierRule> outlier_rules;
  HampelOptions hampel;

  absl::Status Validate() const;
};

// What is learnt for one feature.
struct CleaningLimits {
  // Numeric: median. Categorical: code of the most frequent category in the column's dictionary. Time: median, seconds.
  double fill_value = 0.0;
  // True where missing cells are ≥ 0.5 % of the training rows (and the policy is kImpute).
  bool missing_indicator = false;
  double lower_fence = -std::numeric_limits<double>::infinity();
  double upper_fence = std::numeric_limits<double>::infinity();
};

struct ColumnCleaning {
  std::string column;
  int64_t missing = 0;
  int64_t filled = 0;
  std::string fill_value;
  int64_t clipped = 0;
  int64_t outlier_rows_dropped = 0;
  std::optional<double> lower_fence, upper_fence;
  bool missing_indicator = false;
  int64_t noise_replaced = 0;
};

struct DroppedRows {
  std::string reason;
  int64_t rows = 0;
};

// rows_in = rows_used + Σ dropped.
struct CleaningReport {
  int64_t rows_in = 0;
  int64_t rows_used = 0;
  std::vector<DroppedRows> dropped;
  std::vector<ColumnCleaning> columns;  // features in schema order, then the target
  std::vector<LeftOutColumn> left_out;
  std::vector<CsvIssue> csv_issues;
  int64_t csv_issue_count = 0;
};

}  // namespace roicast
