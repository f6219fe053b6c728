// Finds the columns that hold the target.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/data/data_warning.h"
#include "model/data/table.h"
#include "model/data/target.h"

namespace roicast {

struct NamedColumn {
  std::string name;
  FeatureKind kind = FeatureKind::kNumeric;
};

struct FoundTarget {
  TargetSpec spec;                 // complete
  std::vector<DataWarning> notes;  // what was taken by its name, and what else could have been
};

// Completes what the spec leaves open by the usual names (model/data/meaning/target_names.h): an ROI, else revenue and
// spend, else a ROAS; beside an ROI or a ROAS that was found, also a spend. What a command has written
// (model/data/meaning/result_columns.h) is never taken, only named. Columns that the spec names need not be
// numeric here. Errors: InvalidArgument with the columns and the flags to copy, in which COLUMN stands for what no name
// shows (a column that does not exist, nothing found but predictions or nothing at all, several columns for one role, a
// plan's spend beside another, a table of periods with a spend for each channel).
absl::StatusOr<FoundTarget> FindTarget(absl::Span<const NamedColumn> columns, const TargetSpec& spec);

// Against a target of predictions that nobody named. column, command: which, and of which command; flag: names it.
absl::Status OnlyPredictions(absl::string_view column, absl::string_view command, absl::string_view flag);

}  // namespace roicast
