// Looks for what a person should know about a dataset that is prepared for training.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/cleaning.h"
#include "model/data/csv_table.h"
#include "model/data/data_warning.h"
#include "model/data/target.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/training_spec.h"

namespace roicast {

struct DataWarningInputs {
  const CsvTable& data;
  const TrainingSpec& spec;
  const PreparedData& prepared;
  absl::Span<const int64_t> rows;    // that were split
  absl::Span<const int64_t> inputs;  // per row of the table: the first one with the same inputs
  // Finite if rows outside of it were dropped from training, because they carried most of the target's variance.
  Fences ordinary_target;
  // The words of categories are not chosen by their counts, but those of a version that training starts from.
  bool keeps_vocabularies = false;
  // Once it says so, the warnings are not all.
  StopCheck stop = nullptr;
};

// Rows that are no campaigns of their own, columns that alone explain the target, a holdout that proves nothing, rows that carry most of the target's variance,
// rows with the same inputs, and words that are too rare to learn from or too many.
std::vector<DataWarning> FindDataWarnings(const DataWarningInputs& inputs);

// The columns of the target have to be numbers: flags that would read one as words go, because a job with them fails.
void DropFlagsThatTheTargetForbids(const TargetSpec& target, std::vector<DataWarning>& warnings);

// "ROI", or `target "roas"`.
std::string TargetName(const TargetSpec& target);

}  // namespace roicast
