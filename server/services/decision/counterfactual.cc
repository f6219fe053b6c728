#include "server/services/decision/counterfactual.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "model/decision/decision_model.h"
#include "model/explanation/counterfactual.h"
#include "server/services/decision/background_input.h"
#include "server/services/decision/decision_call.h"
#include "server/services/decision/moves_answer.h"
#include "server/services/decision/row_input.h"

namespace roicast {
namespace {

constexpr double kHourSeconds = 3600;

absl::Status CheckNumber(const std::string& field, bool given, double value) {
  return !given || std::isfinite(value) ? absl::OkStatus() : Unexpected(field, "a number", value);
}

absl::StatusOr<Freedom> FreedomOf(const v1::ChangeableFeature& proto, const std::string& field,
                                  const ServedModel& model) {
  Freedom freedom;
  ROICAST_ASSIGN_OR_RETURN(freedom.feature, FeatureByName(model, absl::StrCat(field, ".name"), proto.name()));
  const Feature& feature = model.schema().features[static_cast<size_t>(freedom.feature)];
  const bool categorical = feature.kind == FeatureKind::kCategorical;
  if (categorical && (proto.has_min() || proto.has_max() || proto.has_step())) {
    return Unexpected(field, "words", absl::StrCat("bounds of \"", proto.name(), "\", which is categorical"));
  }
  if (!categorical && proto.words_size() > 0) {
    return Unexpected(field, "min and max",
                      absl::StrCat("words of \"", proto.name(), "\", which is ", FeatureKindName(feature.kind)));
  }
  ROICAST_RETURN_IF_ERROR(CheckNumber(absl::StrCat(field, ".min"), proto.has_min(), proto.min()));
  ROICAST_RETURN_IF_ERROR(CheckNumber(absl::StrCat(field, ".max"), proto.has_max(), proto.max()));
  ROICAST_RETURN_IF_ERROR(CheckNumber(absl::StrCat(field, ".step"), proto.has_step(), proto.step()));
  if (categorical && static_cast<size_t>(proto.words_size()) > feature.vocabulary.size()) {
    return Unexpected(absl::StrCat(field, ".words"),
                      absl::StrCat("each of the ", feature.vocabulary.size(), " words of training once at most"),
                      absl::StrCat(proto.words_size()));
  }
  if (proto.has_step() && !(proto.step() > 0)) return Unexpected(absl::StrCat(field, ".step"), "> 0", proto.step());
  // Raw times are hours.
  const double unit = feature.kind == FeatureKind::kTime ? kHourSeconds : 1.0;
  if (proto.has_min()) freedom.min = proto.min() / unit;
  if (proto.has_max()) freedom.max = proto.max() / unit;
  if (proto.has_step()) freedom.step = proto.step() / unit;
  if (proto.has_cost()) freedom.cost = proto.cost();
  for (int i = 0; i < proto.words_size(); ++i) {
    const float code = model.CategoryCode(freedom.feature, proto.words(i));
    if (std::isnan(code) || code >= static_cast<float>(feature.vocabulary.size())) {
      return Unexpected(absl::StrCat(field, ".words[", i, "]"),
                        absl::StrCat("a word that \"", proto.name(), "\" had in training"),
                        absl::StrCat("\"", proto.words(i), "\"", DidYouMean(proto.words(i), feature.vocabulary)));
    }
    freedom.codes.push_back(static_cast<int>(code));
  }
  return freedom;
}

bool AsksForRoi(const v1::FindCounterfactualRequest& request) {
  return request.goal_case() == v1::FindCounterfactualRequest::kRoiAtLeast ||
         request.goal_case() == v1::FindCounterfactualRequest::kRoiAtMost;
}

// What is wanted, and of what.
absl::Status ReadGoal(const v1::FindCounterfactualRequest& request, const ServedModel& model,
                      CounterfactualOptions& options) {
  switch (request.goal_case()) {
    case v1::FindCounterfactualRequest::kAtLeast:
      options.wanted = request.at_least();
      break;
    case v1::FindCounterfactualRequest::kRoiAtLeast:
      options.wanted = request.roi_at_least();
      break;
    case v1::FindCounterfactualRequest::kAtMost:
      options.goal = CounterfactualGoal::kAtMost;
      options.wanted = request.at_most();
      break;
    case v1::FindCounterfactualRequest::kRoiAtMost:
      options.goal = CounterfactualGoal::kAtMost;
      options.wanted = request.roi_at_most();
      break;
    case v1::FindCounterfactualRequest::GOAL_NOT_SET:
      return Unexpected("goal", "at_least or at_most, or an ROI", "neither");
  }
  if (!AsksForRoi(request)) return absl::OkStatus();
  ROICAST_RETURN_IF_ERROR(CheckPredictsMoney(model, "a wanted ROI"));
  if (PredictedMoneyOf(model.decisions().facts) == PredictedMoney::kRoi) return absl::OkStatus();
  ROICAST_ASSIGN_OR_RETURN(const MoneyModel money,
                           MoneyModel::Create(model.decision_model(), SpendNamed(model, request.spend_feature())));
  options.spend_of_roi = money.spend_feature();
  return absl::OkStatus();
}

void SetValue(const Feature& feature, float raw, v1::NamedValue* value) {
  value->set_name(feature.name);
  switch (feature.kind) {
    case FeatureKind::kNumeric:
      value->set_number(raw);
      break;
    case FeatureKind::kCategorical: {
      const auto code = static_cast<size_t>(raw);
      value->set_word(code < feature.vocabulary.size() ? feature.vocabulary[code] : "");
      break;
    }
    case FeatureKind::kTime:
      value->mutable_time()->set_seconds(static_cast<int64_t>(raw) * static_cast<int64_t>(kHourSeconds));
      break;
  }
}

void ChangeToProto(const ServedModel& model, const FeatureChange& change, v1::FeatureChange* proto) {
  const Feature& feature = model.schema().features[static_cast<size_t>(change.feature)];
  proto->set_feature(feature.name);
  if (!std::isnan(change.from)) SetValue(feature, change.from, proto->mutable_from());
  SetValue(feature, change.to, proto->mutable_to());
  proto->set_distance(change.distance);
}

}  // namespace

absl::StatusOr<v1::FindCounterfactualResponse> AnswerCounterfactual(const v1::FindCounterfactualRequest& request,
                                                                    const ServedModel& model, const StopCheck& stop,
                                                                    MemoryBudget* memory) {
  ROICAST_ASSIGN_OR_RETURN(const InputRows row,
                           ReadStrictRows(request.row(), "row", model, {.max_rows = 1, .memory = memory}));
  if (request.changeable_size() > model.schema().size()) {
    return Unexpected("changeable", absl::StrCat("each of the ", model.schema().size(), " features once at most"),
                      absl::StrCat(request.changeable_size()));
  }
  std::vector<Freedom> freedoms;
  for (int i = 0; i < request.changeable_size(); ++i) {
    ROICAST_ASSIGN_OR_RETURN(Freedom freedom,
                             FreedomOf(request.changeable(i), absl::StrCat("changeable[", i, "]"), model));
    freedoms.push_back(std::move(freedom));
  }
  if (freedoms.empty()) return Unexpected("changeable", "at least one feature", "none");
  CounterfactualOptions options;
  ROICAST_RETURN_IF_ERROR(ReadGoal(request, model, options));
  if (request.has_cost_per_feature()) options.cost_per_feature = request.cost_per_feature();
  options.max_features = request.max_changes();
  options.moves = model.decisions().facts.moves;
  ROICAST_ASSIGN_OR_RETURN(const BackgroundInput background,
                           BackgroundOf(request.has_background(), request.background(), model, memory));
  ROICAST_ASSIGN_OR_RETURN(
      const MemoryClaim work,
      ClaimForWork(memory, CounterfactualBytes(model.schema(), background.get().size(), freedoms)));
  ROICAST_ASSIGN_OR_RETURN(const Counterfactual found, FindCounterfactual(model.predictor(), background.get(),
                                                                          row.rows.data(), freedoms, options, stop));
  v1::FindCounterfactualResponse response;
  *response.mutable_served_by() = ServedByProto(model);
  response.set_reached(found.reached);
  response.set_prediction_before(found.prediction_before);
  response.set_prediction(found.prediction);
  if (AsksForRoi(request)) {
    response.set_roi_before(found.outcome_before);
    response.set_roi(found.outcome);
  }
  response.set_distance(found.distance);
  for (const FeatureChange& change : found.changes) ChangeToProto(model, change, response.add_changes());
  for (const FeatureChange& change : found.moved) ChangeToProto(model, change, response.add_moved());
  std::vector<int> free;
  for (const Freedom& freedom : freedoms) free.push_back(freedom.feature);
  AddCauseCaveat(model, free, response.mutable_caveats());
  AddMovesCaveat(model, free, response.mutable_caveats());
  for (const int feature : free) AddFilledCaveat(model, feature, row.rows, response.mutable_caveats());
  return response;
}

}  // namespace roicast
