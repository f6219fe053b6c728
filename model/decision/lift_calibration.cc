#include "model/decision/lift_calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/money_number.h"

namespace roicast {

absl::Status LiftTest::Validate() const {
  if (!(low_spend >= 0 && low_spend < high_spend) || std::isinf(high_spend)) {
    return absl::InvalidArgumentError(
        absl::StrCat("spend: expected 0 ≤ low < high, got ", low_spend, " and ", high_spend));
  }
  // Beyond the range of what models predict, factors would be infinite, or no numbers.
  constexpr double kLeast = std::numeric_limits<float>::min(), kMost = std::numeric_limits<float>::max();
  if (!std::isfinite(incremental_revenue)) {
    return absl::InvalidArgumentError(
        absl::StrCat("incremental_revenue: expected a number, got ", incremental_revenue));
  }
  if (std::abs(incremental_revenue) > kMost) {
    return absl::InvalidArgumentError(absl::StrCat("incremental_revenue: expected a number from ", -kMost, " to ",
                                                   kMost, ", got ", incremental_revenue));
  }
  if (!(standard_error > 0) || std::isinf(standard_error)) {
    return absl::InvalidArgumentError(absl::StrCat("standard_error: expected > 0, got ", standard_error));
  }
  if (standard_error < kLeast || standard_error > kMost) {
    return absl::InvalidArgumentError(
        absl::StrCat("standard_error: expected a number from ", kLeast, " to ", kMost, ", got ", standard_error));
  }
  return absl::OkStatus();
}

namespace {

// The revenue that the model expects of each row with each spend, one row's behind the other's.
absl::StatusOr<std::vector<double>> ExpectedRevenues(const MoneyModel& model, absl::Span<const float> rows,
                                                     const std::vector<double>& spends, const StopCheck& stop) {
  const auto width = static_cast<size_t>(model.schema().size());
  std::vector<float> asked;
  for (size_t begin = 0; begin < rows.size(); begin += width) {
    for (const double spend : spends) {
      asked.insert(asked.end(), rows.begin() + static_cast<int64_t>(begin),
                   rows.begin() + static_cast<int64_t>(begin + width));
      model.SetSpend(static_cast<float>(spend), asked.data() + (asked.size() - width));
    }
  }
  std::vector<double> revenue(asked.size() / width);
  ROICAST_RETURN_IF_ERROR(model.Evaluate(asked, nullptr, {absl::MakeSpan(revenue), {}, {}, {}}, stop));
  for (size_t i = 0; i < revenue.size(); ++i) {
    const double spend = spends[i % spends.size()];
    // A campaign without money does not run.
    revenue[i] = spend > 0 ? (1 + revenue[i]) * spend : 0.0;
    if (std::isnan(revenue[i])) {
      return absl::InvalidArgumentError(absl::StrCat("spend: the model takes no spend of ", spend));
    }
  }
  return revenue;
}

// Of tests of one thing: p expected, m measured, with standard error s.
struct LiftSums {
  double products = 0.0, squares = 0.0, measured = 0.0;  // Σ p·m/s², Σ p²/s², Σ m²/s²
  int tests = 0;

  void Add(double expected, const LiftTest& test) {
    const double weight = 1 / (test.standard_error * test.standard_error);
    products += weight * expected * test.incremental_revenue;
    squares += weight * expected * expected;
    measured += weight * test.incremental_revenue * test.incremental_revenue;
    ++tests;
  }

