#include "model/data/target.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/csv/csv_values.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// The first 30 names, as many as fit in a line.
std::string ColumnNames(const Table& table) {
  constexpr size_t kMost = 30;
  std::vector<std::string> names;
  for (const Column& column : table.columns()) {
    if (names.size() == kMost) {
      names.push_back(absl::StrCat("… (", table.columns().size(), " columns)"));
      break;
    }
    names.push_back(column.name);
  }
  return names.empty() ? "none" : absl::StrJoin(names, ", ");
}

// The column of that name, ignoring case; empty if there is none.
std::string FindWithoutCase(const Table& table, absl::string_view name) {
  for (const Column& column : table.columns()) {
    if (absl::EqualsIgnoreCase(column.name, name)) return column.name;
  }
  return "";
}

absl::StatusOr<TargetSpec> Resolve(const Table& table, const TargetSpec& spec) {
  if (!spec.column.empty() || !spec.revenue_column.empty() || !spec.spend_column.empty()) {
    ROICAST_RETURN_IF_ERROR(spec.Validate());
    return spec;
  }
  TargetSpec found;
  found.spend_column = FindWithoutCase(table, "spend");
  found.column = FindWithoutCase(table, "roi");
  if (!found.column.empty()) return found;
  found.revenue_column = FindWithoutCase(table, "revenue");
  if (!found.revenue_column.empty() && !found.spend_column.empty()) return found;
  return absl::InvalidArgumentError(
      absl::StrCat("target: expected a column \"roi\", or \"revenue\" and \"spend\", or other columns named in the "
                   "spec; the columns are ",
                   ColumnNames(table), table.columns().size() == 1 ? ": is the delimiter right?" : ""));
}

// ` such as "high"`: a word that made the column categorical. Most of its other words may be numbers.
std::string ExampleOfNoNumber(const Column& column) {
  if (column.dictionary.empty()) return "";
  const auto word = std::find_if(column.dictionary.begin(), column.dictionary.end(),
                                 [](const std::string& text) { return !ParseNumber(text).has_value(); });
  return absl::StrCat(" such as \"", word == column.dictionary.end() ? column.dictionary.front() : *word, "\"");
}

absl::StatusOr<const Column*> FindNumbers(const Table& table, absl::string_view field, const std::string& name) {
  const Column* column = table.Find(name);
  if (column == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": no column \"", name, "\"; the columns are ", ColumnNames(table)));
  }
  if (column->kind != FeatureKind::kNumeric) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": expected numbers in column \"", name, "\", got ",
                                                   FeatureKindName(column->kind), " values",
                                                   ExampleOfNoNumber(*column)));
  }
  return column;
}

}  // namespace

absl::Status TargetSpec::Validate() const {
  if (!column.empty() && !revenue_column.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("target: expected column or revenue_column, got both (\"", column,
                                                   "\" and \"", revenue_column, "\")"));
  }
  if (column.empty() && revenue_column.empty() != spend_column.empty()) {
    return absl::InvalidArgumentError(
        revenue_column.empty() ? absl::StrCat("target.revenue_column: expected a column, because spend_column is \"",
                                              spend_column, "\", got nothing")
                               : absl::StrCat("target.spend_column: expected a column, because revenue_column is \"",
                                              revenue_column, "\", got nothing"));
  }
  if (!spend_column.empty() && (spend_column == column || spend_column == revenue_column)) {
    return absl::InvalidArgumentError(
        absl::StrCat("target.spend_column: expected a column of its own, got \"", spend_column, "\" twice"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Target> ComputeTarget(const Table& table, const TargetSpec& spec) {
  Target target;
  ROICAST_ASSIGN_OR_RETURN(target.spec, Resolve(table, spec));
  const Column* roi = nullptr;
  const Column* revenue = nullptr;
  const Column* spend = nullptr;
  if (target.spec.IsComputed()) {
    ROICAST_ASSIGN_OR_RETURN(revenue, FindNumbers(table, "target.revenue_column", target.spec.revenue_column));
  } else {
    ROICAST_ASSIGN_OR_RETURN(roi, FindNumbers(table, "target.column", target.spec.column));
  }
  if (!target.spec.spend_column.empty()) {
    ROICAST_ASSIGN_OR_RETURN(spend, FindNumbers(table, "target.spend_column", target.spec.spend_column));
  }
  target.values.resize(table.rows());
  for (int64_t row = 0; row < table.rows(); ++row) {
    double value = roi != nullptr ? roi->numbers[row] : ReturnOnInvestment(revenue->numbers[row], spend->numbers[row]);
    // A missing spend matters only if the ROI is computed from it.
    const bool missing =
        roi != nullptr ? std::isnan(value) : std::isnan(revenue->numbers[row]) || std::isnan(spend->numbers[row]);
    if (missing) {
      ++target.missing;
    } else if (spend != nullptr && spend->numbers[row] <= 0) {
      ++target.spend_not_positive;
      value = std::numeric_limits<double>::quiet_NaN();
    } else if (!std::isfinite(value)) {
      ++target.missing;
      value = std::numeric_limits<double>::quiet_NaN();
    }
    target.values[row] = value;
  }
  return target;
}

}  // namespace roicast
