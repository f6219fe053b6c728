#include "model/data/target.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/tables/note.h"
#include "base/tables/number_form.h"
#include "model/data/missing_column.h"
#include "model/data/target_finder.h"
#include "model/data/target_proof.h"
#include "model/data/target_warnings.h"
#include "model/data/two_values.h"

namespace roicast {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// One in 50: 2 %.
constexpr int64_t kCellsPerBadOne = 50;

// ` such as "high" on line 7`: a word that made the column categorical. Most of its other words may be numbers.
std::string ExampleOfNoNumber(const CsvTable* data, const Column& column) {
  if (column.dictionary.empty()) return "";
  const auto word = std::find_if(column.dictionary.begin(), column.dictionary.end(),
                                 [](absl::string_view cell) { return !ParseNumber(cell, NumberForm()).has_value(); });
  const auto shown = word == column.dictionary.end() ? column.dictionary.begin() : word;
  std::string line;
  const auto code = std::find(column.codes.begin(), column.codes.end(), shown - column.dictionary.begin());
  if (data != nullptr && !data->lines.empty() && code != column.codes.end()) {
    line = absl::StrCat(" on line ", data->LineOf(code - column.codes.begin()));
  }
  return absl::StrCat(" such as \"", *shown, "\"", line);
}

constexpr char kWriteAlike[] = ": write them alike, such as by exporting all rows from one place";

// ` two notations: …` if some words of a column are numbers with a decimal point alone, others with a decimal comma
// alone, and nearly all are numbers; else empty.
std::string TwoNotations(const CsvTable* data, const Column& column) {
  const NumberForm with_point{'.', Grouping::kComma}, with_comma{',', Grouping::kDot};
  int32_t point = -1, comma = -1;
  size_t numbers = 0;
  for (size_t i = 0; i < column.dictionary.size(); ++i) {
    const bool as_point = ParseNumber(column.dictionary[i], with_point).has_value();
    const bool as_comma = ParseNumber(column.dictionary[i], with_comma).has_value();
    numbers += as_point || as_comma ? 1 : 0;
    if (as_point && !as_comma && point < 0) point = static_cast<int32_t>(i);
    if (as_comma && !as_point && comma < 0) comma = static_cast<int32_t>(i);
  }
  if (point < 0 || comma < 0 || numbers * 10 < column.dictionary.size() * 9) return "";
  const auto shown = [&](int32_t word) {
    std::string text = absl::StrCat("\"", column.dictionary[static_cast<size_t>(word)], "\"");
    const auto code = std::find(column.codes.begin(), column.codes.end(), word);
    if (data != nullptr && !data->lines.empty() && code != column.codes.end()) {
      absl::StrAppend(&text, " on line ", data->LineOf(code - column.codes.begin()));
    }
    return text;
  };
  return absl::StrCat(" two notations: ", shown(point), " has a decimal point, ", shown(comma), " a decimal comma",
                      kWriteAlike);
}

// Whether cells that could not be read as the column's numbers are numbers with the other decimal mark.
bool HaveOtherMark(const CsvTable& data, const std::string& column, const std::vector<std::string>& cells) {
  const ColumnReading* reading = data.ReadingOf(column);
  if (reading == nullptr || cells.empty()) return false;
  const NumberForm other =
      reading->form.number.decimal_mark == '.' ? NumberForm{',', Grouping::kDot} : NumberForm{'.', Grouping::kComma};
  return std::all_of(cells.begin(), cells.end(),
                     [&](const std::string& cell) { return ParseNumber(cell, other).has_value(); });
}

// One column of the target, with what could not be read of it.
struct TargetColumn {
  const Column* column = nullptr;
  const UnreadCells* unread = nullptr;          // nullptr: everything could be read
  const std::vector<double>* values = nullptr;  // not nullptr: stand for the column's

