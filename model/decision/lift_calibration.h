// What experiments say beside a model: how much of the revenue that a model expects of additional spend really comes.
//
// A lift test gives more money to places or weeks that were chosen by lot, so that nothing else differs: the additional
// revenue is caused by the additional spend. A model that learnt from campaigns as they were may credit spend with what
// demand did.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

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

// A test, and the campaigns that it is about.
struct ScopedLiftTest {
  LiftTest test;
  int feature = -1;  // a categorical feature; −1: it is about all campaigns
  float code = 0.0;  // raw value of that feature

  // row [schema size], raw.
  bool IsAbout(absl::Span<const float> row) const { return feature < 0 || row[static_cast<size_t>(feature)] == code; }
};

// What a campaign's predicted revenue is multiplied by, to be what its spend brings.
struct LiftFactor {
  double factor = 1.0, standard_error = 0.0;
  int tests = 0;  // that are about the campaign; 0: nothing is known, and the factor is 1
};

// One per row. rows [n, schema size], raw; their spend is replaced. A factor is that of LiftCalibration, with the mean
// over the rows that a test is about as what the model expects of it: campaigns that the same tests are about have the
// same factor, so that what the model says of their differences stays. Without an expected mean the test is not used.
// Errors: as of CalibrateByLift; InvalidArgument (a test about none of the rows, named by its index).
absl::StatusOr<std::vector<LiftFactor>> LiftFactorsOf(const MoneyModel& model, absl::Span<const float> rows,
                                                      absl::Span<const ScopedLiftTest> tests, const StopCheck& stop);

// row [schema size], raw; its spend is replaced. nullopt: the model expects no additional revenue of any test, so that
// nothing can be scaled. Errors: InvalidArgument (a test; a spend that the model refuses), stop's.
absl::StatusOr<std::optional<LiftCalibration>> CalibrateByLift(const MoneyModel& model, absl::Span<const float> row,
                                                               absl::Span<const LiftTest> tests, const StopCheck& stop);

}  // namespace roicast
