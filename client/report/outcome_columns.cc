#include "client/report/outcome_columns.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "base/tables/cell_text.h"
#include "client/scoring/feature_columns.h"

namespace roicast::client {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

absl::StatusOr<size_t> FindColumn(const TableReading& table, const std::string& name, const char* flag) {
  const std::optional<size_t> index = ColumnIndex(table, name);
  if (index.has_value()) return *index;
  return absl::NotFoundError(absl::StrCat("the file has no column \"", name, "\"", DidYouMean(name, table.names),
                                          "; name the outcome with ", flag, " COLUMN"));
}

}  // namespace

absl::StatusOr<OutcomeColumns> OutcomeColumns::Bind(const v1::TargetSpec& target, const TableReading& table) {
  OutcomeColumns outcome;
  const auto source = [&](const std::string& name, const char* flag) -> absl::StatusOr<Source> {
    ROICAST_ASSIGN_OR_RETURN(const size_t column, FindColumn(table, name, flag));
    return Source{column, table.columns[column].form.number};
  };
  outcome.blank_is_zero_ = target.blank_revenue() == v1::BLANK_REVENUE_ZERO;
  if (!target.column().empty()) {
    ROICAST_ASSIGN_OR_RETURN(outcome.first_, source(target.column(), "--target"));
    outcome.words_ = absl::StrCat("\"", target.column(), "\"");
    if (target.kind() == v1::TARGET_KIND_TWO_VALUED) {
      outcome.kind_ = Kind::kPositiveValue;
      outcome.positive_value_ = target.positive_value();
      outcome.positive_number_ = ParsePlainNumber(target.positive_value());
    }
  } else if (!target.roas_column().empty()) {
    outcome.kind_ = Kind::kRoas;
    ROICAST_ASSIGN_OR_RETURN(outcome.first_, source(target.roas_column(), "--roas"));
    outcome.words_ = absl::StrCat("\"", target.roas_column(), "\" − 1");
  } else if (!target.revenue_column().empty() && !target.spend_column().empty()) {
    outcome.kind_ = Kind::kRevenueAndSpend;
    ROICAST_ASSIGN_OR_RETURN(outcome.first_, source(target.revenue_column(), "--revenue"));
    ROICAST_ASSIGN_OR_RETURN(outcome.spend_, source(target.spend_column(), "--spend"));
    outcome.words_ = absl::StrCat("\"", target.revenue_column(), "\" and \"", target.spend_column(), "\"");
  } else {
    return absl::NotFoundError("the model does not say which column its target was; name it with --target COLUMN");
  }
  return outcome;
}

double OutcomeColumns::Of(absl::Span<const absl::string_view> cells) const {
  const absl::string_view cell = cells[first_.column];
  switch (kind_) {
    case Kind::kPositiveValue: {
      const absl::string_view word = CellText(cell);
      if (word.empty()) return kUnknown;
      const std::optional<double> number = positive_number_.has_value() ? ParsePlainNumber(word) : std::nullopt;
      return word == positive_value_ || (number.has_value() && number == positive_number_) ? 1.0 : 0.0;
    }
    case Kind::kRevenueAndSpend: {
      const std::optional<double> spend = ParseNumber(cells[spend_.column], spend_.form);
      std::optional<double> revenue = ParseNumber(cell, first_.form);
      if (!revenue.has_value() && blank_is_zero_ && CellText(cell).empty()) revenue = 0.0;
      if (!spend.has_value() || !revenue.has_value() || !(*spend > 0)) return kUnknown;
      return (*revenue - *spend) / *spend;
    }
    case Kind::kRoas:
      return ParseNumber(cell, first_.form).value_or(kUnknown) - 1.0;
    case Kind::kColumn:
      break;
  }
  return ParseNumber(cell, first_.form).value_or(kUnknown);
}

}  // namespace roicast::client
