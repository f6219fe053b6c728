// An artifact's predictions against the truth of a table.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/cleaning.h"
#include "model/data/csv_table.h"
#include "model/data/target.h"
#include "model/data/target_description.h"
#include "model/evaluation/conclusion.h"
#include "model/evaluation/metrics.h"

namespace roicast {

struct ModelEvaluation {
  MetricsWithBaseline metrics;
  std::vector<DroppedRows> dropped;
  int64_t rows_with_warnings = 0;
  // Features that the table lacks, in schema order.
  std::vector<std::string> absent_features;
  LearntRowsCheck learnt_rows;
  std::string conclusion;  // what the numbers mean, in a sentence, and which of them are outside training
  TargetDescription target;
};

// Reads a dataset as the model reads requests: the kinds of its features and of the target, the words of its
// vocabularies, which are words though they may mean "missing" elsewhere, and the words that mean "missing" to it.
void ReadAsModelDoes(const Artifact& artifact, const TargetSpec& target, CsvTableOptions& options);

// Rows of a table as the model takes them, with what came true.
struct RowsWithTruths {
  RowMajorMatrix raw;                        // [table rows, features]
  std::vector<double> truths;                // one per row; NaN: not known
  std::vector<std::string> absent_features;  // that the table lacks, in schema order; missing in every row
  std::string no_truths_because;             // not empty: the table has no target, and all truths are NaN
  MemoryClaim memory;                        // of raw and truths

  uint64_t MemoryBytes() const {
    return static_cast<uint64_t>(raw.size()) * sizeof(float) + truths.size() * sizeof(double);
  }
};
// memory: what it draws from. Errors: InvalidArgument (the table lacks every feature), ResourceExhausted (memory),
// those of `stop`.
absl::StatusOr<RowsWithTruths> RowsForModel(const Artifact& artifact, const CsvTable& data,
                                            const TargetSpec& target_spec, const StopCheck& stop = nullptr,
                                            MemoryBudget* memory = MemoryBudget::Unlimited());

// A feature that the table lacks is missing in every row. Rows with a value that serving refuses are dropped and
// counted. Errors: InvalidArgument (the table lacks the target, or every feature), ResourceExhausted (memory), those of
// `stop`.
absl::StatusOr<ModelEvaluation> EvaluateArtifact(const Artifact& artifact, const CsvTable& data,
                                                 const TargetSpec& target, double profit_threshold,
                                                 const StopCheck& stop = nullptr,
                                                 MemoryBudget* memory = MemoryBudget::Unlimited());

}  // namespace roicast
