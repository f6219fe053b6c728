// What experiments say beside a model: how much of the revenue that a model expects of additional spend really comes.
//
// A lift test gives more money to places or weeks that were chosen by lot, so that nothing else differs: the additional
// revenue is caused by the additional spend. A model that learnt from campaigns as they were may credit spend with what
// demand did.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/decision/decision_model.h"

namespace roicast {

// Of one campaign.
struct LiftTest {
  double low_spend = 0.0, high_spend = 0.0;  // without and with the addition; 0 ≤ low < high
  double incremental_revenue = 0.0;          // what the addition brought
  double standard_error = 0.0;               // of that, > 0

  // Errors: InvalidArgument naming the field.
  absl::Status Validate() const;
};

struct LiftCalibration {
  // The additional revenue of the tests over that which the model expects: f = Σ p·m/s² / Σ p²/s² of the expected p and
  // the measured m with standard error s (least squares through the origin), and its standard error.
  double factor = 1.0;
  double standard_error = 0.0;
  // The lowest spend of the tests, and the revenue that the model expects there.
  double base_spend = 0.0, base_revenue = 0.0;

  // What a revenue that the model expects becomes: its part beyond the base is scaled.
  double Revenue(double expected) const { return base_revenue + factor * (expected - base_revenue); }
};

// row [schema size], raw; its spend is replaced. nullopt: the model expects no additional revenue of any test, so that
// nothing can be scaled. Errors: InvalidArgument (a test; a spend that the model refuses), stop's.
absl::StatusOr<std::optional<LiftCalibration>> CalibrateByLift(const MoneyModel& model, absl::Span<const float> row,
                                                               absl::Span<const LiftTest> tests, const StopCheck& stop);

}  // namespace roicast
