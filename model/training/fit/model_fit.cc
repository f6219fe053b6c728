#include "model/training/fit/model_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "model/data/target_description.h"
#include "model/evaluation/classification.h"
#include "model/features/mean_fit.h"
#include "model/training/attention/attention_fit.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/capacity/log_odds_scale.h"
#include "model/training/capacity/logistic_path.h"
#include "model/training/fit/diminishing_returns.h"
#include "model/training/fit/encoded_fit.h"
#include "model/training/fit/learn_target.h"
#include "model/training/fit/linear_choices.h"
#include "model/training/fit/predicted_sums.h"
#include "model/training/fit/two_part_choice.h"
#include "model/training/measured_model.h"
#include "model/training/search/model_search.h"

namespace roicast {
namespace {

// Another encoding is taken if it takes away this share of the squared error out of fold.
constexpr double kWorthwhileEncoding = 0.005;

DataWarning TrendRemark(const Preprocessor& preprocessor, const TimeEvidence& evidence) {
  DataWarning remark;
  for (int f = 0; f < preprocessor.schema().size(); ++f) {
    if (preprocessor.features()[f].trend) remark.column = preprocessor.schema().features[f].name;
  }
  remark.message = absl::StrFormat(
      "the target drifts with time: on days later than those it learnt from, a linear model with a trend has %.1f %% "
      "less squared error than one without. Predictions follow the trend up to the last time that was learnt from; "
      "later "
      "rows are predicted as if they were of that time, so train again as new rows come in",
      100.0 * evidence.gain);
  return remark;
}

// From which probability on rows count as predicted positive: the best F1 on rows that the network was not trained on,
// if there are any.
absl::StatusOr<double> ChooseClassThreshold(const ModelFit& fit, const Mlp& mlp, const StopCheck& stop) {
  std::vector<double> truth, probabilities;
  const std::vector<double>& out_of_fold = fit.network.out_of_fold;
  const RowPart& part = !out_of_fold.empty() || fit.validation.roi.empty() ? fit.train : fit.validation;
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (size_t i = 0; i < part.roi.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    truth.push_back(part.roi[i]);
    const double z =
        !out_of_fold.empty() ? out_of_fold[i] : mlp.Evaluate(part.encoded.row(static_cast<Eigen::Index>(i)).data());
    probabilities.push_back(Probability(z));
  }
  return BestF1Threshold(truth, probabilities, stop);
}

}  // namespace

absl::Status LearnSmearing(const ModelFit& fit, const StopCheck& stop, Artifact& artifact) {
  FittedTarget& target = artifact.target;
  const std::vector<double>& out_of_fold = fit.network.out_of_fold;
  const RowPart& part = !out_of_fold.empty() || fit.validation.roi.empty() ? fit.train : fit.validation;
  std::vector<double> predicted, residuals;
  if (!out_of_fold.empty()) {
    for (size_t i = 0; i < out_of_fold.size(); ++i) {
      predicted.push_back(target.ToTransformed(out_of_fold[i]));
      residuals.push_back(target.factor * (part.standardised[i] - out_of_fold[i]));
    }
  } else {
    ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(artifact, stop));
    predicted = model.PredictTransformed(part.raw);
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    for (size_t i = 0; i < predicted.size(); ++i) residuals.push_back(target.Transform(part.roi[i]) - predicted[i]);
  }
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, part.EqualRows(stop));
  return FitMean({predicted, residuals, groups}, MeanChoice::kTested, stop, target);
}

std::vector<double> ServedOutOfFold(const ModelFit& fit) {
  if (fit.two_part.has_value()) return fit.two_part->out_of_fold;
  std::vector<double> served;
  for (const double z : fit.network.out_of_fold) served.push_back(fit.artifact.target.ToRoi(z));
  return served;
}

namespace {

// One run of FitModel.
class Fitting {
 public:
  explicit Fitting(const FitTask& task)
      : task_(task),
        chooses_(task.spec.preset == Preset::kAttention ||
                 (task.spec.ChoosesCapacity() && task.inputs.warm_start == nullptr)),
        two_valued_(task.data.target.kind == TargetKind::kTwoValued),
        transform_(task.spec.target_transform),
        encoding_(task.earlier == nullptr ? task.spec.preprocessing : task.earlier->preprocessing) {}

