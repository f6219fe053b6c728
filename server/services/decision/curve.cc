#include "server/services/decision/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/decision_memory.h"
#include "model/decision/lift_calibration.h"
#include "model/decision/money_number.h"
#include "model/decision/response_curve.h"
#include "model/features/word_ranges.h"
#include "server/errors/errors.h"
#include "server/services/decision/decision_call.h"
#include "server/services/decision/flat_revenue.h"
#include "server/services/decision/lift_input.h"
#include "server/services/decision/moves_answer.h"
#include "server/services/decision/row_input.h"

namespace roicast {
namespace {

constexpr int64_t kMaxCurves = 1000;
constexpr int64_t kMaxPoints = 10000;
constexpr double kUnknownSlope = std::numeric_limits<double>::quiet_NaN();

absl::StatusOr<ResponseCurveOptions> CurveOptions(const v1::ResponseCurveRequest& request, const ServedModel& model) {
  ResponseCurveOptions options;
  options.spend_feature = SpendNamed(model, request.spend_feature());
  options.feature = request.feature();
  options.money = !request.without_money();
  options.grid.assign(request.values().begin(), request.values().end());
  if (request.has_from()) options.from = request.from();
  if (request.has_to()) options.to = request.to();
  if (!options.grid.empty() && (request.has_from() || request.has_to() || request.points() != 0)) {
    return absl::InvalidArgumentError("values: expected either values or from, to and points, got both");
  }
  if (request.points() != 0) options.points = request.points();
  const auto points = options.grid.empty() ? int64_t{options.points} : static_cast<int64_t>(options.grid.size());
  if (points > kMaxPoints) return RequestTooLarge(options.grid.empty() ? "points" : "values", kMaxPoints, points);
  std::optional<double> asked;
  if (request.has_interval_level()) asked = request.interval_level();
  ROICAST_ASSIGN_OR_RETURN(options.interval_level, LevelOf(model, asked));
  return options;
}

void FillBand(const CurveBand& band, v1::Band* proto) {
  proto->mutable_value()->Add(band.value.begin(), band.value.end());
  proto->mutable_low()->Add(band.low.begin(), band.low.end());
  proto->mutable_high()->Add(band.high.begin(), band.high.end());
}

void FillCurve(const ResponseCurve& curve, bool money, v1::ResponseCurve* proto) {
  proto->mutable_predictions()->Add(curve.prediction.begin(), curve.prediction.end());
  proto->mutable_interval_low()->Add(curve.low.begin(), curve.low.end());
  proto->mutable_interval_high()->Add(curve.high.begin(), curve.high.end());
  if (!money) return;
  FillBand(curve.revenue, proto->mutable_revenue());
  FillBand(curve.profit, proto->mutable_profit());
  FillBand(curve.roi, proto->mutable_roi());
  FillBand(curve.marginal_roi, proto->mutable_marginal_roi());
}

// Sets the curve's lift if tests are about the row.
absl::Status FillLift(const ServedModel& model, const std::string& spend_feature, absl::Span<const float> row,
                      const std::vector<ScopedLiftTest>& tests, const std::vector<double>& spends,
                      const ResponseCurve& curve, const StopCheck& stop, v1::ResponseCurve* proto) {
  std::vector<LiftTest> about;
  for (const ScopedLiftTest& test : tests) {
    if (test.IsAbout(row)) about.push_back(test.test);
  }
  ROICAST_ASSIGN_OR_RETURN(const MoneyModel money, MoneyModel::Create(model.decision_model(), spend_feature));
  ROICAST_ASSIGN_OR_RETURN(const std::optional<LiftCalibration> calibration, CalibrateByLift(money, row, about, stop));
  if (!calibration.has_value()) return absl::OkStatus();
  v1::LiftCalibration& lift = *proto->mutable_lift();
  lift.set_tests(calibration->tests);
  lift.set_factor(calibration->factor);
  lift.set_standard_error(calibration->standard_error);
  lift.set_lowest_spend(calibration->base_spend);
  std::vector<double> tested, profits;
  for (size_t i = 0; i < spends.size(); ++i) {
    const double revenue = calibration->Revenue(spends[i], curve.revenue.value[i]), profit = revenue - spends[i];
    lift.add_revenue(revenue);
    lift.add_profit(profit);
    lift.add_roi(profit / spends[i]);
    if (std::isnan(revenue)) continue;
    tested.push_back(spends[i]);
    profits.push_back(profit);
  }
  const std::vector<double> slopes =
      tested.size() < 2 ? std::vector<double>(tested.size(), kUnknownSlope) : SlopesAlong(tested, profits);
  for (size_t i = tested.size(); i < spends.size(); ++i) lift.add_marginal_roi(kUnknownSlope);
  for (const double slope : slopes) lift.add_marginal_roi(slope);
  return absl::OkStatus();
}

// Whether an experiment confirms the curves along the spend.
void AddCurveLiftCaveats(v1::ResponseCurveResponse* response) {
  int with = 0;
  const v1::LiftCalibration* first = nullptr;
  for (const v1::ResponseCurve& curve : response->curves()) {
    if (!curve.has_lift()) continue;
    if (first == nullptr) first = &curve.lift();
    ++with;
  }
  if (with == 1) {
    AddCaveat(
        response->mutable_caveats(), "lift_test",
        absl::StrCat("by lift tests, additional spend brings ", first->factor(), " ± ", first->standard_error(),
                     " of what the model expects of it in this row: revenue beyond that at the lowest tested spend, ",
                     MoneyNumber(first->lowest_spend()),
                     ", counts times that, and below it the tests say nothing. A budget compares the tests with the "
                     "mean over its campaigns, and all of "
                     "their revenue counts times its factor, so that profits by tests differ between the two"));
  } else if (with > 1) {
    AddCaveat(response->mutable_caveats(), "lift_test",
              absl::StrCat(with, " of ", response->curves_size(), " curves are corrected by lift tests"));
  }
  if (with < response->curves_size()) AddCauseCaveat(response->mutable_caveats());
}

// What is predicted of the row as it is, in which only what moves along and is missing is filled in.
void FillPresent(const ServedModel& model, absl::Span<const float> row, int feature, v1::ResponseCurve* proto) {
  const float value = row[static_cast<size_t>(feature)];
  if (std::isnan(value)) return;
  std::vector<float> asked(row.begin(), row.end());
  SetFeature(model.decision_model(), feature, value, asked.data());
  float prediction = 0;
  model.predictor().Predict(asked.data(), 1, absl::MakeSpan(&prediction, 1), {});
  if (std::isnan(prediction)) return;
  proto->set_present_value(value);
  proto->set_present_prediction(prediction);
}

// ", or of those with Channel "Email", 201 to 2000": ranges of the rows' words that some values are outside of.
std::string RangesOfWords(const ServedModel& model, const Feature& feature, absl::Span<const float> rows,
                          const std::vector<double>& values) {
  constexpr size_t kMostRanges = 3;
  const auto width = static_cast<size_t>(model.schema().size());
  const auto low = static_cast<float>(values.front()), high = static_cast<float>(values.back());
  std::vector<const WordRange*> broken;
  for (const WordRange& range : feature.word_ranges) {
    if (low >= static_cast<float>(range.min) && high <= static_cast<float>(range.max)) continue;
    for (size_t at = 0; at < rows.size(); at += width) {
      if (!HasWord(range, rows.data() + at)) continue;
      broken.push_back(&range);
      break;
    }
  }
  std::string text;
  for (size_t i = 0; i < std::min(broken.size(), kMostRanges); ++i) {
    absl::StrAppend(&text, i == 0 ? ", or of those with " : "; ", WordRangeText(model.schema(), *broken[i]));
  }
  if (broken.size() > kMostRanges) absl::StrAppend(&text, " and ", broken.size() - kMostRanges, " more");
  return text;
}

}  // namespace

absl::StatusOr<v1::ResponseCurveResponse> AnswerCurve(const v1::ResponseCurveRequest& request, const ServedModel& model,
                                                      const StopCheck& stop, MemoryBudget* memory) {
  if (!request.without_money()) ROICAST_RETURN_IF_ERROR(CheckPredictsMoney(model, "a response curve in money"));
  ROICAST_ASSIGN_OR_RETURN(const ResponseCurveOptions options, CurveOptions(request, model));
  const int spend = FreeFeature(model, options.spend_feature);
  int varied = options.feature.empty() ? spend : -1;
  if (!options.feature.empty()) {
    ROICAST_ASSIGN_OR_RETURN(varied, FeatureByName(model, "feature", options.feature));
  }
  ROICAST_ASSIGN_OR_RETURN(const InputRows rows,
                           ReadStrictRows(request.rows(), "rows", model,
                                          {.max_rows = kMaxCurves, .free_feature = varied, .memory = memory}));
  const int64_t points = options.grid.empty() ? std::max(2, options.points) : static_cast<int64_t>(options.grid.size());
  ROICAST_ASSIGN_OR_RETURN(const MemoryClaim work,
                           ClaimForWork(memory, CurveBytes({.rows = std::min(rows.count, kMaxCurvePoints / points),
                                                            .values = points,
                                                            .features = model.schema().size(),
                                                            .money = options.money,
                                                            .intervals = options.interval_level.has_value(),
                                                            .moves = !model.decisions().facts.moves.empty(),
                                                            .lift_tests = request.lift_tests_size() > 0})));
  ROICAST_ASSIGN_OR_RETURN(const std::vector<ResponseCurve> curves,
                           ResponseCurves(model.decision_model(), rows.rows, options, stop));
  const bool along_spend = model.FeatureIndex(curves.front().feature) == spend;
  if (request.lift_tests_size() > 0 && (!along_spend || request.without_money())) {
    return Unexpected("lift_tests", "none unless the spend varies and money is wanted", "some");
  }
  ROICAST_ASSIGN_OR_RETURN(const std::vector<ScopedLiftTest> tests,
                           ReadLiftTests(request.lift_tests(), "lift_tests", model));
  v1::ResponseCurveResponse response;
  *response.mutable_served_by() = ServedByProto(model);
  const ResponseCurve& first = curves.front();
  response.set_feature(first.feature);
  if (options.money && spend >= 0) response.set_spend_feature(model.schema().features[static_cast<size_t>(spend)].name);
  const TargetDescription& target = model.decisions().facts.target;
  response.set_target(target.is_roi || target.name.empty() ? "ROI" : target.name);
  response.mutable_values()->Add(first.at.begin(), first.at.end());
  for (size_t point = 0; point < first.outside.size(); ++point) {
    response.add_outside(std::any_of(curves.begin(), curves.end(),
                                     [&](const ResponseCurve& curve) { return curve.outside[point] != 0; }));
  }
  const int feature = model.FeatureIndex(first.feature);
  const Feature& seen = model.schema().features[static_cast<size_t>(feature)];
  *response.mutable_training_range() =
      curves.size() == 1 ? RangeProto(first.seen_min, first.seen_max) : RangeProto(seen.seen_min, seen.seen_max);
  if (options.interval_level.has_value() && first.no_intervals_because.empty()) {
    response.set_interval_level(*options.interval_level);
  }
  for (size_t i = 0; i < curves.size(); ++i) {
    v1::ResponseCurve& curve = *response.add_curves();
    FillCurve(curves[i], options.money, &curve);
    curve.mutable_outside()->Add(curves[i].outside.begin(), curves[i].outside.end());
    *curve.mutable_training_range() = RangeProto(curves[i].seen_min, curves[i].seen_max);
    const auto width = static_cast<size_t>(model.schema().size());
    const absl::Span<const float> row = absl::MakeConstSpan(rows.rows).subspan(i * width, width);
    FillPresent(model, row, feature, &curve);
    if (tests.empty()) continue;
    ROICAST_RETURN_IF_ERROR(FillLift(model, options.spend_feature, row, tests, curves[i].at, curves[i], stop, &curve));
  }
  AddMoving(model, feature, response.mutable_moving());
  if (along_spend) {
    AddCurveLiftCaveats(&response);
    if (!tests.empty()) {
      ROICAST_ASSIGN_OR_RETURN(const MoneyModel money,
                               MoneyModel::Create(model.decision_model(), options.spend_feature));
      ROICAST_RETURN_IF_ERROR(AddLiftDoubts(money, rows.rows, tests, stop, response.mutable_caveats()));
    }
    if (options.money) {
      ROICAST_ASSIGN_OR_RETURN(const MoneyModel money,
                               MoneyModel::Create(model.decision_model(), options.spend_feature));
      ROICAST_RETURN_IF_ERROR(AddFlatRevenueCaveat(model, money, rows.rows, stop, response.mutable_caveats()));
    }
  } else {
    AddCauseCaveat(model, {feature}, response.mutable_caveats());
  }
  AddMovesCaveat(model, {feature}, response.mutable_caveats());
  AddFilledCaveat(model, feature, rows.rows, response.mutable_caveats());
  const auto outside = std::count(response.outside().begin(), response.outside().end(), true);
  if (outside > 0) {
    AddCaveat(response.mutable_caveats(), "outside_training_range",
              absl::StrCat(outside, " of ", first.outside.size(), " values of \"", first.feature,
                           "\" are outside the range of the training rows, ", seen.seen_min, " to ", seen.seen_max,
                           RangesOfWords(model, seen, rows.rows, first.at), kOutsideTraining));
  }
  if (!first.no_intervals_because.empty()) {
    AddCaveat(response.mutable_caveats(), "no_intervals", first.no_intervals_because);
  }
  return response;
}

}  // namespace roicast
