#include "model/training/measured_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/evaluation/equal_rows.h"
#include "model/evaluation/first_metric.h"

namespace roicast {
namespace {

// class_threshold: null unless the target has two values.
absl::StatusOr<Metrics> MeasureRows(absl::Span<const double> truth, absl::Span<const double> predicted,
                                    absl::Span<const double> transformed_truth, absl::Span<const double> transformed,
                                    double profit_threshold, const double* class_threshold, const StopCheck& stop) {
  Metrics metrics;
  metrics.rows = static_cast<int64_t>(truth.size());
  metrics.roi = EvaluateRegression(truth, predicted);
  metrics.transformed = EvaluateRegression(transformed_truth, transformed);
  if (class_threshold != nullptr) {
    ROICAST_ASSIGN_OR_RETURN(metrics.two_valued, EvaluateClassification(truth, predicted, *class_threshold, stop));
  } else {
    ROICAST_ASSIGN_OR_RETURN(metrics.profitable, EvaluateProfitability(truth, predicted, profit_threshold, stop));
  }
  return metrics;
}

// As chosen in training; before it was, as the spec says.
double ClassThreshold(const Artifact& artifact) {
  const std::optional<ClassificationMetrics>& measured = artifact.report.train.model.two_valued;
  return measured.has_value() ? measured->threshold : artifact.provenance.spec.extra.class_threshold.value_or(0.5);
}

}  // namespace

absl::StatusOr<MeasuredModel> MeasuredModel::Create(const Artifact& artifact, StopCheck stop) {
  MeasuredModel model;
  model.stop_ = std::move(stop);
  model.target_ = artifact.target;
  if (artifact.target.kind == TargetKind::kTwoValued) model.class_threshold_ = ClassThreshold(artifact);
  ROICAST_ASSIGN_OR_RETURN(model.served_, Predictor::CompileUnverified(artifact));
  Artifact plain = artifact;
  plain.target = artifact.target.WithoutSmearing();
  plain.target.roi_floor = -std::numeric_limits<double>::infinity();
  ROICAST_ASSIGN_OR_RETURN(model.plain_, Predictor::CompileUnverified(plain));
  return model;
}

std::vector<float> MeasuredModel::PredictWith(const Predictor& predictor, const RowMajorMatrix& raw,
                                              absl::Span<uint8_t> flags) const {
  // The largest models take some 20 ms for them.
  constexpr Eigen::Index kRowsBetweenStops = 256;
  const Eigen::Index piece = stop_ ? kRowsBetweenStops : std::max<Eigen::Index>(raw.rows(), 1);
  std::vector<float> roi(raw.rows(), std::numeric_limits<float>::quiet_NaN());
  for (Eigen::Index row = 0; row < raw.rows(); row += piece) {
    if (!CheckStop(stop_).ok()) return roi;
    const auto first = static_cast<size_t>(row);
    const auto count = static_cast<size_t>(std::min(piece, raw.rows() - row));
    predictor.Predict(raw.row(row).data(), static_cast<int64_t>(count), absl::MakeSpan(roi).subspan(first, count),
                      flags.empty() ? flags : flags.subspan(first, count));
  }
  return roi;
}

std::vector<float> MeasuredModel::Predict(const RowMajorMatrix& raw) const { return PredictWith(*served_, raw, {}); }

std::vector<float> MeasuredModel::PredictPlain(const RowMajorMatrix& raw) const {
  return PredictWith(*plain_, raw, {});
}

std::vector<double> MeasuredModel::PredictTransformed(const RowMajorMatrix& raw) const {
  const std::vector<float> roi = PredictPlain(raw);
  std::vector<double> transformed(roi.size());
  for (size_t i = 0; i < roi.size(); ++i) transformed[i] = target_.Transform(roi[i]);
  return transformed;
}

int64_t MeasuredModel::CountWarnings(const RowMajorMatrix& raw) const {
  std::vector<uint8_t> flags(raw.rows());
  const std::vector<float> roi = PredictWith(*served_, raw, absl::MakeSpan(flags));
  int64_t warned = 0;
  for (size_t i = 0; i < flags.size(); ++i) warned += flags[i] != 0 && !std::isnan(roi[i]);
  return warned;
}

void MeasuredModel::AppendPredictions(const RowMajorMatrix& raw, absl::Span<const double> truth,
                                      absl::Span<const int64_t> groups, const FittedTarget& scale,
                                      PredictedRows& rows) const {
  ROICAST_CHECK(static_cast<int64_t>(truth.size()) == raw.rows() && groups.size() == truth.size());
  const std::vector<float> served = Predict(raw);
  const std::vector<float> plain = PredictPlain(raw);
  // Probabilities and two-part predictions have no scale of their own, and are judged as they are served.
  const bool as_served = scale.kind != TargetKind::kNumber;
  rows.class_threshold = class_threshold_.value_or(rows.class_threshold);
  for (size_t i = 0; i < truth.size(); ++i) {
    if (std::isnan(served[i])) continue;
    rows.truth.push_back(truth[i]);
    rows.predicted.push_back(served[i]);
    rows.transformed_truth.push_back(as_served ? truth[i] : scale.Transform(truth[i]));
    rows.transformed.push_back(as_served ? served[i] : scale.Transform(plain[i]));
    rows.groups.push_back(groups[i]);
  }
}

absl::StatusOr<MetricsWithBaseline> MeasuredModel::Measure(const RowMajorMatrix& raw, absl::Span<const double> truth,
                                                           double baseline_roi, double profit_threshold,
                                                           absl::Span<const int64_t> groups) const {
  std::vector<int64_t> equal;
  if (groups.empty()) {
    ROICAST_ASSIGN_OR_RETURN(equal, GroupEqualRows(absl::MakeConstSpan(raw.data(), raw.size()), raw.cols(), stop_));
    groups = equal;
  }
  PredictedRows rows;
  AppendPredictions(raw, truth, groups, target_, rows);
  ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
  return MeasurePredicted(rows, target_, baseline_roi, profit_threshold, stop_);
}

absl::StatusOr<MetricsWithBaseline> MeasurePredicted(const PredictedRows& rows, const FittedTarget& target,
                                                     double baseline_roi, double profit_threshold,
                                                     const StopCheck& stop) {
  MetricsWithBaseline metrics;
  metrics.baseline_roi = baseline_roi;
  if (rows.truth.empty()) return metrics;
  const double* const class_threshold = target.kind == TargetKind::kTwoValued ? &rows.class_threshold : nullptr;
  ROICAST_ASSIGN_OR_RETURN(metrics.model, MeasureRows(rows.truth, rows.predicted, rows.transformed_truth,
                                                      rows.transformed, profit_threshold, class_threshold, stop));
  const std::vector<double> constant(rows.truth.size(), baseline_roi);
  const std::vector<double> transformed_constant(rows.truth.size(),
                                                 target.kind != TargetKind::kNumber ? baseline_roi : target.offset);
  ROICAST_ASSIGN_OR_RETURN(metrics.baseline,
                           MeasureRows(rows.truth, constant, rows.transformed_truth, transformed_constant,
                                       profit_threshold, class_threshold, stop));
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  metrics.r2_standard_error =
      RelativeR2StandardError(rows.transformed_truth, rows.transformed, transformed_constant, rows.groups);
  metrics.distinct_inputs =
      static_cast<int64_t>(absl::flat_hash_set<int64_t>(rows.groups.begin(), rows.groups.end()).size());
  ROICAST_RETURN_IF_ERROR(SetFirstMetricInterval(rows.truth, rows.predicted, rows.groups, metrics, stop));
  return metrics;
}

}  // namespace roicast
