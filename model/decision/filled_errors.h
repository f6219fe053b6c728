// How far off answers may be because what moves with the spend is missing in a row, and was filled in.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/decision/decision_model.h"

namespace roicast {

// A row as it came, and what a feature is set to.
struct VariedRow {
  const float* row = nullptr;
  float value = 0.0f;
};

// [rows], ≥ 0, in the unit of the prediction; empty: nothing is filled in.
struct FilledErrors {
  std::vector<double> below, above;
};

// Of rows after SetFeature: how far predictions are below and above theirs if what is filled in is so many standard
// deviations off (MovesWithSpend::SetSpend). 0 of rows that have all values. Errors: stop's.
absl::StatusOr<FilledErrors> FilledErrorsOf(const DecisionModel& model, int feature, absl::Span<const VariedRow> varied,
                                            double deviations, const StopCheck& stop);

// The same of spends, in ROI.
absl::StatusOr<FilledErrors> FilledRoiErrorsOf(const MoneyModel& money, absl::Span<const VariedRow> varied,
                                               double deviations, const StopCheck& stop);

// The ends of an interval around `at` with an independent error more. lowest: nothing is below it; the end stays where
// it was below that already.
double LowWith(double at, double low, double error, double lowest);
double HighWith(double at, double high, double error);

}  // namespace roicast
