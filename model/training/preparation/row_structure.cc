#include "model/training/preparation/row_structure.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/status_macros.h"
#include "model/data/target_description.h"

namespace roicast {
namespace {

// Rows with the same inputs are one: copies are no rows of a campaign.
std::optional<Entities> EntitiesAmong(const RowStructureInputs& in) {
  std::vector<int64_t> distinct;
  std::copy_if(in.rows.begin(), in.rows.end(), std::back_inserter(distinct),
               [&](int64_t row) { return in.inputs[static_cast<size_t>(row)] == row; });
  const TargetSpec& target = in.target;
  const EntityQuestion question{distinct, target.spend_column,
                                target.revenue_column.empty() ? target.roas_column : target.revenue_column,
                                target.column};
  const std::optional<Entities> found = FindEntities(in.columns, question, in.stop);
  if (!found.has_value()) return std::nullopt;
  Entities entities = EntitiesOf(*in.columns.Find(found->column), in.rows);
  entities.constant = found->constant;
  return entities;
}

// Along each time, because the order of the columns does not say which of them the revenue follows.
void FindLastRows(const RowStructureInputs& in, RowStructure& structure) {
  if (!DescribeTarget(in.target).is_roi) return;
  const Column* spend = in.table.Find(in.target.spend_column);
  if (spend != nullptr && spend->kind != FeatureKind::kNumeric) spend = nullptr;
  for (const Column& time : in.table.columns()) {
    if (time.kind != FeatureKind::kTime) continue;
    std::optional<UnfinishedRows> found =
        FindUnfinishedRows(in.features, in.rows, time.numbers, in.roi, spend, in.stop);
    if (!CheckStop(in.stop).ok()) return;
    if (!found.has_value()) continue;
    if (structure.unfinished.has_value() && structure.unfinished->gain >= found->gain) continue;
    structure.unfinished = *found;
    structure.time_column = time.name;
  }
}

}  // namespace

absl::StatusOr<RowStructure> FindRowStructure(const RowStructureInputs& inputs) {
  RowStructure structure;
  structure.entities = EntitiesAmong(inputs);
  ROICAST_RETURN_IF_ERROR(CheckStop(inputs.stop));
  FindLastRows(inputs, structure);
  ROICAST_RETURN_IF_ERROR(CheckStop(inputs.stop));
  return structure;
}

}  // namespace roicast
