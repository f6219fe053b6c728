#include "model/training/spec_columns.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "model/data/column_builder.h"
#include "model/data/missing_column.h"

namespace roicast {
namespace {

// Each check takes as long for many columns as for few. Once one has failed, the others do nothing.
class ColumnCheck {
 public:
  explicit ColumnCheck(absl::Span<const NamedColumn> columns) : columns_(columns) {
    for (const NamedColumn& column : columns) names_.insert(column.name);
  }

  // Of a column that exists; an empty name: of none.
  void Check(absl::string_view field, absl::string_view flag, absl::string_view name) {
    if (!status_.ok() || name.empty() || names_.contains(name)) return;
    std::vector<std::string> names;
    for (const NamedColumn& column : columns_) names.push_back(column.name);
    status_ = NoSuchColumn(field, flag, name, names);
  }

  // The columns of a list, each of which may be there once.
  class Once {
   public:
    explicit Once(ColumnCheck* check) : check_(*check) {}
    // field: with the index, such as "columns[3]".
    void Check(absl::string_view field, absl::string_view flag, absl::string_view name) {
      if (check_.status_.ok() && !seen_.insert(name).second) {
        check_.status_ =
            absl::InvalidArgumentError(absl::StrCat(field, " \"", name, "\": expected one entry per column, got two"));
      }
      check_.Check(field, flag, name);
    }

   private:
    ColumnCheck& check_;
    absl::flat_hash_set<absl::string_view> seen_;
  };

  bool failed() const { return !status_.ok(); }
  const absl::Status& status() const { return status_; }

 private:
  const absl::Span<const NamedColumn> columns_;
  absl::flat_hash_set<absl::string_view> names_;
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
  ColumnCheck::Once overrides(&check);
  for (size_t i = 0; i < spec.columns.size() && !check.failed(); ++i) {
    overrides.Check(absl::StrCat("columns[", i, "]"), FlagOf(spec.columns[i]), spec.columns[i].name);
  }
  check.Check("weight_column", "--weight", spec.weight_column);
  if (spec.split.holdout == SplitSpec::Holdout::kByTime) {
    check.Check("split.by_time.column", "--holdout-last", spec.split.column);
  }
  if (spec.split.holdout == SplitSpec::Holdout::kByValue) {
    check.Check("split.by_value.column", "--holdout-where", spec.split.column);
  }
  if (spec.split.holdout == SplitSpec::Holdout::kByGroup) {
    check.Check("split.by_group.column", "--holdout-group", spec.split.column);
  }
  const CleaningOptions& cleaning = spec.cleaning;
  check.Check("cleaning.until.column", "--until", cleaning.until.column);
  for (size_t i = 0; i < cleaning.outlier_rules.size() && !check.failed(); ++i) {
    check.Check(absl::StrCat("cleaning.outlier_rules[", i, "].column"), "", cleaning.outlier_rules[i].column);
  }
  check.Check("cleaning.hampel.time_column", "", cleaning.hampel.time_column);
  check.Check("cleaning.hampel.group_column", "", cleaning.hampel.group_column);
  ColumnCheck::Once filtered(&check);
  for (size_t i = 0; i < cleaning.hampel.columns.size() && !check.failed(); ++i) {
    filtered.Check(absl::StrCat("cleaning.hampel.columns[", i, "]"), "", cleaning.hampel.columns[i]);
  }
  return check.status();
}

}  // namespace roicast
