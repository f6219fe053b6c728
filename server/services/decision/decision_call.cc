#include "server/services/decision/decision_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "model/data/spend_feature.h"
#include "model/decision/money_number.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

constexpr double kUsualLevel = 0.9;

}  // namespace

v1::ServedBy ServedByProto(const ServedModel& model) {
  v1::ServedBy served_by;
  served_by.set_model(model.name());
  served_by.set_version(model.version());
  served_by.set_artifact_digest(model.artifact_digest());
  return served_by;
}

absl::Status Unexpected(absl::string_view field, absl::string_view expected, absl::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": expected ", expected, ", got ", got));
}

absl::Status Unexpected(absl::string_view field, absl::string_view expected, double got) {
  return Unexpected(field, expected, absl::StrCat(got));
}

absl::Status CheckLevel(absl::string_view field, double level) {
  return level > 0 && level < 1 ? absl::OkStatus() : Unexpected(field, "a level between 0 and 1", level);
}

absl::Status CheckPredictsMoney(const ServedModel& model, absl::string_view what) {
  const DecisionFacts& facts = model.decisions().facts;
  if (PredictedMoneyOf(facts) != PredictedMoney::kNone) return absl::OkStatus();
  const std::string predicts = facts.kind == TargetKind::kTwoValued
                                   ? absl::StrCat("the probability of \"", facts.target.positive_value, "\"")
                                   : absl::StrCat("\"", facts.target.name, "\"");
  return WithReason(absl::FailedPreconditionError(absl::StrCat(model.label(), " predicts ", predicts, ", and ", what,
                                                               " needs a model that predicts an ROI or a revenue")),
                    v1::NOT_AN_ROI, {{"model", model.name()}, {"version", absl::StrCat(model.version())}});
}

std::string WordRangeText(const Schema& schema, const WordRange& range) {
  const Feature& of = schema.features[static_cast<size_t>(range.feature)];
  return absl::StrCat(of.name, " \"", of.vocabulary[static_cast<size_t>(range.code)], "\", ", MoneyNumber(range.min),
                      " to ", MoneyNumber(range.max));
}

std::string SpendNamed(const ServedModel& model, const std::string& name) {
  if (!name.empty()) return name;
  const std::string& learnt = model.decisions().spend_column;
  const int index = model.FeatureIndex(learnt);
  const bool usable = index >= 0 && model.schema().features[static_cast<size_t>(index)].kind == FeatureKind::kNumeric;
  return usable ? learnt : "";
}

absl::StatusOr<std::optional<double>> LevelOf(const ServedModel& model, std::optional<double> asked) {
  if (asked.has_value()) {
    ROICAST_RETURN_IF_ERROR(CheckLevel("interval_level", *asked));
    if (model.uncertainty() == nullptr) return NoCalibration(model.name(), model.version(), "it has no calibration");
  }
  if (model.uncertainty() == nullptr) return std::nullopt;
  UncertaintyOptions options;
  options.interval_level = asked.value_or(kUsualLevel);
  const absl::StatusOr<Uncertainty::Question> question = model.uncertainty()->Ask(options);
  if (question.ok()) return options.interval_level;
  if (!asked.has_value()) return std::nullopt;
  if (absl::IsFailedPrecondition(question.status())) {
    return NoCalibration(model.name(), model.version(), question.status().message());
  }
  return question.status();
}

absl::Status CheckLowerBound(const ServedModel& model, double level) {
  const absl::Status status = LevelOf(model, level).status();
  absl::string_view rest = status.message();
  if (!absl::IsInvalidArgument(status) || !absl::ConsumePrefix(&rest, "interval_level")) return status;
  return absl::InvalidArgumentError(absl::StrCat("lower_bound_level", rest));
}

absl::StatusOr<int> FeatureByName(const ServedModel& model, absl::string_view field, absl::string_view name) {
  const int index = model.FeatureIndex(name);
  if (index >= 0) return index;
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", model.label(), " has no feature \"", name, "\"",
                                                 DidYouMeanOrList(name, model.schema().features, "it has")));
}

int FreeFeature(const ServedModel& model, const std::string& name) {
  const absl::StatusOr<MoneyModel> money = MoneyModel::Create(model.decision_model(), name);
  return money.ok() ? money->spend_feature() : -1;
}

absl::Status AsTooLarge(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status) || ReasonOf(status) != v1::ERROR_REASON_UNSPECIFIED) return status;
  if (IsMemoryRefusal(status)) return MemoryShort(status);
  const absl::string_view message = status.message();
  return WithReason(status, v1::REQUEST_TOO_LARGE, {{"resource", std::string(message.substr(0, message.find(':')))}});
}

absl::StatusOr<MemoryClaim> ClaimForWork(MemoryBudget* memory, uint64_t bytes) {
  absl::StatusOr<MemoryClaim> claim = memory->Claim(MemoryUse::kRequests, bytes);
  if (!claim.ok()) return MemoryShort(claim.status());
  return claim;
}

v1::Range RangeProto(double low, double high) {
  v1::Range range;
  range.set_low(low);
  range.set_high(high);
  return range;
}

void AddCaveat(google::protobuf::RepeatedPtrField<v1::Caveat>* caveats, absl::string_view code, std::string message) {
  v1::Caveat& caveat = *caveats->Add();
  caveat.set_code(std::string(code));
  caveat.set_message(std::move(message));
}

void AddCauseCaveat(google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  AddCaveat(caveats, "no_lift_test",
            "no experiment confirms this: the model knows what campaigns with more spend returned, not that the spend "
            "was the cause; move money in steps, and measure");
}

void AddCauseCaveat(const ServedModel& model, absl::Span<const int> varied,
                    google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  const std::string spend = DefaultSpendFeature(model.schema(), model.decisions().spend_column);
  if (spend.empty()) return;
  if (std::find(varied.begin(), varied.end(), model.FeatureIndex(spend)) != varied.end()) AddCauseCaveat(caveats);
}

}  // namespace roicast
