#include "model/training/reduction/feature_selection.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/evaluation/first_metric.h"
#include "model/network/loss.h"
#include "model/training/capacity/logistic_path.h"
#include "model/training/measured_model.h"
#include "model/training/reduction/distillation.h"

namespace roicast {
namespace {

// A feature's values are exchanged so often.
constexpr int kRepeats = 3;
// More rows than this say no more; with many inputs, fewer keep it within some ten seconds of a core.
constexpr int64_t kMostPermutedRows = 4'000, kFewestPermutedRows = 300;
constexpr double kMostMultiplications = 1e10;

struct MeanChange {
  double mean = 0.0, deviation = 0.0;  // deviation: standard error

  bool IsNothing() const { return mean <= deviation; }
};

MeanChange MeanOf(const std::vector<double>& changes) {
  MeanChange result;
  const auto n = static_cast<double>(changes.size());
  result.mean = std::accumulate(changes.begin(), changes.end(), 0.0) / n;
  double squares = 0.0;
  for (const double change : changes) squares += (change - result.mean) * (change - result.mean);
  result.deviation = n > 1.0 ? std::sqrt(squares / (n - 1.0) / n) : 0.0;
  return result;
}

bool IsTwoValued(const ModelFit& fit) { return fit.artifact.target.kind == TargetKind::kTwoValued; }

// What it costs not to know some features, on rows out of fold.
class FeatureCosts {
 public:
  FeatureCosts(const TrainingSpec& spec, const ModelFit& fit)
      : fit_(fit),
        selection_(*fit.network.selection),
        loss_(IsTwoValued(fit) ? Loss::kLogistic : Loss::kSquared),
        inputs_(fit.preprocessor.InputsPerFeature()) {
    const RowPart& train = fit.train;
    const std::vector<int>& fold_of = selection_.fold_of;
    ROICAST_CHECK(fold_of.size() == train.roi.size());
    folds_ = static_cast<int>(selection_.fold_models.size());
    rows_.resize(selection_.fold_models.size());
    const int64_t rows = train.encoded.rows(), most = std::min(rows, RowLimit());
    for (int64_t i = 0; i < most; ++i) {
      const int64_t row = i * rows / most;
      rows_[fold_of[row]].push_back(row);
    }
    Random random(spec.training.seed + 2);
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      for (int k = 0; k < folds_; ++k) {
        std::vector<int64_t> others = rows_[k];
        random.Shuffle(others);
        others_.push_back(std::move(others));
      }
    }
    for (int k = 0; k < folds_; ++k) {
      for (const int64_t row : rows_[k]) errors_.push_back(ErrorOf(k, row, Row(row)));
    }
  }

  // All of them exchanged together.
  MeanChange Of(const std::vector<int>& features) const {
    std::vector<double> changes(errors_.size(), 0.0);
    Eigen::RowVectorXf exchanged(fit_.train.encoded.cols());
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      size_t at = 0;
      for (int k = 0; k < folds_; ++k) {
        for (size_t i = 0; i < rows_[k].size(); ++i, ++at) {
          const int64_t row = rows_[k][i], other = others_[repeat * folds_ + k][i];
          exchanged = fit_.train.encoded.row(row);
          for (const int feature : features) {
            const int offset = fit_.preprocessor.offset(feature), count = inputs_[feature];
            exchanged.segment(offset, count) = fit_.train.encoded.row(other).segment(offset, count);
          }
          changes[at] += (ErrorOf(k, row, exchanged.data()) - errors_[at]) / kRepeats;
        }
      }
    }
    return MeanOf(changes);
  }

 private:
  int64_t RowLimit() const {
    const FoldModel& model = selection_.fold_models.front();
    const int64_t each = std::max<int64_t>(
        1, model.network.layers.empty() ? fit_.train.encoded.cols() : model.network.parameter_count());
    const double evaluations = 2.0 * kRepeats * static_cast<double>(inputs_.size());
    const double affordable = kMostMultiplications / (evaluations * static_cast<double>(each));
    return static_cast<int64_t>(
        std::clamp(affordable, static_cast<double>(kFewestPermutedRows), static_cast<double>(kMostPermutedRows)));
  }

  const float* Row(int64_t row) const { return fit_.train.encoded.row(row).data(); }

