#include "model/training/model_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "model/data/target_description.h"
#include "model/evaluation/classification.h"
#include "model/training/attention/attention_fit.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/capacity/log_odds_scale.h"
#include "model/training/capacity/logistic_path.h"
#include "model/training/capacity/roi_scale.h"
#include "model/training/capacity/trend.h"
#include "model/training/diminishing_returns.h"
#include "model/training/learn_target.h"
#include "model/training/measured_model.h"
#include "model/training/predicted_sums.h"
#include "model/training/search/model_search.h"
#include "model/training/two_part_choice.h"

namespace roicast {
namespace {

// Of PRESET_ACCURATE: docs/adr/0079-accurate.md has the comparison.
constexpr int kRamps = 8;
// Another encoding is taken if it takes away this share of the squared error out of fold.
constexpr double kWorthwhileEncoding = 0.005;

// all_rows: of all parts; trained_on: of those that the network learns from or is validated on.
absl::Status ClaimAtLeast(double bytes, MemoryClaim* claim) {
  const auto wanted = static_cast<uint64_t>(bytes);
  return claim == nullptr || claim->bytes() >= wanted ? absl::OkStatus() : claim->SetTo(wanted);
}

absl::Status CheckEncodedBytes(const TrainingSpec& spec, size_t all_rows, size_t trained_on,
                               const Preprocessor& preprocessor, const TrainModelInputs& inputs) {
  const int64_t limit = inputs.max_encoded_bytes;
  // The trainer has a copy of its own; a comparison has two copies of two thirds, a search one of four fifths, and one
  // for each thread.
  double each = spec.ChoosesCapacity() ? 4.0 / 3.0 : 1.0;
  if (spec.ChoosesCapacity() && spec.preset == Preset::kAuto) each = (1.0 + inputs.threads) * 4.0 / 5.0;
  const double copies = static_cast<double>(trained_on) * each;
  const double bytes = (static_cast<double>(all_rows) + copies) * preprocessor.encoded_size() * sizeof(float);
  // Of all parts as raw rows, and once more to be measured.
  const double raw = 2.0 * static_cast<double>(all_rows) * preprocessor.schema().size() * sizeof(float);
  if (bytes <= static_cast<double>(limit)) {
    return WithContext(ClaimAtLeast(bytes + raw, inputs.rows_memory), "the rows as the network sees them");
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "the rows as the network sees them: expected at most ", limit, " bytes, got ", bytes, " (", all_rows,
      " rows with ", preprocessor.encoded_size(), " inputs); lower preprocessing.max_vocabulary or exclude columns"));
}

std::vector<NumericTransform> TransformsOf(const TrainingSpec& spec, const Schema& schema) {
  std::vector<NumericTransform> transforms(schema.features.size(), NumericTransform::kAuto);
  for (const ColumnOverride& column : spec.columns) {
    const int feature = schema.IndexOf(column.name);
    if (feature >= 0) transforms[feature] = column.transform;
  }
  return transforms;
}

DataWarning TrendRemark(const Preprocessor& preprocessor, const TimeEvidence& evidence) {
  DataWarning remark;
  for (int f = 0; f < preprocessor.schema().size(); ++f) {
    if (preprocessor.features()[f].trend) remark.column = preprocessor.schema().features[f].name;
  }
  remark.message = absl::StrFormat(
      "the target drifts with time: on days that were not learnt from, a linear model with a trend has %.1f %% less "
      "squared error than one without. Predictions follow the trend up to the last time that was learnt from; later "
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
  std::vector<double> predicted, residuals;
  if (!fit.network.out_of_fold.empty()) {
    const std::vector<double>& out_of_fold = fit.network.out_of_fold;
    for (size_t i = 0; i < out_of_fold.size(); ++i) {
      predicted.push_back(target.ToTransformed(out_of_fold[i]));
      residuals.push_back(target.factor * (fit.train.standardised[i] - out_of_fold[i]));
    }
  } else {
    ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(artifact, stop));
    const RowPart& part = fit.validation.roi.empty() ? fit.train : fit.validation;
    predicted = model.PredictTransformed(part.raw);
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    for (size_t i = 0; i < predicted.size(); ++i) residuals.push_back(target.Transform(part.roi[i]) - predicted[i]);
  }
  FitMean(predicted, residuals, target);
  return absl::OkStatus();
}

absl::StatusOr<Preprocessor> LearnPreprocessor(const PreparedData& data, absl::Span<const int64_t> train,
                                               const TrainingSpec& spec, const Artifact* warm_start,
                                               const ModelFit* earlier, const StopCheck& stop) {
  if (warm_start != nullptr) return Preprocessor::Create(warm_start->schema, warm_start->features);
  std::vector<NumericTransform> transforms = TransformsOf(spec, data.schema);
  for (size_t i = 0; earlier != nullptr && i < transforms.size(); ++i) {
    transforms[i] = earlier->preprocessor.features()[i].transform;
  }
  ROICAST_ASSIGN_OR_RETURN(const Table rows, data.features.Select(train, stop));
  return FitPreprocessor(rows, data.schema, data.limits, transforms, spec.preprocessing, stop);
}

namespace {

// One run of FitModel.
class Fitting {
 public:
  Fitting(const PreparedData& data, const FitRows& rows, const TrainingSpec& spec, const TrainModelInputs& inputs,
          const ModelFit* earlier, FitJournal& journal)
      : data_(data),
        rows_(rows),
        spec_(spec),
        inputs_(inputs),
        earlier_(earlier),
        journal_(journal),
        chooses_(spec.preset == Preset::kAttention || (spec.ChoosesCapacity() && inputs.warm_start == nullptr)),
        two_valued_(data.target.kind == TargetKind::kTwoValued),
        transform_(spec.target_transform),
        encoding_(earlier == nullptr ? spec.preprocessing : earlier->preprocessing) {}

