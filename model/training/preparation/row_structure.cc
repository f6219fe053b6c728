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

void FindLastRows(const RowStructureInputs& in, RowStructure& structure) {
  if (!DescribeTarget(in.target).is_roi) return;
  const std::vector<Column>& columns = in.table.columns();
  const auto time = std::find_if(columns.begin(), columns.end(),
                                 [](const Column& column) { return column.kind == FeatureKind::kTime; });
  if (time == columns.end()) return;
  const Column* const spend = in.table.Find(in.target.spend_column);
  structure.time_column = time->name;
  structure.unfinished =
      FindUnfinishedRows(in.features, in.rows, time->numbers, in.roi,
                         spend != nullptr && spend->kind == FeatureKind::kNumeric ? spend : nullptr, in.stop);
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