  double At(int64_t row) const { return values != nullptr ? (*values)[row] : column->numbers[row]; }
  // Whether the cell is blank, rather than unreadable.
  bool IsBlank(int64_t row) const {
    return std::isnan(At(row)) &&
           (unread == nullptr || !std::binary_search(unread->rows.begin(), unread->rows.end(), row));
  }
};

absl::Status CheckReadable(const CsvTable& data, const TargetColumn& found, const std::string& where) {
  const int64_t unread = static_cast<int64_t>(found.unread->rows.size());
  const int64_t read = std::count_if(found.column->numbers.begin(), found.column->numbers.end(),
                                     [](double number) { return !std::isnan(number); });
  if (unread * kCellsPerBadOne <= read + unread) return absl::OkStatus();
  std::vector<std::string> examples;
  for (size_t i = 0; i < found.unread->examples.size(); ++i) {
    examples.push_back(
        absl::StrCat("\"", found.unread->examples[i], "\" on line ", data.LineOf(found.unread->rows[i])));
  }
  const std::string problem = absl::StrCat(
      where, ": expected numbers in column \"", found.column->name, "\", but ", unread, " of its ", read + unread,
      " cells with a value cannot be read (at most 2 % may be): ", absl::StrJoin(examples, ", "));
  const std::vector<std::string> cells(found.unread->examples.begin(), found.unread->examples.end());
  if (HaveOtherMark(data, found.column->name, cells)) {
    return absl::InvalidArgumentError(
        absl::StrCat(problem, "; they have another decimal mark than the others", kWriteAlike));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(problem, "; where they mean that there is no value, say so: ",
                   ColumnFlag("--missing-values", "", cells.empty() ? "" : cells.front())));
}

absl::StatusOr<TargetColumn> FindNumbers(const Table& table, const CsvTable* data, absl::string_view field,
                                         absl::string_view flag, const std::string& name) {
  TargetColumn found;
  const int index = table.IndexOf(name);
  found.column = &table.column(index);
  const std::string where = FieldAndFlag(field, flag);
  if (found.column->kind != FeatureKind::kNumeric) {
    std::string got = TwoNotations(data, *found.column);
    if (got.empty()) {
      got = absl::StrCat(" ", FeatureKindName(found.column->kind), " values", ExampleOfNoNumber(data, *found.column));
    }
    return absl::InvalidArgumentError(absl::StrCat(where, ": expected numbers in column \"", name, "\", got", got));
  }
  if (data == nullptr || data->unread.empty()) return found;
  found.unread = &data->unread[static_cast<size_t>(index)];
  ROICAST_RETURN_IF_ERROR(CheckReadable(*data, found, where));
  return found;
}

absl::StatusOr<Target> Compute(const Table& table, const CsvTable* data, const TargetSpec& spec) {
  std::vector<NamedColumn> columns;
  for (const Column& column : table.columns()) columns.push_back({column.name, column.kind});
  ROICAST_ASSIGN_OR_RETURN(FoundTarget found, FindTarget(columns, spec));
  std::optional<TwoValues> two_values;
  if (const Column* column = table.Find(found.spec.column); column != nullptr) {
    ROICAST_ASSIGN_OR_RETURN(two_values, FindTwoValues(*column, found.spec));
  }
  if (!two_values.has_value()) ROICAST_RETURN_IF_ERROR(CheckRatio(table, data, spec, found));
  Target target;
  target.two_values_said = spec.kind == TargetKind::kTwoValued || !spec.positive_value.empty();
  target.spec = std::move(found.spec);
  target.warnings = std::move(found.notes);
  if (two_values.has_value()) {
    target.spec.kind = TargetKind::kTwoValued;
    target.spec.positive_value = two_values->positive;
    target.negative_value = two_values->negative;
  }
  const bool from_revenue = !target.spec.revenue_column.empty();
  const bool from_roas = !target.spec.roas_column.empty();
  TargetColumn result, spend;
  if (from_revenue) {
    ROICAST_ASSIGN_OR_RETURN(
        result, FindNumbers(table, data, "target.revenue_column", "--revenue", target.spec.revenue_column));
  } else if (from_roas) {
    ROICAST_ASSIGN_OR_RETURN(result, FindNumbers(table, data, "target.roas_column", "--roas", target.spec.roas_column));
  } else if (two_values.has_value()) {
    result.column = table.Find(target.spec.column);
    result.values = &two_values->values;
  } else {
    ROICAST_ASSIGN_OR_RETURN(result, FindNumbers(table, data, "target.column", "--target", target.spec.column));
  }
  if (!target.spec.spend_column.empty()) {
    ROICAST_ASSIGN_OR_RETURN(spend,
                             FindNumbers(table, data, "target.spend_column", "--spend", target.spec.spend_column));
  }
  target.values.resize(table.rows());
  for (int64_t row = 0; row < table.rows(); ++row) {
    double earned = result.At(row);
    const double spent = spend.column != nullptr ? spend.At(row) : kNaN;
    if ((from_revenue ? spent > 0 : from_roas && !(spent <= 0)) && result.IsBlank(row)) {
      ++target.blank_revenue;
      if (target.spec.blank_revenue == BlankRevenue::kZero) earned = 0.0;
    }
    double value = from_revenue ? ReturnOnInvestment(earned, spent) : from_roas ? earned - 1.0 : earned;
    // A missing spend matters only if the ROI is computed from it.
    if (std::isnan(earned) || (from_revenue && std::isnan(spent))) {
      ++target.missing;
      value = kNaN;
    } else if (spent <= 0) {
      ++target.spend_not_positive;
      value = kNaN;
    } else if (!std::isfinite(value)) {
      ++target.missing;
      value = kNaN;
    }
    target.values[row] = value;
  }
  return target;
}

}  // namespace

