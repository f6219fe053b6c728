#include "model/decision/decision_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "model/data/target_description.h"

namespace roicast {
namespace {

// About a millisecond of work.
constexpr int64_t kBlockRows = 4096;

}  // namespace

DecisionFacts DecisionFactsOf(const Artifact& artifact) {
  return {artifact.target.kind, artifact.report.target, artifact.target,
          artifact.features,    artifact.model_error,   artifact.moves_with_spend};
}

PredictedMoney PredictedMoneyOf(const DecisionFacts& facts) {
  if (facts.kind == TargetKind::kTwoValued) return PredictedMoney::kNone;
  if (facts.target.is_roi || facts.target.name.empty()) return PredictedMoney::kRoi;
  return IsRevenue(facts.target) ? PredictedMoney::kRevenue : PredictedMoney::kNone;
}

double LowestRoi(const DecisionFacts& facts) {
  if (PredictedMoneyOf(facts) == PredictedMoney::kRoi) return facts.scale.roi_floor;
  return facts.scale.roi_floor >= 0.0 ? -1.0 : -std::numeric_limits<double>::infinity();
}

absl::StatusOr<MoneyModel> MoneyModel::Create(const DecisionModel& model, absl::string_view spend_feature) {
  const PredictedMoney money = PredictedMoneyOf(*model.facts);
  if (money == PredictedMoney::kNone) {
    const bool classes = model.facts->kind == TargetKind::kTwoValued;
    return absl::FailedPreconditionError(absl::StrCat(
        "expected a model that predicts an ROI or a revenue, but this one predicts ",
        classes ? "the probability of one of two values of " : "", "\"", model.facts->target.name,
        "\", of which nothing follows about revenue, profit and ROI; its response curves can be had without money"));
  }
  ROICAST_ASSIGN_OR_RETURN(const int spend, FindSpendFeature(model.predictor->schema(), spend_feature));
  return MoneyModel(model, spend, money == PredictedMoney::kRoi);
}

absl::StatusOr<IntervalQuestion> AskForIntervals(const DecisionModel& model, double level) {
  IntervalQuestion asked;
  if (model.uncertainty == nullptr) {
    asked.missing_because = "it has no calibration, so nothing can be said about how sure its predictions are";
    return asked;
  }
  UncertaintyOptions options;
  options.interval_level = level;
  absl::StatusOr<Uncertainty::Question> question = model.uncertainty->Ask(options);
  if (question.ok()) {
    asked.question = *std::move(question);
  } else if (absl::IsFailedPrecondition(question.status())) {
    asked.missing_because = std::string(question.status().message());
  } else {
    return question.status();
  }
  return asked;
}

void SetFeature(const DecisionModel& model, int feature, float value, float* row) {
  const MovesWithSpend& moves = model.facts->moves;
  if (moves.empty() || moves.spend != feature) {
    row[feature] = value;
    return;
  }
  moves.SetSpend(model.predictor->schema(), value, row);
}

void MoneyModel::SetSpend(float spend, float* row) const { SetFeature(model_, spend_feature_, spend, row); }

std::vector<int> MoneyModel::MovingFeatures() const {
  const MovesWithSpend& moves = model_.facts->moves;
  std::vector<int> moving;
  if (moves.spend != spend_feature_) return moving;
  for (const SpendCompanion& feature : moves.features) moving.push_back(feature.feature);
  return moving;
}

absl::Status AnswerRows(const DecisionModel& model, absl::Span<const float> rows, const Uncertainty::Question* question,
                        const RowAnswers& answers, const StopCheck& stop) {
  const int64_t features = model.predictor->schema().size();
  const int64_t n = static_cast<int64_t>(rows.size()) / features;
  ROICAST_CHECK(question == nullptr || (model.uncertainty != nullptr && !answers.flags.empty()));
  const bool share = question != nullptr && model.uncertainty->NeedsShare();
  const auto most = static_cast<size_t>(std::min(n, kBlockRows));
  std::vector<float> prediction(answers.prediction.empty() ? most : 0), location, log_scale, shares;
  if (question != nullptr) location.resize(most), log_scale.resize(most), shares.resize(share ? most : 0);
  for (int64_t base = 0; base < n; base += kBlockRows) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const auto at = static_cast<size_t>(base), count = static_cast<size_t>(std::min(kBlockRows, n - base));
    const auto part = [&](absl::Span<float> all) { return all.empty() ? all : all.subspan(at, count); };
    const absl::Span<float> predicted =
        answers.prediction.empty() ? absl::MakeSpan(prediction).first(count) : part(answers.prediction);
    const absl::Span<uint8_t> flags = answers.flags.empty() ? answers.flags : answers.flags.subspan(at, count);
    const float* block = rows.data() + base * features;
    if (question == nullptr) {
      model.predictor->Predict(block, static_cast<int64_t>(count), predicted, flags);
      continue;
    }
    const auto first = [&](std::vector<float>& all) { return absl::MakeSpan(all).first(all.empty() ? 0 : count); };
    const Predictor::Spread spread = {first(location), first(log_scale), first(shares)};
    model.predictor->PredictWithSpread(block, static_cast<int64_t>(count), predicted, flags, spread);
    RawRows raw;
    raw.rows = block;
    model.uncertainty->Answer(*question, *model.predictor,
                              {raw, predicted, flags, spread, part(answers.low), part(answers.high), {}});
  }
  return absl::OkStatus();
}

absl::Status MoneyModel::Evaluate(absl::Span<const float> rows, const Uncertainty::Question* question,
                                  const Answers& answers, const StopCheck& stop) const {
  const auto features = static_cast<size_t>(schema().size());
  const size_t n = rows.size() / features;
  std::vector<float> prediction(n), low(answers.low.empty() ? 0 : n), high(answers.high.empty() ? 0 : n);
  // Answers come in pairs, and with the flags of their rows.
  const bool intervals = question != nullptr && !(low.empty() && high.empty());
  if (intervals) low.resize(n), high.resize(n);
  std::vector<uint8_t> flags(intervals && answers.flags.empty() ? n : 0);
  ROICAST_RETURN_IF_ERROR(AnswerRows(model_, rows, intervals ? question : nullptr,
                                     {absl::MakeSpan(prediction), absl::MakeSpan(low), absl::MakeSpan(high),
                                      answers.flags.empty() ? absl::MakeSpan(flags) : answers.flags},
                                     stop));
  const auto convert = [&](const std::vector<float>& from, absl::Span<double> to) {
    if (from.empty()) return;
    for (size_t i = 0; i < to.size(); ++i) {
      to[i] = is_roi_ ? from[i] : from[i] / rows[i * features + static_cast<size_t>(spend_feature_)] - 1.0;
    }
  };
  convert(prediction, answers.roi);
  convert(low, answers.low);
  convert(high, answers.high);
  return absl::OkStatus();
}

}  // namespace roicast
