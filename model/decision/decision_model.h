// The model behind a decision: its predictions, and what they mean in money.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/moves_with_spend.h"
#include "model/data/spend_feature.h"
#include "model/predictor/predictor.h"
#include "model/uncertainty/uncertainty.h"

namespace roicast {

// What is predicted, as money sees it.
enum class PredictedMoney {
  kRoi,      // revenue = (1 + prediction) · spend
  kRevenue,  // ROI = prediction / spend − 1
  kNone,     // neither: nothing can be said of revenue, profit and ROI
};

// What decisions need to know of an artifact beside its predictor. Small: a copy is kept with each version that serves.
struct DecisionFacts {
  TargetKind kind = TargetKind::kNumber;
  TargetDescription target;
  FittedTarget scale;
  std::vector<FittedFeature> features;
  std::optional<ModelError> model_error;  // nullopt: not known; then promises are not corrected
  MovesWithSpend moves;
};
DecisionFacts DecisionFactsOf(const Artifact& artifact);

// An ROI if the description says so, or if an older release left it empty; a revenue if that is what the target's name
// means (meaning/target_names.h); never of a two-valued target.
PredictedMoney PredictedMoneyOf(const DecisionFacts& facts);

// No ROI is below it; −∞: not known. Of a model that predicts money.
double LowestRoi(const DecisionFacts& facts);

// Does not own: what it refers to outlives it, and belongs to one artifact.
struct DecisionModel {
  const Predictor* predictor = nullptr;
  const Uncertainty* uncertainty = nullptr;  // nullptr: nothing is known of it; then there are no intervals
  const DecisionFacts* facts = nullptr;
};

// The model in money. Immutable; safe to use concurrently.
class MoneyModel {
 public:
  // spend_feature: the numeric feature that holds the spend; empty: `spend`, or else the one whose name means that.
  // Errors: FailedPrecondition (the model predicts neither an ROI nor a revenue, named; no feature holds a spend),
  // InvalidArgument (an unknown feature, with the nearest name; one that is not numeric).
  static absl::StatusOr<MoneyModel> Create(const DecisionModel& model, absl::string_view spend_feature);

  const Schema& schema() const { return model_.predictor->schema(); }
  const DecisionModel& model() const { return model_; }
  // Index in the schema.
  int spend_feature() const { return spend_feature_; }
  const Feature& spend() const { return schema().features[static_cast<size_t>(spend_feature_)]; }

  // row [schema size], raw: gets another spend, and what moves with it. All questions of another spend ask this way.
  void SetSpend(float spend, float* row) const;
  // Indices in the schema of what moves with the spend.
  std::vector<int> MovingFeatures() const;

  // Of n rows; empty spans are not filled in. The ROI of a model of ROI is Predict's, to the bit; that of a model of
  // revenue is Predict's / spend − 1. NaN: a row that Predict refuses. A spend of 0 is a campaign that does not run.
  struct Answers {
    absl::Span<double> roi, low, high;  // low, high: between which the ROI is at the question's level
    absl::Span<uint8_t> flags;          // as of Predict
  };
  // question: of model().uncertainty; nullptr if neither low nor high is wanted. Errors: stop's.
  absl::Status Evaluate(absl::Span<const float> rows, const Uncertainty::Question* question, const Answers& answers,
                        const StopCheck& stop) const;

 private:
  MoneyModel(const DecisionModel& model, int spend_feature, bool is_roi)
      : model_(model), spend_feature_(spend_feature), is_roi_(is_roi) {}

  DecisionModel model_;
  int spend_feature_;
  bool is_roi_;
};

// row [schema size], raw: gets another value of a feature. Of the spend whose moves training measured: and what moves
// with it.
void SetFeature(const DecisionModel& model, int feature, float value, float* row);

// Predict for any number of rows, in blocks between which `stop` is asked: the prediction, and with a question its
// interval. Empty spans are not filled in. flags [n] is needed with a question.
struct RowAnswers {
  absl::Span<float> prediction, low, high;
  absl::Span<uint8_t> flags;
};
absl::Status AnswerRows(const DecisionModel& model, absl::Span<const float> rows, const Uncertainty::Question* question,
                        const RowAnswers& answers, const StopCheck& stop);

// The question for intervals of a level; nullopt and why not, if the model has none.
// Errors: InvalidArgument (a level that is outside (0, 1), or too high for the model's calibration).
struct IntervalQuestion {
  std::optional<Uncertainty::Question> question;
  std::string missing_because;
};
absl::StatusOr<IntervalQuestion> AskForIntervals(const DecisionModel& model, double level);

}  // namespace roicast
