// A dataset prepared for training: target computed, schema inferred, rows cleaned and split, cleaning limits fitted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/artifact/artifact.h"
#include "model/data/cleaning.h"
#include "model/data/csv_table.h"
#include "model/data/moves_with_spend.h"
#include "model/data/schema.h"
#include "model/data/split.h"
#include "model/data/structure/repeated_exports.h"
#include "model/data/table.h"
#include "model/network/training_observer.h"
#include "model/training/preparation/row_structure.h"
#include "model/training/training_spec.h"

namespace roicast {

// Fewer training rows, after cleaning and splitting, are refused.
inline constexpr int64_t kMinTrainingRows = 10;

// Vectors and the table have an entry per row of the dataset's table; only the rows of the split are meaningful.
struct PreparedData {
  TargetSpec target;           // resolved
  std::string negative_value;  // of a two-valued target: the one that roi has as 0; that of 1 is target.positive_value
  Schema schema;               // without vocabularies and seen ranges; of a warm start: the version's own
  Table features;              // the schema's columns, in its order; refused cells are missing, spikes are replaced
  std::vector<double> roi;
  std::vector<float> weights;  // empty: all 1
  Split split;
  std::optional<RepeatedExports> exports;  // the same rows several times: the split has them on one side
  // Rows of the split that a model may learn from once they are not needed to measure one, ascending: the holdout and
  // what was left out beside it are among them. Empty: without a holdout, for a warm start, and where cleaning drops or
  // clips rows that the holdout keeps.
  std::vector<int64_t> refit_rows;
  std::vector<CleaningLimits> limits;  // per feature
  MovesWithSpend moves;                // of the schema; words are codes of the dictionaries of `features`
  CleaningReport report;
  RowStructure structure;

  std::vector<double> RoiOf(absl::Span<const int64_t> rows) const;
  std::vector<float> WeightsOf(absl::Span<const int64_t> rows) const;
};

// The steps, in this order:
// 1. rows without a target, with spend ≤ 0 or without a weight are dropped;
// 2. the schema is inferred, without the column of a split by value; cells that serving would refuse (not allowed, not
// finite) become missing and are reported;
// 3. exact duplicates (over all columns) are dropped, if an identifier or a time makes them copies (CopyPolicy);
// 4. the rest is split, by strata of a two-valued target; rows with the same inputs, and those of
// repeated exports, are never on both sides (SplitRows). The few training and validation
//    rows that carry most of the target's variance and stand apart are dropped, unless a rule names the target;
// 5. cleaning limits are fitted on the training rows;
// 6. outliers under the policy kDrop, and rows with a missing feature under MissingPolicy::kDrop, are dropped from the
//    training and validation rows; the holdout keeps them, because serving cannot choose its rows. The target is
//    clipped in training and validation rows alone;
// 7. spikes are replaced in training rows;
// 8. it is found out what the rows are beside independent campaigns: rows of the same ones, and unfinished ones;
// 9. the report gets warnings: columns that alone explain the target, a holdout that proves nothing, rows that carry
//    most of the target's variance, numbers that move with the spend, copies, words that are too rare to learn from
//    (unless a warm start chose the words).
// warm_start: null, or the version whose schema and preprocessing are kept. observer: null, or polled between steps.
// Errors: InvalidArgument, FailedPrecondition (too few rows, constant target), Cancelled.
absl::StatusOr<PreparedData> PrepareData(const CsvTable& data, const TrainingSpec& spec, const Artifact* warm_start,
                                         TrainingObserver* observer = nullptr);

// Bytes that PrepareData and LearnPreprocessor take at most, beside the table: its columns twice, some for each row,
// and what FindMovesWithSpend takes.
uint64_t PreparationBytes(const CsvTable& data);

}  // namespace roicast