  absl::StatusOr<ModelFit> Run() {
    if (chooses_ && task_.earlier == nullptr) {
      ROICAST_ASSIGN_OR_RETURN(const TimeInputs times, ChooseTimeInputs(task_, encoding_));
      encoding_ = times.encoding;
      trend_ = times.trend;
    }
    if (chooses_ && task_.spec.preset == Preset::kAuto) return SearchAndFit();
    if (ChoosesScale() && task_.earlier == nullptr) {
      ROICAST_ASSIGN_OR_RETURN(transform_, ChooseScale(task_, encoding_));
    }
    ROICAST_ASSIGN_OR_RETURN(ModelFit fit, ChooseEncoding());
    if (task_.earlier != nullptr && task_.earlier->two_part.has_value()) {
      const TwoPartFit& known = *task_.earlier->two_part;
      ROICAST_ASSIGN_OR_RETURN(TwoPartFit two_part, FitTwoParts(known.target.rest, fit.train, fit.preprocessor,
                                                                task_.spec, &known, task_.journal));
      TakeTwoParts(std::move(two_part), fit);
      return fit;
    }
    ROICAST_RETURN_IF_ERROR(FitNetwork(fit));
    ROICAST_ASSIGN_OR_RETURN(fit, Complete(std::move(fit)));
    ROICAST_RETURN_IF_ERROR(ConsiderPlainScale(fit));
    return fit;
  }

 private:
  absl::StatusOr<ModelFit> Complete(ModelFit fit) {
    fit.artifact.mlp = std::move(fit.network.mlp);
    fit.artifact.attention = std::move(fit.network.attention);
    if (task_.earlier != nullptr) return fit;
    if (two_valued_) {
      double& threshold = fit.artifact.report.train.model.two_valued.emplace().threshold;
      if (task_.spec.extra.class_threshold.has_value()) {
        threshold = *task_.spec.extra.class_threshold;
      } else {
        ROICAST_ASSIGN_OR_RETURN(threshold, ChooseClassThreshold(fit, fit.artifact.mlp, task_.stop()));
      }
      return fit;
    }
    ROICAST_RETURN_IF_ERROR(LearnSmearing(fit, task_.stop(), fit.artifact));
    const SumCheck adds_up = [&](const std::vector<double>& predicted) { return PredictionsAddUp(fit, predicted); };
    ROICAST_RETURN_IF_ERROR(ConsiderTwoParts(task_.spec, task_.inputs, task_.journal, adds_up, fit));
    return fit;
  }

  absl::StatusOr<bool> PredictionsAddUp(const ModelFit& fit, const std::vector<double>& predicted) const {
    ROICAST_ASSIGN_OR_RETURN(const UnseenRows rows, MakeUnseenRows(task_.data, fit.train, predicted, task_.stop()));
    return !JudgeSums(rows, fit.artifact.target, DescribeTarget(task_.data.target).is_roi).has_value();
  }

  static double SquaredErrorOutOfFold(const ModelFit& fit) {
    const std::vector<double> served = ServedOutOfFold(fit);
    double errors = 0.0;
    for (size_t i = 0; i < served.size(); ++i) errors += std::pow(served[i] - fit.train.roi[i], 2);
    return errors;
  }

