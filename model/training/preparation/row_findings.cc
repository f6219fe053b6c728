#include "model/training/preparation/row_findings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/tables/note.h"
#include "base/tables/time_form.h"
#include "model/data/structure/running_totals.h"
#include "model/data/structure/unit_change.h"
#include "model/data/target_description.h"

namespace roicast {
namespace {

constexpr size_t kMostLinesShown = 5;

std::string DayOf(double time) { return FormatTime(static_cast<int64_t>(time)).substr(0, 10); }

class RowJudge {
 public:
  explicit RowJudge(const DataWarningInputs& in)
      : in_(in), table_(in.data.table), spend_(table_.Find(in.prepared.target.spend_column)) {
    const auto n = static_cast<size_t>(table_.rows());
    const Column* const revenue = table_.Find(in.prepared.target.revenue_column);
    revenue_is_as_it_came_ = revenue != nullptr && revenue->kind == FeatureKind::kNumeric;
    spends_.assign(n, std::numeric_limits<double>::quiet_NaN());
    revenues_ = spends_;
    if (spend_ == nullptr || spend_->kind != FeatureKind::kNumeric) return;
    for (const int64_t row : in.rows) {
      const auto at = static_cast<size_t>(row);
      spends_[at] = spend_->numbers[at];
      revenues_[at] = revenue_is_as_it_came_ ? revenue->numbers[at] : spends_[at] * (1.0 + in.prepared.roi[at]);
    }
  }

  void FindTotals(std::vector<DataWarning>& warnings) const {
    const std::optional<Entities>& entities = in_.prepared.structure.entities;
    if (!entities.has_value()) return;
    const std::optional<RunningTotals> totals = TotalsOf(*entities);
    if (!totals.has_value()) return;
    DataWarning warning;
    warning.serious = true;
    warning.column = entities->column;
    warning.message = absl::StrCat(
        "the rows look cumulative: spend and revenue never fall in ", totals->never_fall, " of the ", totals->entities,
        " values of \"", entities->column, "\" with several rows from ", DayOf(totals->first_time), " to ",
        DayOf(totals->last_time),
        ". Totals to date are no campaigns of their own: the model takes a small spend for a short time. Train on the "
        "differences between the rows of each, or on its last row alone");
    warnings.push_back(std::move(warning));
  }

  void FindUnfinished(std::vector<DataWarning>& warnings) const {
    const std::optional<UnfinishedRows>& found = in_.prepared.structure.unfinished;
    if (!found.has_value()) return;
    // A day stays as a whole.
    const bool within_a_day = DayOf(found->since) == DayOf(found->before);
    const auto text = [&](double time) { return within_a_day ? FormatTime(static_cast<int64_t>(time)) : DayOf(time); };
    DataWarning warning;
    warning.serious = true;
    warning.column = in_.prepared.structure.time_column;
    warning.message = absl::StrCat("the ", found->rows, " rows since ", text(found->since), " look unfinished: ");
    if (found->without_revenue) {
      absl::StrAppend(&warning.message, "almost all of them have no revenue, which is rare before");
    } else {
      absl::StrAppendFormat(
          &warning.message,
          "what they bring back falls to %.0f %% of that of such rows before, with no such fall earlier",
          100.0 * found->level);
    }
    absl::StrAppend(&warning.message,
                    ". Revenue may still come in; then the model takes them for the present, and predicts too little. "
                    "Leave them out until they are complete");
    warning.flags.push_back(ColumnFlag("--until", in_.prepared.structure.time_column, text(found->before)));
    warnings.push_back(std::move(warning));
  }

  void FindUnits(std::vector<DataWarning>& warnings) const {
    const std::optional<Entities>& entities = in_.prepared.structure.entities;
    const absl::string_view entity_column = entities.has_value() ? entities->column : "";
    const std::optional<UnitChange> change =
        FindUnitChange({table_, in_.rows, spends_, revenues_, revenue_is_as_it_came_, entity_column}, in_.stop);
    if (!change.has_value()) return;
    DataWarning warning;
    warning.serious = true;
    const auto count = static_cast<int64_t>(change->rows.size());
    const int64_t first = change->rows.front(), last = change->rows.back();
    const bool block = last - first + 1 <= count + count / 20;
    for (size_t i = 0; i < std::min(kMostLinesShown, change->rows.size()); ++i) {
      warning.lines.push_back(in_.data.LineOf(change->rows[i]));
    }
    const bool larger = change->factor > 1.0;
    const double times = larger ? change->factor : 1.0 / change->factor;
    const double digit = std::pow(10.0, std::floor(std::log10(times)));
    warning.message = absl::StrFormat(
        "%s of %d rows%s are %sabout %.0f times %s those of the others%s: are they in another unit or currency? One "
        "model cannot hold for both. Give all rows one unit, or leave these out",
        revenue_is_as_it_came_ ? "spend and revenue" : "the spends", count,
        block ? absl::StrFormat(" (lines %d to %d)", in_.data.LineOf(first), in_.data.LineOf(last)) : "",
        revenue_is_as_it_came_ ? "both " : "", std::round(times / digit) * digit,
        larger ? "as large as" : "smaller than", change->fewer_decimals ? ", and have fewer decimals" : "");
    warnings.push_back(std::move(warning));
  }

 private:
  // By the first time that sorts them: the day on which a campaign began sorts no rows of it.
  std::optional<RunningTotals> TotalsOf(const Entities& entities) const {
    for (const Column& time : table_.columns()) {
      if (time.kind != FeatureKind::kTime) continue;
      const std::optional<RunningTotals> totals =
          FindRunningTotals(entities, in_.rows, time.numbers, spends_, revenues_, in_.stop);
      if (totals.has_value() || !CheckStop(in_.stop).ok()) return totals;
    }
    return std::nullopt;
  }

  const DataWarningInputs& in_;
  const Table& table_;
  const Column* spend_;
  bool revenue_is_as_it_came_ = false;
  std::vector<double> spends_, revenues_;
};

}  // namespace

std::vector<DataWarning> RowWarnings(const DataWarningInputs& inputs) {
  std::vector<DataWarning> warnings;
  if (!DescribeTarget(inputs.prepared.target).is_roi) return warnings;
  const RowJudge judge(inputs);
  judge.FindTotals(warnings);
  if (CheckStop(inputs.stop).ok()) judge.FindUnfinished(warnings);
  if (CheckStop(inputs.stop).ok()) judge.FindUnits(warnings);
  return warnings;
}

}  // namespace roicast
