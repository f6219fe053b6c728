#include "model/training/preparation/earlier_spend_findings.h"

#include <cmath>
#include <optional>

#include "absl/strings/str_format.h"
#include "model/data/structure/earlier_spend.h"
#include "model/data/target_description.h"

namespace roicast {

std::vector<DataWarning> EarlierSpendWarnings(const DataWarningInputs& inputs) {
  std::vector<DataWarning> warnings;
  const TargetSpec& target = inputs.prepared.target;
  if (!DescribeTarget(target).is_roi) return warnings;
  const Table& table = inputs.data.table;
  const Column* const spend = table.Find(target.spend_column);
  if (spend == nullptr || spend->kind != FeatureKind::kNumeric) return warnings;
  const std::optional<EarlierSpend> found =
      FindEarlierSpend({table, inputs.prepared.features, inputs.rows, inputs.prepared.roi, *spend}, inputs.stop);
  if (!found.has_value()) return warnings;
  DataWarning& warning = warnings.emplace_back();
  warning.serious = true;
  warning.column = spend->name;
  warning.message = absl::StrFormat(
      "revenue follows the spend of the row before, %.3g days earlier by \"%s\": 1 %% more spend there goes with %.2f "
      "%% "
      "more revenue, 1 %% more of the row's own with %.2f %% (%d rows of %d series). The model takes each row for "
      "itself: "
      "plans and budgets that change the spend promise what the earlier spend brought. Sum rows to longer periods, or "
      "add the earlier spend as a column",
      found->step, found->time, found->before, std::round(100.0 * found->now) / 100.0 + 0.0 /* no −0 */, found->rows,
      found->series);
  return warnings;
}

}  // namespace roicast
