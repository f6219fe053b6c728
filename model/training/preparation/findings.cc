#include "model/training/preparation/findings.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace roicast {
namespace {

constexpr size_t kMostLines = 5;
// A spend below this share of the median is far below it.
constexpr double kTinySpend = 0.01;

int64_t RowsOf(double share, int64_t rows) {
  return static_cast<int64_t>(std::llround(share * static_cast<double>(rows)));
}

double HoldoutShare(const SplitSpec& split) {
  return split.holdout == SplitSpec::Holdout::kByValue ? 0.0 : split.holdout_fraction;
}

std::string Percent(double share) { return absl::StrCat(100.0 * share, " %"); }

// "2 of them are held out, and decide R2 and RMSE there"
std::string HeldOutText(size_t held_out, size_t rows) {
  const std::string which = held_out < rows ? absl::StrCat(held_out, " of them") : rows == 1 ? "It" : "They";
  return absl::StrCat(which, held_out == 1 ? " is held out, and decides" : " are held out, and decide",
                      " R2 and RMSE there");
}

}  // namespace

int64_t RowsNeeded(const SplitSpec& split, int64_t training_rows) {
  int64_t rows = training_rows;
  for (;; ++rows) {
    const int64_t kept = rows - RowsOf(HoldoutShare(split), rows);
    if (kept - RowsOf(split.validation_fraction, kept) >= training_rows) return rows;
  }
}

std::string RowsNeededText(const SplitSpec& split, int64_t training_rows) {
  const std::string holdout = split.holdout == SplitSpec::Holdout::kByValue
                                  ? absl::StrCat("beside those with \"", split.value, "\" in \"", split.column, "\"")
                                  : absl::StrCat("after ", Percent(split.holdout_fraction), " holdout");
  return absl::StrCat("needs at least ", RowsNeeded(split, training_rows), " with a target (", training_rows,
                      " to train on ", holdout, " and ", Percent(split.validation_fraction), " validation)");
}

std::vector<DataWarning> HoldoutWarnings(const SplitSpec& spec, const Split& split, int64_t distinct_inputs,
                                         bool copies_are_said) {
  const auto held_out = static_cast<int64_t>(split.holdout.size());
  std::vector<DataWarning> warnings;
  if (split.copies_on_both_sides > 0 && !copies_are_said) {
    DataWarning warning;
    warning.serious = true;
    warning.column = spec.column;
    warning.message = absl::StrCat("the split by \"", spec.column,
                                   "\" has rows with the same inputs on both sides: ", split.copies_on_both_sides,
                                   " rows that are not held out have the inputs of a held-out row. They are more than "
                                   "half, so they are trained on, "
                                   "and the metrics on the holdout may flatter the model");
    warning.flags = {"--holdout 0.2"};
    warnings.push_back(std::move(warning));
  }
  if (distinct_inputs >= kMinTellingHoldout) return warnings;
  const auto rows = static_cast<int64_t>(split.train.size() + split.validation.size()) + held_out;
  const bool random = spec.holdout == SplitSpec::Holdout::kRandom;
  DataWarning warning;
  if (random && spec.holdout_fraction == 0.0) {
    warning.message =
        "no rows are held out: metrics on training rows show how well the model remembers, not how well it predicts";
    warning.flags = {"--holdout 0.2"};
    warnings.push_back(std::move(warning));
    return warnings;
  }
  warning.serious = true;
  const std::string found =
      distinct_inputs < held_out
          ? absl::StrCat("the ", held_out, " held-out rows have ", distinct_inputs, " distinct inputs")
          : absl::StrCat(held_out == 0 ? "none" : absl::StrCat("only ", held_out), " of ", rows, " rows ",
                         held_out == 1 ? "is" : "are", " held out");
  warning.message = absl::StrCat("the metrics prove nothing: ", found,
                                 ", and others could give quite other metrics. At "
                                 "least ",
                                 kMinTellingHoldout, " begin to tell");
  // The share in steps of 0.05 that would do, if it leaves half of the rows.
  const double share = std::ceil(20.0 * kMinTellingHoldout / static_cast<double>(rows)) / 20.0;
  const bool helps = distinct_inputs == held_out && share <= 0.5 && share > spec.holdout_fraction;
  if (random && helps) warning.flags = {absl::StrCat("--holdout ", share)};
  warnings.push_back(std::move(warning));
  return warnings;
}

DataWarning LeverageWarning(const Leverage& leverage, const LeverageDetails& details, const std::string& target,
                            bool left_out) {
  DataWarning warning;
  warning.serious = leverage.stands_apart;
  const size_t rows = leverage.positions.size();
  warning.lines = details.lines;
  if (warning.lines.size() > kMostLines) warning.lines.resize(kMostLines);
  warning.message = absl::StrFormat("%d %s most of the variance of %s (%.1f %%): up to %g, where the median is %g",
                                    rows, rows == 1 ? "row carries" : "rows carry", target, 100.0 * leverage.share,
                                    details.largest, leverage.median);
  if (details.largest_spend > 0.0 && details.largest_spend < kTinySpend * details.median_spend) {
    absl::StrAppend(&warning.message,
                    absl::StrFormat(". Their spend is at most %g, where the median is %g: ROI of next to no spend "
                                    "says nothing",
                                    details.largest_spend, details.median_spend));
  }
  const auto held_out = static_cast<size_t>(details.held_out);
  if (held_out < rows) {
    const absl::string_view they_are = rows == 1 ? "It is" : held_out > 0 ? "The others are" : "They are";
    if (held_out > 0) absl::StrAppend(&warning.message, ". ", HeldOutText(held_out, rows));
    if (left_out) {
      absl::StrAppendFormat(&warning.message, ". %s left out of training, where the target is %g to %g", they_are,
                            leverage.rest_min, leverage.rest_max);
    } else {
      absl::StrAppend(&warning.message, ". ", they_are, " trained on");
    }
  } else {
    absl::StrAppend(&warning.message, ". ", HeldOutText(held_out, rows));
  }
  return warning;
}

}  // namespace roicast
