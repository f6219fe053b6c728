#include "model/training/spec_columns.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/data/column_builder.h"
#include "model/data/missing_column.h"

namespace roicast {
namespace {

class ColumnCheck {
 public:
  explicit ColumnCheck(absl::Span<const NamedColumn> columns) {
    for (const NamedColumn& column : columns) names_.push_back(column.name);
  }

  void Check(absl::string_view field, absl::string_view flag, const std::string& name) {
    if (!status_.ok() || name.empty() || std::find(names_.begin(), names_.end(), name) != names_.end()) return;
    status_ = NoSuchColumn(field, flag, name, names_);
  }

  const absl::Status& status() const { return status_; }

 private:
  std::vector<std::string> names_;
  absl::Status status_;
};

}  // namespace

std::vector<NamedColumn> ColumnsOf(const TableReading& reading) {
  std::vector<NamedColumn> columns;
  for (size_t i = 0; i < reading.names.size(); ++i) {
    const ColumnReading& column = reading.columns[i];
    columns.push_back({reading.names[i], column.present == 0 ? FeatureKind::kNumeric : KindOf(column.form.kind)});
  }
  return columns;
}

absl::Status CheckColumns(const TrainingSpec& spec, absl::Span<const NamedColumn> columns) {
  ROICAST_RETURN_IF_ERROR(FindTarget(columns, spec.target).status());
  ColumnCheck check(columns);
  for (size_t i = 0; i < spec.columns.size(); ++i) {
    check.Check(absl::StrCat("columns[", i, "]"), FlagOf(spec.columns[i]), spec.columns[i].name);
  }
  check.Check("weight_column", "--weight", spec.weight_column);
  if (spec.split.holdout == SplitSpec::Holdout::kByTime) {
    check.Check("split.by_time.column", "--holdout-last", spec.split.column);
  }
  if (spec.split.holdout == SplitSpec::Holdout::kByValue) {
    check.Check("split.by_value.column", "--holdout-where", spec.split.column);
  }
  const CleaningOptions& cleaning = spec.cleaning;
  for (size_t i = 0; i < cleaning.outlier_rules.size(); ++i) {
    check.Check(absl::StrCat("cleaning.outlier_rules[", i, "].column"), "", cleaning.outlier_rules[i].column);
  }
  check.Check("cleaning.hampel.time_column", "", cleaning.hampel.time_column);
  check.Check("cleaning.hampel.group_column", "", cleaning.hampel.group_column);
  for (size_t i = 0; i < cleaning.hampel.columns.size(); ++i) {
    check.Check(absl::StrCat("cleaning.hampel.columns[", i, "]"), "", cleaning.hampel.columns[i]);
  }
  return check.status();
}

}  // namespace roicast