  double ErrorOf(int fold, int64_t row, const float* encoded) const {
    const double z = selection_.fold_models[static_cast<size_t>(fold)].Evaluate(encoded, selection_.network_share);
    const double weight = fit_.train.weights.empty() ? 1.0 : fit_.train.weights[static_cast<size_t>(row)];
    return weight * LossValue(loss_, z, fit_.train.standardised[static_cast<size_t>(row)], 1.0);
  }

  const ModelFit& fit_;
  const CapacitySelection& selection_;
  const Loss loss_;
  const std::vector<int> inputs_;
  int folds_ = 0;
  std::vector<std::vector<int64_t>> rows_;    // per fold
  std::vector<std::vector<int64_t>> others_;  // per repeat and fold: whose values a row gets
  std::vector<double> errors_;                // as they are, fold after fold
};

// Each model's errors out of fold on its own scale say which is better where that is one scale.
bool OnOneScale(const ModelFit& with, const ModelFit& without) {
  const FittedTarget &left = with.artifact.target, &right = without.artifact.target;
  return left.kind == right.kind && left.kind != TargetKind::kZeroHeavy && left.transform == right.transform;
}

std::vector<double> ErrorChangesOutOfFold(const ModelFit& with, const ModelFit& without) {
  std::vector<double> changes;
  const auto add = [&](double before, double after) { changes.push_back(after * after - before * before); };
  if (!OnOneScale(with, without)) {
    const std::vector<double> served = ServedOutOfFold(with), smaller = ServedOutOfFold(without);
    for (size_t i = 0; i < std::min(served.size(), smaller.size()); ++i) {
      add(with.train.roi[i] - served[i], without.train.roi[i] - smaller[i]);
    }
    return changes;
  }
  for (size_t i = 0; i < with.network.out_of_fold.size(); ++i) {
    const double z = with.network.out_of_fold[i], z_without = without.network.out_of_fold[i];
    add(with.train.standardised[i] - (IsTwoValued(with) ? Probability(z) : z),
        without.train.standardised[i] - (IsTwoValued(with) ? Probability(z_without) : z_without));
  }
  return changes;
}

void AddRemark(std::string message, ModelFit& fit) {
  DataWarning warning;
  warning.message = std::move(message);
  fit.network.warnings.push_back(std::move(warning));
}

}  // namespace

std::vector<std::string> FeaturesWithoutCost(const TrainingSpec& spec, const ModelFit& fit, const std::string& kept) {
  const Schema& schema = fit.artifact.schema;
  const FeatureCosts costs(spec, fit);
  std::vector<std::pair<double, int>> order;
  for (int feature = 0; feature < schema.size(); ++feature) {
    const MeanChange alone = costs.Of({feature});
    const double importance = alone.deviation > 0.0 ? alone.mean / alone.deviation : 0.0;
    if (alone.IsNothing() && schema.features[feature].name != kept) order.emplace_back(importance, feature);
  }
  std::sort(order.begin(), order.end());
  std::vector<int> left_out;
  for (const auto& [importance, feature] : order) {
    if (static_cast<int>(left_out.size()) + 1 == schema.size()) break;
    left_out.push_back(feature);
    if (left_out.size() > 1 && !costs.Of(left_out).IsNothing()) left_out.pop_back();
  }
  std::sort(left_out.begin(), left_out.end());
  std::vector<std::string> names;
  for (const int feature : left_out) names.push_back(schema.features[feature].name);
  return names;
}

PreparedData WithoutFeatures(const PreparedData& data, absl::Span<const std::string> left_out) {
  const std::set<std::string> names(left_out.begin(), left_out.end());
  PreparedData fewer = data;
  fewer.schema = {};
  fewer.features = {};
  fewer.limits.clear();
  for (int i = 0; i < data.schema.size(); ++i) {
    if (names.contains(data.schema.features[i].name)) continue;
    fewer.schema.features.push_back(data.schema.features[i]);
    fewer.limits.push_back(data.limits[i]);
    ROICAST_CHECK(fewer.features.AddColumn(data.features.column(i)).ok());
  }
  return fewer;
}

