#include "model/training/preparation/duration_findings.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_format.h"
#include "model/data/structure/row_durations.h"
#include "model/data/target_description.h"

namespace roicast {

namespace {

// Rows whose revenue is still to come in tell nothing of lengths.
std::vector<int64_t> FinishedRows(const DataWarningInputs& in) {
  std::vector<int64_t> rows(in.rows.begin(), in.rows.end());
  const RowStructure& structure = in.prepared.structure;
  if (!structure.unfinished.has_value()) return rows;
  const PackedNumbers& times = in.data.table.Find(structure.time_column)->numbers;
  const double since = structure.unfinished->since;
  rows.erase(
      std::remove_if(rows.begin(), rows.end(), [&](int64_t row) { return times[static_cast<size_t>(row)] >= since; }),
      rows.end());
  return rows;
}

}  // namespace

std::vector<DataWarning> DurationWarnings(const DataWarningInputs& inputs) {
  std::vector<DataWarning> warnings;
  if (!DescribeTarget(inputs.prepared.target).is_roi) return warnings;
  const Table& table = inputs.data.table;
  const Column* spend = table.Find(inputs.prepared.target.spend_column);
  if (spend != nullptr && spend->kind != FeatureKind::kNumeric) spend = nullptr;
  const std::vector<int64_t> rows = FinishedRows(inputs);
  const std::optional<RowDurations> found =
      FindRowDurations({table, inputs.prepared.features, rows, inputs.prepared.roi, spend}, inputs.stop);
  if (!found.has_value()) return warnings;
  DataWarning& warning = warnings.emplace_back();
  warning.serious = true;
  warning.column = found->end;
  warning.message = absl::StrFormat(
      "from \"%s\" to \"%s\" it is %.3g to %.3g days, and for the same spend rows of the most days bring back %.2g "
      "times "
      "what those of the fewest do. The model sees no days between the two: if a row lasts so long, predictions, "
      "curves "
      "and budgets are for a mixture of lengths. Add a column with the days, such as duration_days",
      found->start, found->end, found->shortest, found->longest, found->factor);
  return warnings;
}

}  // namespace roicast