  // Where predictions by asinh are off in sum, whatever was made of the mean: whether a network that learns the target
  // as it is has less squared error. It takes as long as the first one, and is seldom needed.
  absl::Status ConsiderPlainScale(ModelFit& fit) {
    if (!ChoosesScale() || task_.earlier != nullptr || fit.two_part.has_value() || fit.network.out_of_fold.empty() ||
        fit.artifact.target.transform != TargetTransform::kAsinh || task_.journal.out_of_time()) {
      return absl::OkStatus();
    }
    ROICAST_ASSIGN_OR_RETURN(const bool adds_up, PredictionsAddUp(fit, ServedOutOfFold(fit)));
    if (adds_up) return absl::OkStatus();
    // A fit to all rows follows, if rows were held out.
    ROICAST_ASSIGN_OR_RETURN(const bool has_time, task_.journal.HasTimeFor(task_.data.refit_rows.empty() ? 1 : 2));
    if (!has_time) {
      DataWarning remark;
      remark.message =
          "predictions of the target's asinh do not add up, and the time limit leaves none to learn it as it is";
      remark.flags.push_back("--target-transform none");
      fit.network.warnings.push_back(std::move(remark));
      return absl::OkStatus();
    }
    const double before = SquaredErrorOutOfFold(fit);
    // Memory for one fit's rows is claimed.
    for (RowPart* part : {&fit.train, &fit.validation}) part->encoded.resize(0, 0);
    ROICAST_ASSIGN_OR_RETURN(std::optional<ModelFit> plain, FitPlainScale(before));
    if (plain.has_value()) {
      fit = *std::move(plain);
      return absl::OkStatus();
    }
    task_.journal.observer().OnTargetScale(TargetScaleOf(fit.artifact.target));
    for (RowPart* part : {&fit.train, &fit.validation}) {
      ROICAST_ASSIGN_OR_RETURN(part->encoded, EncodeRows(fit.preprocessor, part->raw, task_.stop()));
    }
    return absl::OkStatus();
  }

  // Nothing if it is not better than that error, or if the time was up.
  absl::StatusOr<std::optional<ModelFit>> FitPlainScale(double squared_error_before) {
    task_.journal.SetStep("the target as it is");
    transform_ = TargetTransform::kNone;
    ROICAST_ASSIGN_OR_RETURN(ModelFit plain, ChooseEncoding());
    const absl::Status fitted = FitNetwork(plain);
    // The other one has not diverged.
    if (absl::IsFailedPrecondition(fitted)) return std::nullopt;
    ROICAST_RETURN_IF_ERROR(fitted);
    if (task_.journal.out_of_time() || plain.network.out_of_fold.empty()) return std::nullopt;
    const double after = SquaredErrorOutOfFold(plain);
    if (!(after < squared_error_before)) return std::nullopt;
    // A two-part model was compared with the other network.
    ROICAST_ASSIGN_OR_RETURN(plain, Complete(std::move(plain)));
    if (plain.two_part.has_value()) return plain;
    DataWarning remark;
    remark.message = absl::StrFormat(
        "the target is learnt as it is, not as its asinh, by which predictions do not add up: on rows that were not "
        "learnt from, its squared error is %.1f %% less",
        100.0 * (1.0 - after / squared_error_before));
    remark.flags.push_back("--target-transform asinh");
    plain.network.warnings.push_back(std::move(remark));
    return plain;
  }

  absl::StatusOr<ModelFit> SearchAndFit() {
    const RowEncoder encode = [this](const RowEncoding& encoding) -> absl::StatusOr<EncodedRows> {
      ROICAST_ASSIGN_OR_RETURN(ModelFit fit, Encode(encoding.ramps, encoding.target));
      return EncodedRows{std::move(fit.preprocessor), fit.artifact.target, std::move(fit.train)};
    };
    SearchPlan plan;
    if (task_.earlier != nullptr) {
      plan = *task_.earlier->search;
    } else {
      ROICAST_ASSIGN_OR_RETURN(plan, SearchModels(encode, task_.spec, task_.journal));
    }
    ROICAST_ASSIGN_OR_RETURN(PlanFit planned,
                             FitPlan(encode, task_.spec, plan, task_.earlier != nullptr, task_.journal));
    ROICAST_ASSIGN_OR_RETURN(ModelFit fit, Encode(0, plan.target));
    ROICAST_ASSIGN_OR_RETURN(fit.train.encoded, EncodeRows(planned.preprocessor, fit.train.raw, task_.stop()));
    ROICAST_ASSIGN_OR_RETURN(fit.validation.encoded,
                             EncodeRows(planned.preprocessor, fit.validation.raw, task_.stop()));
    fit.preprocessor = std::move(planned.preprocessor);
    fit.artifact.features = fit.preprocessor.features();
    fit.network = std::move(planned.network);
    if (task_.earlier == nullptr && !plan.remark.empty()) {
      DataWarning remark;
      remark.message = plan.remark;
      fit.network.warnings.push_back(std::move(remark));
    }
    fit.search = std::move(plan);
    if (two_valued_) ScaleProbabilities(fit.train, fit.network);
    ROICAST_RETURN_IF_ERROR(SayWhatHolds(fit));
    ForgetRowsOfEarlier(fit.network);
    return Complete(std::move(fit));
  }