  // By how much the tests vary around their mean, to what their standard errors let expect: χ² / (n − 1). 1 of one.
  double BirgeRatio() const {
    if (tests < 2 || !(squares > 0.0)) return 1.0;
    return std::max(0.0, measured - products * products / squares) / (tests - 1);
  }
  double Widening() const { return std::max(1.0, BirgeRatio()); }
  double Factor() const { return (1.0 + products / Widening()) / (1.0 + squares / Widening()); }
  double StandardError() const { return 1.0 / std::sqrt(1.0 + squares / Widening()); }
};

// Chance makes two tests differ as much once in 2,700 pairs: three standard errors of their difference.
constexpr double kBirgeBeyondChance = 9.0;

// Mean over the rows that the test is about of the revenue that the model expects of the additional spend.
absl::StatusOr<double> MeanAddition(const MoneyModel& model, absl::Span<const float> rows, const ScopedLiftTest& scoped,
                                    const StopCheck& stop) {
  // About a megabyte of rows of 20 features.
  constexpr size_t kRowsAtOnce = 8192;
  const auto width = static_cast<size_t>(model.schema().size());
  std::vector<float> block;
  double sum = 0.0;
  size_t count = 0;
  for (size_t begin = 0; begin < rows.size(); begin += width) {
    if (scoped.IsAbout(rows.subspan(begin, width))) {
      block.insert(block.end(), rows.begin() + static_cast<int64_t>(begin),
                   rows.begin() + static_cast<int64_t>(begin + width));
    }
    if (block.empty() || (block.size() < kRowsAtOnce * width && begin + width < rows.size())) continue;
    ROICAST_ASSIGN_OR_RETURN(const std::vector<double> revenue,
                             ExpectedRevenues(model, block, {scoped.test.low_spend, scoped.test.high_spend}, stop));
    for (size_t i = 0; i < revenue.size(); i += 2) sum += revenue[i + 1] - revenue[i];
    count += revenue.size() / 2;
    block.clear();
  }
  if (count == 0) return absl::InvalidArgumentError("expected a test about one of the campaigns, it is about none");
  return sum / static_cast<double>(count);
}

bool IsAboutAny(const ScopedLiftTest& test, absl::Span<const float> rows, size_t width) {
  for (size_t begin = 0; begin < rows.size(); begin += width) {
    if (test.IsAbout(rows.subspan(begin, width))) return true;
  }
  return false;
}

std::pair<int, float> ScopeOf(const ScopedLiftTest& test) {
  return {test.feature, test.feature < 0 ? 0.0f : test.code};
}

absl::Status NamedTest(size_t test, const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? WithContext(status, absl::StrCat("lift_tests[", test, "]")) : status;
}

}  // namespace

LiftJudgement JudgeLiftTest(const LiftTest& test, double expected, const Feature& spend) {
  const std::string seen =
      absl::StrCat("training saw ", MoneyNumber(spend.seen_min), " to ", MoneyNumber(spend.seen_max));
  if (std::isfinite(spend.seen_max) && test.high_spend > kFarthestSpend * spend.seen_max) {
    return {false, absl::StrCat("is not used: it goes up to a spend of ", MoneyNumber(test.high_spend), ", where ",
                                seen, ": the model knows nothing to compare it with")};
  }
  if (expected == 0.0)
    return {false, "is not used: the model expects nothing of the addition, so that there is nothing to scale"};
  const std::string expects = absl::StrCat("the model expects ", MoneyNumber(std::round(expected)));
  if (test.standard_error > kUselessError * std::abs(expected)) {
    return {false, absl::StrCat("is not used: ", expects, " of the addition, and the test's standard error is ",
                                MoneyNumber(test.standard_error), ", so that it says nothing")};
  }
  const double measured = test.incremental_revenue, ratio = measured / expected;
  const bool beyond_chance = std::abs(measured - expected) > 2.0 * test.standard_error;
  if (beyond_chance && (ratio > kDoubtfulFactor || ratio < 1.0 / kDoubtfulFactor)) {
    return {true, absl::StrCat("contradicts the model: it measured ", MoneyNumber(measured), ", ", expects,
                               "; look at both before you plan by either")};
  }
  const bool below = test.low_spend > 0.0 && test.low_spend < spend.seen_min;
  if (below || test.high_spend > spend.seen_max) {
    return {true, absl::StrCat("is about spends that are in part outside of training: ", seen)};
  }
  return {};
}

absl::StatusOr<std::vector<LiftJudgement>> JudgeLiftTests(const MoneyModel& model, absl::Span<const float> rows,
                                                          absl::Span<const ScopedLiftTest> tests,
                                                          const StopCheck& stop) {
  const auto width = static_cast<size_t>(model.schema().size());
  std::vector<LiftJudgement> judgements;
  std::map<std::pair<int, float>, LiftSums> sums;
  for (size_t t = 0; t < tests.size(); ++t) {
    if (const absl::Status valid = tests[t].test.Validate(); !valid.ok()) return NamedTest(t, valid);
    if (!IsAboutAny(tests[t], rows, width)) {
      judgements.push_back({false, "is not used: it is about none of the campaigns"});
      continue;
    }
    const absl::StatusOr<double> expected = MeanAddition(model, rows, tests[t], stop);
    if (!expected.ok()) return NamedTest(t, expected.status());
    judgements.push_back(JudgeLiftTest(tests[t].test, *expected, model.spend()));
    if (judgements.back().used) sums[ScopeOf(tests[t])].Add(*expected, tests[t].test);
  }
  for (size_t t = 0; t < tests.size(); ++t) {
    const LiftSums& of_scope = sums[ScopeOf(tests[t])];
    if (!judgements[t].used || of_scope.BirgeRatio() < kBirgeBeyondChance) continue;
    absl::StrAppend(
        &judgements[t].doubt, judgements[t].doubt.empty() ? "" : "; and it ",
        "disagrees with other tests of the same campaigns by far more than their standard errors: what they "
        "say together is as uncertain as they differ");
  }
  return judgements;
}

absl::StatusOr<std::vector<LiftFactor>> LiftFactorsOf(const MoneyModel& model, absl::Span<const float> rows,
                                                      absl::Span<const ScopedLiftTest> tests, const StopCheck& stop) {
  const auto width = static_cast<size_t>(model.schema().size());
  std::vector<LiftFactor> factors(rows.size() / width);
  if (tests.empty()) return factors;
  std::vector<LiftSums> sums(factors.size());
  for (size_t t = 0; t < tests.size(); ++t) {
    if (const absl::Status valid = tests[t].test.Validate(); !valid.ok()) return NamedTest(t, valid);
    const absl::StatusOr<double> expected = MeanAddition(model, rows, tests[t], stop);
    if (!expected.ok()) return NamedTest(t, expected.status());
    if (!JudgeLiftTest(tests[t].test, *expected, model.spend()).used) continue;
    for (size_t i = 0; i < factors.size(); ++i) {
      if (!tests[t].IsAbout(rows.subspan(i * width, width))) continue;
      sums[i].Add(*expected, tests[t].test);
      ++factors[i].tests;
    }
  }
  for (size_t i = 0; i < factors.size(); ++i) {
    if (factors[i].tests == 0) continue;
    factors[i].factor = sums[i].Factor();
    factors[i].standard_error = sums[i].StandardError();
  }
  return factors;
}

absl::StatusOr<std::optional<LiftCalibration>> CalibrateByLift(const MoneyModel& model, absl::Span<const float> row,
                                                               absl::Span<const LiftTest> tests,
                                                               const StopCheck& stop) {
  if (tests.empty()) return std::nullopt;
  std::vector<double> spends;
  for (const LiftTest& test : tests) {
    ROICAST_RETURN_IF_ERROR(test.Validate());
    spends.push_back(test.low_spend);
    spends.push_back(test.high_spend);
  }
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> revenue, ExpectedRevenues(model, row, spends, stop));
  LiftSums sums;
  std::vector<double> used;
  for (size_t i = 0; i < tests.size(); ++i) {
    const double expected = revenue[2 * i + 1] - revenue[2 * i];
    if (!JudgeLiftTest(tests[i], expected, model.spend()).used) continue;
    sums.Add(expected, tests[i]);
    used.insert(used.end(), {spends[2 * i], spends[2 * i + 1]});
  }
  if (used.empty()) return std::nullopt;
  LiftCalibration calibration;
  calibration.tests = static_cast<int>(used.size() / 2);
  calibration.factor = sums.Factor();
  calibration.standard_error = sums.StandardError();
  calibration.base_spend = *std::min_element(used.begin(), used.end());
  const auto lowest = std::find(spends.begin(), spends.end(), calibration.base_spend);
  calibration.base_revenue = revenue[static_cast<size_t>(lowest - spends.begin())];
  return calibration;
}

}  // namespace roicast
