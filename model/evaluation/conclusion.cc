#include "model/evaluation/conclusion.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "model/evaluation/first_metric.h"

namespace roicast {
namespace {

// "1,234".
std::string Count(int64_t rows) {
  std::string count = absl::StrCat(rows);
  for (int i = static_cast<int>(count.size()) - 3; i > 0; i -= 3) count.insert(static_cast<size_t>(i), ",");
  return count;
}

// "1,234 new rows".
std::string NewRows(int64_t rows) { return absl::StrCat(Count(rows), rows == 1 ? " new row" : " new rows"); }

bool IsMuchBetter(const MetricsWithBaseline& train, const MetricsWithBaseline& fresh) {
  if (train.model.rows == 0) return false;
  const double margin = fresh.model.two_valued.has_value() ? kMuchBetterAuc : kMuchBetterR2;
  const double learnt = FirstMetric(train.model);
  const bool beyond_chance = std::isnan(fresh.first_metric_high) || learnt > fresh.first_metric_high;
  return beyond_chance && learnt - FirstMetric(fresh.model) > margin;
}

// Empty unless it is much better on them.
std::string LearntByHeart(const MetricsWithBaseline& train, const MetricsWithBaseline& fresh) {
  if (!IsMuchBetter(train, fresh)) return "";
  return absl::StrCat("; on rows it learnt from ", FirstMetricName(train.model), " is ",
                      FormatFirstMetric(FirstMetric(train.model)), ", so it learnt much of them by heart");
}

// Few rows with large values rule R² in the target's own unit.
bool RanksAllTheSame(const MetricsWithBaseline& fresh) {
  return !fresh.model.two_valued.has_value() && JudgeAgainstConstant(fresh) == ConstantVerdict::kBetter;
}

std::string Judge(const MetricsWithBaseline& train, const MetricsWithBaseline& fresh) {
  const int64_t distinct = fresh.distinct_inputs > 0 ? fresh.distinct_inputs : fresh.model.rows;
  const std::string rows = NewRows(fresh.model.rows);
  if (distinct < kFewestDistinctInputs) {
    return absl::StrCat("only ", rows,
                        distinct < fresh.model.rows ? absl::StrCat(", ", distinct, " of them distinct") : "",
                        ": nothing is proven");
  }
  const std::string metric = DescribeFirstMetric(fresh);
  const std::string few = distinct < kFewNewRows ? absl::StrCat("only ", rows, ": ") : "";
  const std::string on = few.empty() ? absl::StrCat(" on ", rows) : " on them";
  const double constant = FirstMetricOfConstant(fresh.model);
  const double value = FirstMetric(fresh.model);
  // Without an interval, the value alone has to do.
  const double low = std::isnan(fresh.first_metric_low) ? value : fresh.first_metric_low;
  const double high = std::isnan(fresh.first_metric_high) ? value : fresh.first_metric_high;
  if (low <= constant && RanksAllTheSame(fresh)) {
    return absl::StrCat(
        few, "tells small from large", on, " (R² ", FormatFirstMetric(fresh.model.transformed.r2),
        " on the transformed scale), but ",
        value <= constant ? "is no better than a constant" : "is not shown to be better than a constant",
        " in the target's own unit, where a few large rows rule: ", metric);
  }
  const std::string by_heart = LearntByHeart(train, fresh);
  // The mean of the training rows is not quite that of the new ones.
  if (high < std::min(constant, FirstMetric(fresh.baseline)))
    return absl::StrCat(few, "worse than a constant", on, ": ", metric, by_heart);
  if (value <= constant) return absl::StrCat(few, "no better than a constant", on, ": ", metric, by_heart);
  if (low <= constant) {
    return absl::StrCat(few, "not shown to be better than a constant", on, ": ", metric, by_heart);
  }
  if (!by_heart.empty()) {
    return absl::StrCat(few, "much better on rows it learnt from (", FirstMetricName(train.model), " ",
                        FormatFirstMetric(FirstMetric(train.model)), ") than", on, ": ", metric);
  }
  if (value - constant < (fresh.model.two_valued.has_value() ? kLittleAuc : kLittleR2)) {
    return absl::StrCat(few, "better than a constant", on, ", but it explains little: ", metric);
  }
  return few.empty() ? absl::StrCat("holds on new rows: ", metric, ", ", rows)
                     : absl::StrCat(few, "it holds on them: ", metric);
}

}  // namespace

std::string DrawConclusion(const MetricsWithBaseline& train, const MetricsWithBaseline& holdout,
                           const CrossValidation& cross_validation) {
  if (holdout.model.rows > 0) return Judge(train, holdout);
  if (cross_validation.all.model.rows > 0) {
    return absl::StrCat("by cross-validation: ", Judge(train, cross_validation.all));
  }
  return "nothing was held out: it is not known whether it holds on new rows";
}

std::string DrawEvaluationConclusion(const MetricsWithBaseline& all, const LearntRowsCheck& check) {
  if (all.model.rows == 0) return "no row could be evaluated";
  const std::string metric = DescribeFirstMetric(all);
  if (!check.unknown_because.empty()) {
    return absl::StrCat("it is not known whether these rows were learnt from (", check.unknown_because,
                        "); if they were, the metrics flatter: ", metric);
  }
  const std::string of_all = check.sampled ? absl::StrCat(Count(check.rows_checked), " of the ", Count(all.model.rows),
                                                          " rows could be checked: ")
                                           : "";
  if (check.sampled && check.rows_checked < kFewestCheckedRows) {
    return absl::StrCat(of_all, Count(check.rows_learnt),
                        " of these were learnt from, too few to tell; if others were, "
                        "the metrics flatter: ",
                        metric);
  }
  if (check.rows_learnt == 0) {
    return absl::StrCat(of_all, "none was learnt from: ", Judge(MetricsWithBaseline(), all));
  }
  if (check.rows_learnt == check.rows_checked) {
    return absl::StrCat(of_all,
                        "all were learnt from, so the metrics flatter, and tell nothing about new rows: ", metric);
  }
  return absl::StrCat(of_all, Count(check.rows_learnt), " of ", Count(check.rows_checked), " rows (",
                      check.rows_learnt * 100 / check.rows_checked,
                      " %) were learnt from: these metrics flatter; on the other ", Count(check.fresh.model.rows), ": ",
                      DescribeFirstMetric(check.fresh));
}

}  // namespace roicast