  // Numbers of ramps to choose from.
  absl::StatusOr<std::vector<int>> Encodings() const {
    if (!chooses_ || task_.earlier != nullptr || encoding_.ramps != 0) return std::vector<int>{encoding_.ramps};
    ROICAST_ASSIGN_OR_RETURN(const int ramps, MostRamps(task_, encoding_));
    if (ramps == 0) return std::vector<int>{0};
    return RatherRamps() ? std::vector<int>{ramps, 0} : std::vector<int>{0, ramps};
  }

  // What takes longer anyway, and is slower to predict.
  bool RatherRamps() const { return task_.spec.preset == Preset::kAccurate || task_.spec.preset == Preset::kAttention; }

  bool ChoosesScale() const {
    return chooses_ && !two_valued_ && task_.spec.target_transform == TargetTransform::kAuto;
  }

  absl::StatusOr<ModelFit> Encode(int ramps, TargetTransform transform) const {
    PreprocessingOptions encoding = encoding_;
    encoding.ramps = ramps;
    return EncodeFit(task_, encoding, transform);
  }

  // The rows as they are encoded, and how large the network may be. Encodings are compared by few, short trainings
  // each, the sizes of the network only with the better one.
  absl::StatusOr<ModelFit> ChooseEncoding() {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<int> encodings, Encodings());
    ROICAST_ASSIGN_OR_RETURN(ModelFit fit, Encode(encodings.front(), transform_));
    if (chooses_ && task_.earlier != nullptr) fit.network.selection = task_.earlier->network.selection;
    if (!chooses_ || task_.earlier != nullptr) return fit;
    if (encodings.size() > 1) ROICAST_RETURN_IF_ERROR(Compare(CapacitySearch::kQuick, fit));
    for (size_t i = 1; i < encodings.size(); ++i) {
      ROICAST_ASSIGN_OR_RETURN(ModelFit other, Encode(encodings[i], transform_));
      ROICAST_RETURN_IF_ERROR(Compare(CapacitySearch::kQuick, other));
      TakeIfBetter(std::move(other), fit);
    }
    if (task_.spec.preset == Preset::kAttention && encodings.size() > 1) return fit;
    ROICAST_RETURN_IF_ERROR(Compare(CapacitySearch::kFull, fit));
    // What is better after a short training need not be so after a long one.
    if (fit.network.selection->chosen.steps < kLongSchedule) return fit;
    const Capacity chosen = fit.network.selection->chosen;
    for (const int ramps : encodings) {
      if (ramps == fit.preprocessing.ramps) continue;
      ROICAST_ASSIGN_OR_RETURN(ModelFit other, Encode(ramps, transform_));
      ROICAST_ASSIGN_OR_RETURN(other.network.selection, TryCapacityOf(other.train, task_.spec, chosen, task_.journal));
      TakeIfBetter(std::move(other), fit);
    }
    return fit;
  }

  void TakeIfBetter(ModelFit other, ModelFit& fit) const {
    if (other.network.selection->out_of_time) return;
    const double least = RatherRamps() ? 0.0 : kWorthwhileEncoding;
    const double left = 1.0 - fit.network.selection->r2;
    if (1.0 - other.network.selection->r2 < (1.0 - least) * left) fit = std::move(other);
  }

