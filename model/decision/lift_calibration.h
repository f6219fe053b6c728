// What experiments say beside a model: how much of the revenue that a model expects of additional spend really comes.
//
// A lift test gives more money to places or weeks that were chosen by lot, so that nothing else differs: the additional
// revenue is caused by the additional spend. A model that learnt from campaigns as they were may credit spend with what
// demand did.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/decision/decision_model.h"

namespace roicast {

// Of one campaign.
struct LiftTest {
  double low_spend = 0.0, high_spend = 0.0;  // without and with the addition; 0 ≤ low < high
  double incremental_revenue = 0.0;          // what the addition brought; within float32's range
  double standard_error = 0.0;               // of that, > 0; within float32's range

  // Errors: InvalidArgument naming the field.
  absl::Status Validate() const;
};

// What is to be thought of a test, by what the model expects of its addition.
struct LiftJudgement {
  // False: it is left out. It says nothing of the addition (an error over kUselessError times of what the model
  // expects), or has nothing to compare with (the model expects nothing, or the addition ends far outside of training).
  bool used = true;
  std::string doubt = {};  // why, or why else it is doubtful; empty: it is not
};
inline constexpr double kUselessError = 3.0;
// Tests that differ by more than this factor from what the model expects, and by more than two standard errors, are
// doubtful.
inline constexpr double kDoubtfulFactor = 3.0;
// Additions to more than so many times the highest spend of training are not compared; nor do splits that go as far
// have an interval.
inline constexpr double kFarthestSpend = 1.5;

// expected: the additional revenue that the model expects; spend: the feature that holds it.
LiftJudgement JudgeLiftTest(const LiftTest& test, double expected, const Feature& spend);

struct LiftCalibration {
  // The additional revenue of the tests over that which the model expects: f = (1 + Σ p·m/s²) / (1 + Σ p²/s²) of the
  // expected p and the measured m with standard error s, and its standard error 1 / √(1 + Σ p²/s²). The 1 is the
  // model's own expectation, which counts as a test that measured p with an error of p: f is the mean of a normal prior
  // of mean 1 and deviation 1 after the tests (Gelman et al., Bayesian Data Analysis, 2013, section 2.5). Tests that
  // differ by more than their errors have these widened by the root of χ² / (n − 1) (Birge, The Calculation of Errors
  // by the Method of Least Squares, Physical Review 40, 1932).
  double factor = 1.0;
  double standard_error = 0.0;
  int tests = 0;  // that are used
  // The lowest spend of the tests, and the revenue that the model expects there.
  double base_spend = 0.0, base_revenue = 0.0;

  // What a revenue that the model expects of a spend becomes: its part beyond the base is scaled. NaN below the base,
  // of which the tests say nothing.
  double Revenue(double spend, double expected) const {
    if (spend < base_spend) return std::numeric_limits<double>::quiet_NaN();
    return base_revenue + factor * (expected - base_revenue);
  }
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
// same factor, so that what the model says of their differences stays. Tests that JudgeLiftTest leaves out do not
// count. Errors: as of CalibrateByLift; InvalidArgument (a test about none of the rows, named by its index).
absl::StatusOr<std::vector<LiftFactor>> LiftFactorsOf(const MoneyModel& model, absl::Span<const float> rows,
                                                      absl::Span<const ScopedLiftTest> tests, const StopCheck& stop);

// One per test, with the mean over the rows that it is about as what the model expects; tests of the same campaigns
// that differ by far more than chance are doubtful, which only a call with all of them shows. A test about none of the
// rows is not used. Errors: as of CalibrateByLift, naming the test by its index.
absl::StatusOr<std::vector<LiftJudgement>> JudgeLiftTests(const MoneyModel& model, absl::Span<const float> rows,
                                                          absl::Span<const ScopedLiftTest> tests,
                                                          const StopCheck& stop);

// row [schema size], raw; its spend is replaced. nullopt: no test is used. Errors: InvalidArgument (a test; a spend
// that the model refuses), stop's.
absl::StatusOr<std::optional<LiftCalibration>> CalibrateByLift(const MoneyModel& model, absl::Span<const float> row,
                                                               absl::Span<const LiftTest> tests, const StopCheck& stop);

}  // namespace roicast