  absl::StatusOr<ModelFit> Run() {
    ROICAST_RETURN_IF_ERROR(ChooseTimeInputs());
    if (chooses_ && spec_.preset == Preset::kAuto) return SearchAndFit();
    ROICAST_RETURN_IF_ERROR(ChooseScale());
    ROICAST_ASSIGN_OR_RETURN(ModelFit fit, ChooseEncoding());
    if (earlier_ != nullptr && earlier_->two_part.has_value()) {
      const TwoPartFit& known = *earlier_->two_part;
      ROICAST_ASSIGN_OR_RETURN(TwoPartFit two_part,
                               FitTwoParts(known.target.rest, fit.train, fit.preprocessor, spec_, &known, journal_));
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
    if (earlier_ != nullptr) return fit;
    if (two_valued_) {
      double& threshold = fit.artifact.report.train.model.two_valued.emplace().threshold;
      if (spec_.extra.class_threshold.has_value()) {
        threshold = *spec_.extra.class_threshold;
      } else {
        ROICAST_ASSIGN_OR_RETURN(threshold, ChooseClassThreshold(fit, fit.artifact.mlp, journal_.stop()));
      }
      return fit;
    }
    ROICAST_RETURN_IF_ERROR(LearnSmearing(fit, journal_.stop(), fit.artifact));
    const AddsUp adds_up = [&](const std::vector<double>& predicted) { return PredictionsAddUp(fit, predicted); };
    ROICAST_RETURN_IF_ERROR(ConsiderTwoParts(spec_, inputs_, journal_, adds_up, fit));
    return fit;
  }

  absl::StatusOr<bool> PredictionsAddUp(const ModelFit& fit, const std::vector<double>& predicted) const {
    ROICAST_ASSIGN_OR_RETURN(const UnseenRows rows, MakeUnseenRows(data_, fit.train, predicted, journal_.stop()));
    return !JudgeSums(rows, fit.artifact.target, DescribeTarget(data_.target).is_roi).has_value();
  }

  static std::vector<double> ServedOutOfFold(const ModelFit& fit) {
    std::vector<double> served;
    for (const double z : fit.network.out_of_fold) served.push_back(fit.artifact.target.ToRoi(z));
    return served;
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
    if (!ChoosesScale() || earlier_ != nullptr || fit.two_part.has_value() || fit.network.out_of_fold.empty() ||
        fit.artifact.target.transform != TargetTransform::kAsinh || journal_.out_of_time()) {
      return absl::OkStatus();
    }
    ROICAST_ASSIGN_OR_RETURN(const bool adds_up, PredictionsAddUp(fit, ServedOutOfFold(fit)));
    if (adds_up) return absl::OkStatus();
    journal_.SetStep("the target as it is");
    transform_ = TargetTransform::kNone;
    ROICAST_ASSIGN_OR_RETURN(ModelFit plain, ChooseEncoding());
    ROICAST_RETURN_IF_ERROR(FitNetwork(plain));
    if (journal_.out_of_time() || plain.network.out_of_fold.empty()) return absl::OkStatus();
    plain.artifact.mlp = std::move(plain.network.mlp);
    plain.artifact.attention = std::move(plain.network.attention);
    const double before = SquaredErrorOutOfFold(fit), after = SquaredErrorOutOfFold(plain);
    if (!(after < before)) return absl::OkStatus();
    DataWarning remark;
    remark.message = absl::StrFormat(
        "the target is learnt as it is, not as its asinh, by which predictions do not add up: on rows that were not "
        "learnt from, its squared error is %.1f %% less",
        100.0 * (1.0 - after / before));
    remark.flags.push_back("--target-transform asinh");
    plain.network.warnings.push_back(std::move(remark));
    fit = std::move(plain);
    return absl::OkStatus();
  }

  absl::StatusOr<ModelFit> SearchAndFit() {
    const RowEncoder encode = [this](const RowEncoding& encoding) -> absl::StatusOr<EncodedRows> {
      ROICAST_ASSIGN_OR_RETURN(ModelFit fit, EncodeOnly(encoding.ramps, encoding.target));
      return EncodedRows{std::move(fit.preprocessor), fit.artifact.target, std::move(fit.train)};
    };
    SearchPlan plan;
    if (earlier_ != nullptr) {
      plan = *earlier_->search;
    } else {
      ROICAST_ASSIGN_OR_RETURN(plan, SearchModels(encode, spec_, journal_));
    }
    ROICAST_ASSIGN_OR_RETURN(PlanFit planned, FitPlan(encode, spec_, plan, earlier_ != nullptr, journal_));
    ROICAST_ASSIGN_OR_RETURN(ModelFit fit, EncodeOnly(0, plan.target));
    ROICAST_ASSIGN_OR_RETURN(fit.train.encoded, EncodeRows(planned.preprocessor, fit.train.raw, journal_.stop()));
    ROICAST_ASSIGN_OR_RETURN(fit.validation.encoded,
                             EncodeRows(planned.preprocessor, fit.validation.raw, journal_.stop()));
    fit.preprocessor = std::move(planned.preprocessor);
    fit.artifact.features = fit.preprocessor.features();
    fit.network = std::move(planned.network);
    if (earlier_ == nullptr && !plan.remark.empty()) {
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
    if (!chooses_ || earlier_ != nullptr || encoding_.ramps != 0) return std::vector<int>{encoding_.ramps};
    ROICAST_ASSIGN_OR_RETURN(const int ramps, MostRamps(encoding_));
    if (ramps == 0) return std::vector<int>{0};
    return RatherRamps() ? std::vector<int>{ramps, 0} : std::vector<int>{0, ramps};
  }

  // None where ramps would make more inputs than a linear path can have.
  absl::StatusOr<int> MostRamps(PreprocessingOptions encoding) const {
    encoding.ramps = kRamps;
    ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor, LearnEncoding(encoding));
    return preprocessor.encoded_size() <= kMaxLinearInputs ? kRamps : 0;
  }

  // What takes longer anyway, and is slower to predict.
  bool RatherRamps() const { return spec_.preset == Preset::kAccurate || spec_.preset == Preset::kAttention; }

  absl::StatusOr<Preprocessor> LearnEncoding(const PreprocessingOptions& encoding) const {
    TrainingSpec spec = spec_;
    spec.preprocessing = encoding;
    return LearnPreprocessor(data_, rows_.train, spec, inputs_.warm_start, earlier_, journal_.stop());
  }

  // In a shorter time season and trend are the same thing, and a month that was not seen would be anything.
  bool CoversAYear() const {
    constexpr double kYear = 365.0 * 86400.0;
    double span = kYear;
    for (const Feature& feature : data_.schema.features) {
      if (feature.kind != FeatureKind::kTime) continue;
      const PackedNumbers& times = data_.features.Find(feature.name)->numbers;
      double first = std::numeric_limits<double>::infinity(), last = -first;
      for (const int64_t row : rows_.train) {
        if (!std::isfinite(times[row])) continue;
        first = std::min(first, times[row]);
        last = std::max(last, times[row]);
      }
      span = std::min(span, last - first);
    }
    return span >= 0.9 * kYear;
  }

  // Trend and season, judged by linear models on ramps before anything else is compared.
  absl::Status ChooseTimeInputs() {
    if (!chooses_ || earlier_ != nullptr) return absl::OkStatus();
    encoding_.month = encoding_.month && CoversAYear();
    const bool has_time = std::any_of(data_.schema.features.begin(), data_.schema.features.end(),
                                      [](const Feature& feature) { return feature.kind == FeatureKind::kTime; });
    if (!has_time) return absl::OkStatus();
    if (!encoding_.trend) {
      PreprocessingOptions trend = encoding_;
      trend.trend = true;
      ROICAST_ASSIGN_OR_RETURN(evidence_, JudgeTimes(trend));
      encoding_.trend = evidence_.holds;
    }
    if (!encoding_.month || encoding_.half_year) return absl::OkStatus();
    // What months tell is not carried beyond those that were learnt from, as a trend is: there is no need to prove it.
    PreprocessingOptions half_year = encoding_;
    half_year.half_year = true;
    ROICAST_ASSIGN_OR_RETURN(const TimeEvidence evidence, JudgeTimes(half_year));
    encoding_.half_year = evidence.better;
    return absl::OkStatus();
  }

  bool ChoosesScale() const { return chooses_ && !two_valued_ && spec_.target_transform == TargetTransform::kAuto; }

  // Where the spec leaves the scale of the target open: whether the logarithm of what money returns is learnt, or a
  // skewed target as it is. Judged by linear models on ramps.
  absl::Status ChooseScale() {
    if (!ChoosesScale() || earlier_ != nullptr) return absl::OkStatus();
    ROICAST_ASSIGN_OR_RETURN(const int ramps, MostRamps(encoding_));
    ROICAST_ASSIGN_OR_RETURN(const ModelFit usual, EncodeOnly(ramps, transform_));
    if (usual.preprocessor.encoded_size() > kMaxLinearInputs) return absl::OkStatus();
    const ScaledRows of_usual{&usual.train, &usual.artifact.target};
    if (DescribeTarget(data_.target).is_roi && LeastRoi() > -1.0) {
      ROICAST_ASSIGN_OR_RETURN(const ModelFit logarithm, EncodeOnly(ramps, TargetTransform::kLog1p));
      ROICAST_ASSIGN_OR_RETURN(const bool likelier,
                               IsLikelierScale(of_usual, {&logarithm.train, &logarithm.artifact.target},
                                               spec_.training.seed, journal_.stop()));
      if (likelier) transform_ = TargetTransform::kLog1p;
      if (likelier) return absl::OkStatus();
    }
    // What a median is best learnt on is another question.
    if (usual.artifact.target.transform != TargetTransform::kAsinh || spec_.statistic != PredictionStatistic::kMean) {
      return absl::OkStatus();
    }
    ROICAST_ASSIGN_OR_RETURN(const ModelFit plain, EncodeOnly(ramps, TargetTransform::kNone));
    ROICAST_ASSIGN_OR_RETURN(const bool nearer, IsNearerScale(of_usual, {&plain.train, &plain.artifact.target},
                                                              spec_.training.seed, journal_.stop()));
    if (nearer) transform_ = TargetTransform::kNone;
    return absl::OkStatus();
  }

  // Of all parts, as the model that serves learns from all.
  double LeastRoi() const {
    double least = std::numeric_limits<double>::infinity();
    for (const std::vector<int64_t>* rows : {&data_.split.train, &data_.split.validation, &data_.split.holdout}) {
      for (const double roi : data_.RoiOf(*rows)) least = std::min(least, roi);
    }
    return least;
  }

  // `more`, with further inputs of times, beside encoding_.
  absl::StatusOr<TimeEvidence> JudgeTimes(const PreprocessingOptions& more) {
    ROICAST_ASSIGN_OR_RETURN(const int ramps, MostRamps(more));
    ROICAST_ASSIGN_OR_RETURN(const ModelFit without, EncodeOnly(ramps, spec_.target_transform));
    const PreprocessingOptions plain = std::exchange(encoding_, more);
    absl::StatusOr<ModelFit> with = EncodeOnly(ramps, spec_.target_transform);
    encoding_ = plain;
    ROICAST_RETURN_IF_ERROR(with.status());
    if (with->preprocessor.encoded_size() > kMaxLinearInputs) return TimeEvidence();
    return JudgeTimeInputs(without.train, with->train, data_.schema, spec_.training.loss, spec_.training.seed,
                           journal_.stop());
  }

  // All but the network.
  absl::StatusOr<ModelFit> EncodeOnly(int ramps, TargetTransform transform) {
    TrainingSpec spec = spec_;
    spec.target_transform = transform;
    PreprocessingOptions encoding = encoding_;
    encoding.ramps = ramps;
    ROICAST_ASSIGN_OR_RETURN(Preprocessor preprocessor, LearnEncoding(encoding));
    int spend = -1;
    if (spec_.extra.diminishing_returns) {
      ROICAST_ASSIGN_OR_RETURN(spend, SpendFeatureOf(data_));
      ROICAST_ASSIGN_OR_RETURN(preprocessor, WithPlainSpend(preprocessor, spend));
    }
    const size_t trained_on = rows_.train.size() + rows_.validation.size();
    const Split& split = data_.split;
    const size_t all_rows = std::max(trained_on, split.train.size() + split.validation.size() + split.holdout.size());
    ROICAST_RETURN_IF_ERROR(CheckEncodedBytes(spec, all_rows, trained_on, preprocessor, inputs_));
    const TrainingNeed need = NeedOf(spec, preprocessor.encoded_size(), inputs_.threads);
    ROICAST_RETURN_IF_ERROR(CheckNeed(need, spec, inputs_.limits));
    ROICAST_RETURN_IF_ERROR(
        WithContext(ClaimAtLeast(static_cast<double>(need.memory_bytes), inputs_.network_memory), "the network"));
    ModelFit fit{{}, std::move(preprocessor), encoding, {}, {}, {}, {}, {}};
    Artifact& artifact = fit.artifact;
    artifact.schema = fit.preprocessor.schema();
    artifact.features = fit.preprocessor.features();
    ROICAST_ASSIGN_OR_RETURN(artifact.target, LearnTarget(data_, rows_.train, spec, inputs_.warm_start,
                                                          earlier_ == nullptr ? nullptr : &earlier_->artifact.target));
    if (!two_valued_) artifact.target.roi_floor = LearnFloor(data_);
    journal_.observer().OnTargetScale(TargetScaleOf(artifact.target));
    ROICAST_ASSIGN_OR_RETURN(fit.train,
                             MakeRowPart(data_, rows_.train, fit.preprocessor, artifact.target, journal_.stop()));
    ROICAST_ASSIGN_OR_RETURN(fit.validation,
                             MakeRowPart(data_, rows_.validation, fit.preprocessor, artifact.target, journal_.stop()));
    if (spend >= 0) fit.train.linear_input = BoundSpend(fit.preprocessor, artifact.target, spend);
    return fit;
  }

  // The rows as they are encoded, and how large the network may be. Encodings are compared by few, short trainings
  // each, the sizes of the network only with the better one.
  absl::StatusOr<ModelFit> ChooseEncoding() {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<int> encodings, Encodings());
    ROICAST_ASSIGN_OR_RETURN(ModelFit fit, EncodeOnly(encodings.front(), transform_));
    if (chooses_ && earlier_ != nullptr) fit.network.selection = earlier_->network.selection;
    if (!chooses_ || earlier_ != nullptr) return fit;
    if (encodings.size() > 1) ROICAST_RETURN_IF_ERROR(Compare(CapacitySearch::kQuick, fit));
    for (size_t i = 1; i < encodings.size(); ++i) {
      ROICAST_ASSIGN_OR_RETURN(ModelFit other, EncodeOnly(encodings[i], transform_));
      ROICAST_RETURN_IF_ERROR(Compare(CapacitySearch::kQuick, other));
      TakeIfBetter(std::move(other), fit);
    }
    if (spec_.preset == Preset::kAttention && encodings.size() > 1) return fit;
    ROICAST_RETURN_IF_ERROR(Compare(CapacitySearch::kFull, fit));
    // What is better after a short training need not be so after a long one.
    if (fit.network.selection->chosen.steps < kLongSchedule) return fit;
    const Capacity chosen = fit.network.selection->chosen;
    for (const int ramps : encodings) {
      if (ramps == fit.preprocessing.ramps) continue;
      ROICAST_ASSIGN_OR_RETURN(ModelFit other, EncodeOnly(ramps, transform_));
      ROICAST_ASSIGN_OR_RETURN(other.network.selection, TryCapacityOf(other.train, spec_, chosen, journal_));
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
    ROICAST_ASSIGN_OR_RETURN(fit.network.selection, spec_.preset == Preset::kAttention
                                                        ? ChooseAttention(fit.train, fit.preprocessor, spec_, journal_)
                                                        : ChooseCapacity(fit.train, spec_, journal_, search));
    return absl::OkStatus();
  }

  absl::Status FitNetwork(ModelFit& fit) {
    NetworkFit& network = fit.network;
    if (!network.selection.has_value()) {
      const Mlp* start = inputs_.warm_start == nullptr ? nullptr : &inputs_.warm_start->mlp;
      ROICAST_ASSIGN_OR_RETURN(network,
                               FitFixedNetwork(fit.train, fit.validation, fit.preprocessor, spec_, start, journal_));
      return absl::OkStatus();
    }
    const bool attention = spec_.preset == Preset::kAttention;
    const auto fit_network = attention                           ? FitAttention
                             : spec_.preset == Preset::kAccurate ? FitEnsemble
                                                                 : FitChosenNetwork;
    CapacitySelection chosen = std::move(*network.selection);
    ROICAST_ASSIGN_OR_RETURN(network, fit_network(fit.train, fit.preprocessor, spec_, chosen, journal_));
    chosen.ensemble_share = network.ensemble_share;
    network.selection = std::move(chosen);
    if (two_valued_ && !network.attention.has_value()) ScaleProbabilities(fit.train, network);
    if (attention && earlier_ == nullptr) WarnOfAttention(fit.train, network);
    ROICAST_RETURN_IF_ERROR(SayWhatHolds(fit));
    ForgetRowsOfEarlier(network);
    return absl::OkStatus();
  }

  // What was chosen with the earlier fit predicted the rows of that one.
  void ForgetRowsOfEarlier(NetworkFit& network) const {
    if (earlier_ != nullptr) network.out_of_fold.clear();
  }

  absl::Status SayWhatHolds(ModelFit& fit) const {
    if (earlier_ != nullptr) return absl::OkStatus();
    NetworkFit& network = fit.network;
    if (evidence_.holds) network.warnings.push_back(TrendRemark(fit.preprocessor, evidence_));
    ROICAST_ASSIGN_OR_RETURN(std::optional<DataWarning> nothing_holds,
                             JudgeOutOfFold(spec_.training.loss, fit.train, network.out_of_fold, journal_.stop()));
    if (nothing_holds.has_value()) network.warnings.push_back(*std::move(nothing_holds));
    return absl::OkStatus();
  }

  // Makes predictions as sure as the rows out of fold show that they are.
  void ScaleProbabilities(const RowPart& train, NetworkFit& network) const {
    network.log_odds_scale = earlier_ != nullptr
                                 ? earlier_->network.log_odds_scale
                                 : FitLogOddsScale(train.standardised, network.out_of_fold, train.weights);
    for (double& z : network.out_of_fold) z = network.log_odds_scale.Apply(z);
    ScaleLogOdds(network.log_odds_scale, network.mlp);
  }

  const PreparedData& data_;
  const FitRows& rows_;
  const TrainingSpec& spec_;
  const TrainModelInputs& inputs_;
  const ModelFit* const earlier_;
  FitJournal& journal_;
  const bool chooses_;
  const bool two_valued_;
  TargetTransform transform_;      // as the spec says, or as ChooseScale does
  PreprocessingOptions encoding_;  // without a choice of ramps
  TimeEvidence evidence_;
};

}  // namespace

absl::StatusOr<ModelFit> FitModel(const PreparedData& data, const FitRows& rows, const TrainingSpec& spec,
                                  const TrainModelInputs& inputs, const ModelFit* earlier, FitJournal& journal) {
  TrainingSpec used = spec;
  if (data.target.kind == TargetKind::kTwoValued) used.training.loss = Loss::kLogistic;
  if (spec.extra.diminishing_returns) {
    ROICAST_ASSIGN_OR_RETURN(used, WithDiminishingReturns(data, used));
  }
  return Fitting(data, rows, used, inputs, earlier, journal).Run();
}

}  // namespace roicast
