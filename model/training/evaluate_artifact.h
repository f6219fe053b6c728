// An artifact's predictions against the truth of a table.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "model/data/cleaning.h"
#include "model/data/csv_table.h"
#include "model/data/target.h"
#include "model/evaluation/metrics.h"

namespace roicast {

struct ModelEvaluation {
  MetricsWithBaseline metrics;
  std::vector<DroppedRows> dropped;
  int64_t rows_with_warnings = 0;
  // Features that the table lacks, in schema order.
  std::vector<std::string> absent_features;
};

// CsvTableOptions::kinds for reading a dataset with a model's schema and the target.
std::vector<std::pair<std::string, FeatureKind>> KnownKinds(const Schema& schema, const TargetSpec& target);

// A feature that the table lacks is missing in every row. Rows with a value that serving refuses are dropped and
// counted. Errors: InvalidArgument (the table lacks the target, or every feature).
absl::StatusOr<ModelEvaluation> EvaluateArtifact(const Artifact& artifact, const CsvTable& data,
                                                 const TargetSpec& target, double profit_threshold);

}  // namespace roicast
