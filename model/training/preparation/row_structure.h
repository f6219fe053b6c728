// What the rows of a dataset are beside independent campaigns: several of the same one, and unfinished ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/structure/entities.h"
#include "model/data/structure/unfinished_rows.h"
#include "model/data/table.h"
#include "model/data/target.h"

namespace roicast {

struct RowStructure {
  // Which of the rows are of one campaign. Of rows with the same inputs, the first one told.
  std::optional<Entities> entities;
  // Of a target that is an ROI: the last rows, if they seem to be incomplete. Then no trend is looked for: it would be
  // theirs.
  std::optional<UnfinishedRows> unfinished;
  std::string time_column;  // of `unfinished`: the time along which that is most likely
};

// Vectors and tables have an entry per row of the dataset.
struct RowStructureInputs {
  const Table& table;     // as it was read
  const Table& columns;   // the same in the kinds that training wants
  const Table& features;  // those of the model
  const TargetSpec& target;
  absl::Span<const double> roi;
  absl::Span<const int64_t> rows;    // to look at
  absl::Span<const int64_t> inputs;  // the first row with the same features
  StopCheck stop = nullptr;
};

// Errors: stop's.
absl::StatusOr<RowStructure> FindRowStructure(const RowStructureInputs& inputs);

}  // namespace roicast