  // Attention knows one search.
  absl::Status Compare(CapacitySearch search, ModelFit& fit) {
    ROICAST_ASSIGN_OR_RETURN(fit.network.selection,
                             task_.spec.preset == Preset::kAttention
                                 ? ChooseAttention(fit.train, fit.preprocessor, task_.spec, task_.journal)
                                 : ChooseCapacity(fit.train, task_.spec, task_.journal, search));
    return absl::OkStatus();
  }

  absl::Status FitNetwork(ModelFit& fit) {
    NetworkFit& network = fit.network;
    if (!network.selection.has_value()) {
      const Mlp* start = task_.inputs.warm_start == nullptr ? nullptr : &task_.inputs.warm_start->mlp;
      ROICAST_ASSIGN_OR_RETURN(
          network, FitFixedNetwork(fit.train, fit.validation, fit.preprocessor, task_.spec, start, task_.journal));
      return absl::OkStatus();
    }
    const bool attention = task_.spec.preset == Preset::kAttention;
    const auto fit_network = attention                                ? FitAttention
                             : task_.spec.preset == Preset::kAccurate ? FitEnsemble
                                                                      : FitChosenNetwork;
    CapacitySelection chosen = std::move(*network.selection);
    ROICAST_ASSIGN_OR_RETURN(network, fit_network(fit.train, fit.preprocessor, task_.spec, chosen, task_.journal));
    chosen.ensemble_share = network.ensemble_share;
    network.selection = std::move(chosen);
    if (two_valued_ && !network.attention.has_value()) ScaleProbabilities(fit.train, network);
    if (attention && task_.earlier == nullptr) WarnOfAttention(fit.train, network);
    ROICAST_RETURN_IF_ERROR(SayWhatHolds(fit));
    ForgetRowsOfEarlier(network);
    return absl::OkStatus();
  }

  // What was chosen with the earlier fit predicted the rows of that one.
  void ForgetRowsOfEarlier(NetworkFit& network) const {
    if (task_.earlier != nullptr) network.out_of_fold.clear();
  }

  absl::Status SayWhatHolds(ModelFit& fit) const {
    if (task_.earlier != nullptr) return absl::OkStatus();
    NetworkFit& network = fit.network;
    if (trend_.holds) network.warnings.push_back(TrendRemark(fit.preprocessor, trend_));
    ROICAST_ASSIGN_OR_RETURN(std::optional<DataWarning> nothing_holds,
                             JudgeOutOfFold(task_.spec.training.loss, fit.train, network.out_of_fold, task_.stop()));
    if (nothing_holds.has_value()) network.warnings.push_back(*std::move(nothing_holds));
    return absl::OkStatus();
  }

  // Makes predictions as sure as the rows out of fold show that they are.
  void ScaleProbabilities(const RowPart& train, NetworkFit& network) const {
    network.log_odds_scale = task_.earlier != nullptr
                                 ? task_.earlier->network.log_odds_scale
                                 : FitLogOddsScale(train.standardised, network.out_of_fold, train.weights);
    for (double& z : network.out_of_fold) z = network.log_odds_scale.Apply(z);
    ScaleLogOdds(network.log_odds_scale, network.mlp);
  }

  const FitTask task_;
  const bool chooses_;
  const bool two_valued_;
  TargetTransform transform_;      // as the spec says, or as ChooseScale does
  PreprocessingOptions encoding_;  // without a choice of ramps
  TimeEvidence trend_;
};

}  // namespace

absl::StatusOr<ModelFit> FitModel(const PreparedData& data, const FitRows& rows, const TrainingSpec& spec,
                                  const TrainModelInputs& inputs, const ModelFit* earlier, FitJournal& journal) {
  TrainingSpec used = spec;
  if (data.target.kind == TargetKind::kTwoValued) used.training.loss = Loss::kLogistic;
  if (spec.extra.diminishing_returns) {
    ROICAST_ASSIGN_OR_RETURN(used, WithDiminishingReturns(data, used));
  }
  return Fitting({data, rows, used, inputs, earlier, journal}).Run();
}

}  // namespace roicast
