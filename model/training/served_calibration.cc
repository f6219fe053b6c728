#include "model/training/served_calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/training/calibration/calibrate.h"
#include "model/training/calibration/calibration_bins.h"
#include "model/training/capacity/logistic_path.h"
#include "model/training/measured_model.h"

namespace roicast {
namespace {

constexpr size_t kFewestCurveRows = 20;
constexpr double kSteepest = 1.5;
// Of the training rows, which each fold's model learnt from.
constexpr double kFoldShare = 1.0 - 1.0 / kCapacityFolds;
constexpr double kMemberShare = 1.0 - 1.0 / kEnsembleMembers;

void Append(absl::Span<const double> values, std::vector<double>& to) {
  to.insert(to.end(), values.begin(), values.end());
}

// Of a two-part model: the amount on the transformed scale, and the log odds of another value than `rest`. NaN for rows
// that serving refuses.
absl::Status AppendTwoParts(const ModelFit& measured, const MeasuredModel& model, const RowPart& part,
                            const StopCheck& stop, std::vector<double>& amount, std::vector<double>& gate) {
  if (part.raw.rows() == 0) return absl::OkStatus();
  ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix encoded, EncodeRows(measured.preprocessor, part.raw, stop));
  const std::vector<float> served = model.Predict(part.raw);
  const Artifact& artifact = measured.artifact;
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (Eigen::Index i = 0; i < encoded.rows(); ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    const bool refused = std::isnan(served[static_cast<size_t>(i)]);
    const float* const row = encoded.row(i).data();
    amount.push_back(refused ? std::numeric_limits<double>::quiet_NaN()
                             : artifact.target.ToTransformed(artifact.mlp.Evaluate(row)));
    gate.push_back(artifact.mlp.EvaluateHead(row, *artifact.gate));
  }
  return absl::OkStatus();
}

// A probability has no error of its own: what can be told is how often rows with a similar one had the value.
absl::Status CalibrateProbabilities(const ModelFit& measured, const RowPart& holdout, const TrainingSpec& spec,
                                    const StopCheck& stop, Artifact& served) {
  served.calibration.reset();
  served.report.calibration = {};
  CalibrationReport& report = served.report.calibration;
  if (!spec.extra.interval_group.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("extra.interval_group: expected none for a target with two values, got \"",
                     spec.extra.interval_group, "\": its intervals are those of rows with a similar probability"));
  }
  std::vector<double> probability, positive;
  for (size_t i = 0; i < measured.network.out_of_fold.size(); ++i) {
    probability.push_back(Probability(measured.network.out_of_fold[i]));
    positive.push_back(measured.train.roi[i]);
  }
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(measured.artifact, stop));
  const std::vector<float> of_holdout = model.Predict(holdout.raw);
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  for (size_t i = 0; i < of_holdout.size(); ++i) {
    if (std::isnan(of_holdout[i])) continue;
    probability.push_back(of_holdout[i]);
    positive.push_back(holdout.roi[i]);
  }
  report.rows = static_cast<int64_t>(probability.size());
  Calibration calibration;
  calibration.bins = MakeBins(probability, positive);
  if (calibration.bins.empty()) {
    report.missing_because = absl::StrCat("it needs at least ", kFewestRowsPerBin,
                                          " rows that were not learnt from, there are ", probability.size());
    report.rows = 0;
    return absl::OkStatus();
  }
  served.calibration = std::move(calibration);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<double> LearningExponent(const ModelFit& measured, const RowPart& holdout, const StopCheck& stop) {
  const CapacitySelection* const selection = measured.two_part.has_value() ? &measured.two_part->selection.amount
                                             : measured.network.selection.has_value() ? &*measured.network.selection
                                                                                      : nullptr;
  const auto rows = static_cast<Eigen::Index>(holdout.standardised.size());
  if (selection == nullptr || selection->fold_models.empty() || holdout.encoded.rows() != rows) return 0.0;
  size_t compared = 0;
  double few = 0.0, many = 0.0;
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (Eigen::Index i = 0; i < rows; ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1 + selection->fold_models.size()));
    // The network of the amount has not learnt from rows with `rest`.
    if (measured.two_part.has_value() && holdout.roi[static_cast<size_t>(i)] == measured.artifact.target.rest) continue;
    ++compared;
    const double truth = holdout.standardised[static_cast<size_t>(i)];
    const float* const row = holdout.encoded.row(i).data();
    many += std::abs(truth - measured.artifact.mlp.Evaluate(row));
    double errors = 0.0;
    for (const FoldModel& fold : selection->fold_models) {
      errors += std::abs(truth - fold.Evaluate(row, selection->network_share));
    }
    few += errors / static_cast<double>(selection->fold_models.size());
  }
  if (compared < kFewestCurveRows || !(many > 0.0 && few > many)) return 0.0;
  return std::min(kSteepest, std::log(few / many) / -std::log(kFoldShare));
}

absl::Status CalibrateServed(const ModelFit& measured, const RowPart& holdout, double learning_exponent,
                             const RowMajorMatrix& raw, const TrainingSpec& spec, const StopCheck& stop,
                             Artifact& served) {
  const FittedTarget& target = measured.artifact.target;
  if (target.kind == TargetKind::kTwoValued) return CalibrateProbabilities(measured, holdout, spec, stop, served);
  const bool two_part = target.kind == TargetKind::kZeroHeavy;
  std::vector<double> roi, predicted, gate;
  for (const RowPart* part : {&measured.train, &measured.validation, &holdout}) Append(part->roi, roi);
  const size_t trained = measured.train.roi.size(), watched = measured.validation.roi.size();
  predicted.assign(trained, std::numeric_limits<double>::quiet_NaN());
  const std::vector<double>& out_of_fold =
      two_part ? measured.two_part->amount_out_of_fold : measured.network.out_of_fold;
  for (size_t i = 0; i < out_of_fold.size(); ++i) predicted[i] = target.ToTransformed(out_of_fold[i]);
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(measured.artifact, stop));
  if (two_part) {
    gate = measured.two_part->gate_out_of_fold;
    for (const RowPart* part : {&measured.validation, &holdout}) {
      ROICAST_RETURN_IF_ERROR(AppendTwoParts(measured, model, *part, stop, predicted, gate));
    }
  } else {
    for (const RowPart* part : {&measured.validation, &holdout}) {
      Append(model.PredictTransformed(part->raw), predicted);
    }
  }
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  if (spec.training.KeepsBestEpoch()) {
    // Rows that chose the epoch are not new to the model.
    std::fill_n(predicted.begin() + static_cast<int64_t>(trained), watched, std::numeric_limits<double>::quiet_NaN());
  }

  const double learnt = static_cast<double>(trained);
  const double served_rows = std::max(learnt, static_cast<double>(served.report.refit_rows));
  const auto ratio = [&](double rows) { return std::min(1.0, std::pow(served_rows / rows, -learning_exponent)); };
  std::vector<double> error_ratio;
  if (learning_exponent > 0.0 && spec.split.holdout == SplitSpec::Holdout::kRandom) {
    error_ratio.assign(trained, ratio((measured.network.members > 1 ? kMemberShare : kFoldShare) * learnt));
    error_ratio.resize(roi.size(), ratio(learnt));
  }
  std::vector<int64_t> groups;
  for (const RowPart* part : {&measured.train, &measured.validation, &holdout}) {
    groups.insert(groups.end(), part->groups.begin(), part->groups.end());
  }
  return Calibrate({raw, roi, predicted, error_ratio, gate, static_cast<int64_t>(trained + watched), groups}, spec,
                   served, stop);
}

}  // namespace roicast