absl::Status TargetSpec::Validate() const {
  if (kind == TargetKind::kTwoValued && !(revenue_column.empty() && roas_column.empty())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "target.kind (--target-kind): expected number, zero-heavy or none for an ROI that is computed from ",
        revenue_column.empty() ? "a ROAS" : "revenue and spend",
        ", got two-valued; a column with two values "
        "is named by target.column (--target)"));
  }
  if (!positive_value.empty() && (kind == TargetKind::kNumber || kind == TargetKind::kZeroHeavy)) {
    return absl::InvalidArgumentError(
        absl::StrCat("target.positive_value (--positive-value): expected none unless the target has two values, got \"",
                     positive_value, "\""));
  }
  const std::pair<absl::string_view, const std::string&> kinds[] = {
      {"column", column}, {"revenue_column", revenue_column}, {"roas_column", roas_column}};
  for (size_t i = 0; i < 3; ++i) {
    for (size_t k = i + 1; k < 3; ++k) {
      if (kinds[i].second.empty() || kinds[k].second.empty()) continue;
      return absl::InvalidArgumentError(absl::StrCat("target: expected ", kinds[i].first, " or ", kinds[k].first,
                                                     ", got both (\"", kinds[i].second, "\" and \"", kinds[k].second,
                                                     "\")"));
    }
  }
  if (!spend_column.empty() &&
      (spend_column == column || spend_column == revenue_column || spend_column == roas_column)) {
    return absl::InvalidArgumentError(
        absl::StrCat("target.spend_column (--spend): expected a column of its own, got \"", spend_column, "\" twice"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Target> ComputeTarget(const CsvTable& data, const TargetSpec& spec) {
  ROICAST_ASSIGN_OR_RETURN(Target target, Compute(data.table, &data, spec));
  AddTargetWarnings(data, target);
  return target;
}

absl::StatusOr<Target> ComputeTarget(const Table& table, const TargetSpec& spec) {
  return Compute(table, nullptr, spec);
}

}  // namespace roicast
