// Reads the rows of a table for a report: encoded for a model, with their outcomes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/random.h"
#include "base/tables/table_detection.h"
#include "base/tables/table_reader.h"
#include "client/report/outcome_columns.h"
#include "client/scoring/feature_columns.h"
#include "client/scoring/row_encoder.h"
#include "client/scoring/table_findings.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

struct CollectedRows {
  // Row-major, in schema order, as in DenseMatrix.values.
  std::vector<float> values;
  // One per row; NaN: not known. All of them without outcome columns.
  std::vector<double> truths;
  // Rows of the table; those of which a cell could not be read, with the first one's message.
  int64_t rows_read = 0, rows_unread = 0;
  std::string first_unread;
  // Of all rows of the table that could be read.
  TableFindings findings;

  int64_t size() const { return static_cast<int64_t>(truths.size()); }
};

// Use once. Not thread-safe.
class RowCollector {
 public:
  // At most `most` rows are kept, drawn at random (reservoir sampling: Vitter, "Random Sampling with a Reservoir",
  // 1985, algorithm R) by a fixed seed; their order is not that of the table if there are more. outcome: nullopt, or of
  // the same table. model has to outlive it.
  RowCollector(const v1::Model& model, const TableReading& table, const TableOptions& options,
               const FeatureColumns& columns, std::optional<OutcomeColumns> outcome, int64_t most);

  absl::Status Feed(absl::string_view bytes) { return reader_.Feed(bytes); }
  absl::StatusOr<CollectedRows> Finish();

 private:
  absl::Status AddRow(const TableRow& row);

  const RowEncoder encoder_;
  FindingsCounter findings_;
  const std::optional<OutcomeColumns> outcome_;
  const int64_t most_;
  Random random_{1};
  int64_t encoded_ = 0;
  CollectedRows rows_;
  TableReader reader_;
};

}  // namespace roicast::client