absl::StatusOr<std::vector<double>> ErrorChanges(const PreparedData& data, const ModelFit& with,
                                                 const PreparedData& fewer, const ModelFit& without,
                                                 const StopCheck& stop) {
  const std::vector<int64_t>& rows = data.split.holdout;
  if (rows.empty()) return ErrorChangesOutOfFold(with, without);
  const auto predict = [&](const PreparedData& of, const ModelFit& fit) -> absl::StatusOr<std::vector<float>> {
    ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(fit.artifact, stop));
    ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix raw, ToRawRows(of.features, rows, fit.artifact.schema, stop));
    std::vector<float> predicted = model.Predict(raw);
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    return predicted;
  };
  ROICAST_ASSIGN_OR_RETURN(const std::vector<float> before, predict(data, with));
  ROICAST_ASSIGN_OR_RETURN(const std::vector<float> after, predict(fewer, without));
  const std::vector<double> truth = data.RoiOf(rows);
  std::vector<double> changes;
  for (size_t i = 0; i < truth.size(); ++i) {
    if (std::isnan(before[i]) || std::isnan(after[i])) continue;
    changes.push_back((truth[i] - after[i]) * (truth[i] - after[i]) - (truth[i] - before[i]) * (truth[i] - before[i]));
  }
  return changes;
}

absl::StatusOr<std::optional<ReductionReport>> SelectFeatures(const TrainingSpec& spec, const TrainModelInputs& inputs,
                                                              PreparedData& data, ModelFit& fit, FitJournal& journal) {
  if (journal.out_of_time()) {
    AddRemark("the time limit passed before features were selected: all of them stay", fit);
    return std::nullopt;
  }
  journal.SetStep("selecting features");
  ReductionReport report;
  report.step = "features selected";
  report.left_out = FeaturesWithoutCost(spec, fit, spec.extra.interval_group);
  if (report.left_out.empty()) {
    AddRemark("no feature was left out: without any of them, rows that were not learnt from are predicted worse", fit);
    return std::nullopt;
  }
  const size_t remaining = data.schema.features.size() - report.left_out.size();
  journal.SetStep(absl::StrCat(remaining, " of ", data.schema.features.size(), " features"));
  PreparedData fewer = WithoutFeatures(data, report.left_out);
  absl::StatusOr<ModelFit> smaller =
      FitModel(fewer, {fewer.split.train, fewer.split.validation}, spec, inputs, nullptr, journal);
  if (!smaller.ok() && !absl::IsFailedPrecondition(smaller.status())) return smaller.status();
  if (!smaller.ok() || journal.out_of_time()) {
    AddRemark(absl::StrCat("no feature was left out: ",
                           smaller.ok() ? "the time limit passed before there was a model without them"
                                        : smaller.status().message()),
              fit);
    return std::nullopt;
  }
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> changes, ErrorChanges(data, fit, fewer, *smaller, journal.stop()));
  ROICAST_ASSIGN_OR_RETURN(const RowPart before, MakeRowPart(data, data.split.holdout, fit.preprocessor,
                                                             fit.artifact.target, journal.stop()));
  ROICAST_ASSIGN_OR_RETURN(const RowPart after, MakeRowPart(fewer, fewer.split.holdout, smaller->preprocessor,
                                                            smaller->artifact.target, journal.stop()));
  ROICAST_ASSIGN_OR_RETURN(report.metric_before, FirstMetricOn(before, fit, spec.profit_threshold, journal.stop()));
  ROICAST_ASSIGN_OR_RETURN(report.metric_after, FirstMetricOn(after, *smaller, spec.profit_threshold, journal.stop()));
  if (!changes.empty() && !MeanOf(changes).IsNothing()) {
    AddRemark(
        absl::StrCat("no feature was left out: a model without ", absl::StrJoin(report.left_out, ", "),
                     " is worse on rows that neither had seen",
                     before.roi.empty() ? ""
                                        : absl::StrCat(" (", FormatFirstMetric(report.metric_after), " instead of ",
                                                       FormatFirstMetric(report.metric_before), ")")),
        fit);
    return std::nullopt;
  }
  report.multiplications_before = MultiplicationsOf(fit.artifact);
  report.multiplications_after = MultiplicationsOf(smaller->artifact);
  data = std::move(fewer);
  fit = *std::move(smaller);
  return report;
}

}  // namespace roicast
