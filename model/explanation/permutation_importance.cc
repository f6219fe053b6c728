#include "model/explanation/permutation_importance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/evaluation/metrics.h"
#include "model/explanation/usable_rows.h"

namespace roicast {
namespace {

using explanation::PredictInBlocks;
using explanation::SelectUsableRows;
using explanation::UsableRows;

// float32 cannot tell probabilities nearer to 0 and 1 apart from them.
constexpr double kNearestProbability = 0x1.0p-25;

double LossOfRow(ImportanceLoss loss, double truth, double predicted) {
  switch (loss) {
    case ImportanceLoss::kSquared:
      return (predicted - truth) * (predicted - truth);
    case ImportanceLoss::kAbsolute:
      return std::abs(predicted - truth);
    case ImportanceLoss::kLog:
      break;
  }
  const double p = std::clamp(predicted, kNearestProbability, 1.0 - kNearestProbability);
  return truth == 1.0 ? -std::log(p) : -std::log1p(-p);
}

// The error that a mean loss stands for, and its derivative (0 at a squared loss of 0, where there is none).
double ErrorOfMean(ImportanceLoss loss, double mean) {
  return loss == ImportanceLoss::kSquared ? std::sqrt(mean) : mean;
}
double ErrorSlope(ImportanceLoss loss, double mean) {
  if (loss != ImportanceLoss::kSquared) return 1.0;
  return mean > 0.0 ? 0.5 / std::sqrt(mean) : 0.0;
}

double Mean(absl::Span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The standard error of their mean.
double StandardErrorOfMean(absl::Span<const double> values) {
  const double mean = Mean(values);
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto n = static_cast<double>(values.size());
  return std::sqrt(squares / (n * (n - 1.0)));
}

class Shuffling {
 public:
  Shuffling(const Predictor& predictor, UsableRows rows, std::vector<double> truth, const ImportanceOptions& options,
            const StopCheck& stop)
      : predictor_(predictor),
        options_(options),
        stop_(stop),
        width_(static_cast<size_t>(predictor.schema().size())),
        rows_(std::move(rows)),
        truth_(std::move(truth)),
        predicted_(rows_.predictions.size()) {
    for (size_t i = 0; i < truth_.size(); ++i) {
      loss_before_.push_back(LossOfRow(options_.loss, truth_[i], static_cast<double>(rows_.predictions[i])));
    }
    mean_before_ = Mean(loss_before_);
  }

  double error() const { return ErrorOfMean(options_.loss, mean_before_); }

  absl::StatusOr<FeatureImportance> Measure(int feature) {
    const size_t n = truth_.size();
    const auto column = static_cast<size_t>(feature);
    std::vector<float> original(n);
    std::vector<size_t> donor(n);
    std::iota(donor.begin(), donor.end(), size_t{0});
    for (size_t i = 0; i < n; ++i) original[i] = rows_.values[i * width_ + column];
    // Of its own, so that a feature's numbers do not depend on which others are asked for.
    Random random(options_.seed * 0x9e3779b97f4a7c15ULL + static_cast<uint64_t>(feature));
    // Per row, how much its loss rises, and by how much its value raises that of others; sums over the shuffles.
    std::vector<double> taken(n), given(n), errors;
    absl::Status status;
    for (int s = 0; s < options_.shuffles && status.ok(); ++s) {
      random.Shuffle(donor);
      for (size_t i = 0; i < n; ++i) rows_.values[i * width_ + column] = original[donor[i]];
      status =
          PredictInBlocks(predictor_, rows_.values.data(), static_cast<int64_t>(n), absl::MakeSpan(predicted_), stop_);
      if (!status.ok()) break;
      double sum = 0.0;
      for (size_t i = 0; i < n; ++i) {
        const double rise = LossOfRow(options_.loss, truth_[i], static_cast<double>(predicted_[i])) - loss_before_[i];
        taken[i] += rise;
        given[donor[i]] += rise;
        sum += rise;
      }
      errors.push_back(ErrorOfMean(options_.loss, mean_before_ + sum / static_cast<double>(n)));
    }
    for (size_t i = 0; i < n; ++i) rows_.values[i * width_ + column] = original[i];
    ROICAST_RETURN_IF_ERROR(status);
    return Summarize(feature, taken, given, errors);
  }

 private:
  // The mean loss after shuffling is a mean over pairs of a row and a value, so that a row counts in it twice (van der
  // Vaart, Asymptotic Statistics, 1998, chapter 12).
  FeatureImportance Summarize(int feature, absl::Span<const double> taken, absl::Span<const double> given,
                              absl::Span<const double> errors) const {
    FeatureImportance result;
    result.feature = feature;
    const double mean_after = mean_before_ + Mean(taken) / options_.shuffles;
    const double after = ErrorOfMean(options_.loss, mean_after);
    result.importance = after - error();
    result.ratio = error() > 0.0 ? after / error() : std::numeric_limits<double>::quiet_NaN();
    const double slope_after = ErrorSlope(options_.loss, mean_after);
    const double slope_before = ErrorSlope(options_.loss, mean_before_);
    std::vector<double> influence(taken.size());
    for (size_t i = 0; i < influence.size(); ++i) {
      influence[i] =
          slope_after * (taken[i] + given[i]) / options_.shuffles + (slope_after - slope_before) * loss_before_[i];
    }
    const double of_rows = kNormalQuantile95 * StandardErrorOfMean(influence);
    const double of_shuffles = StudentQuantile95(options_.shuffles - 1) * StandardErrorOfMean(errors);
    const double half = std::hypot(of_rows, of_shuffles);
    result.low = result.importance - half;
    result.high = result.importance + half;
    return result;
  }

  const Predictor& predictor_;
  const ImportanceOptions& options_;
  const StopCheck& stop_;
  const size_t width_;
  UsableRows rows_;
  const std::vector<double> truth_;
  std::vector<double> loss_before_;
  double mean_before_ = 0.0;
  std::vector<float> predicted_;
};

// Without a truth, what was predicted before shuffling stands for it.
absl::StatusOr<std::vector<double>> TruthOfRows(const UsableRows& rows, absl::Span<const double> truth,
                                                ImportanceLoss loss) {
  if (truth.empty()) {
    if (loss != ImportanceLoss::kLog) return std::vector<double>(rows.predictions.begin(), rows.predictions.end());
    return absl::InvalidArgumentError("importance: expected the outcomes of the rows for a log loss, got none");
  }
  std::vector<double> of_rows;
  for (const int64_t i : rows.index) {
    const double value = truth[static_cast<size_t>(i)];
    if (loss == ImportanceLoss::kLog && value != 0.0 && value != 1.0) {
      return absl::InvalidArgumentError(
          absl::StrCat("importance: expected outcomes of 0 or 1 for a log loss, got ", value, " in row ", i));
    }
    of_rows.push_back(value);
  }
  return of_rows;
}

}  // namespace

absl::Status ImportanceOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(kShuffles.Check("shuffles", shuffles));
  return kMaxRows.Check("max_rows", static_cast<double>(max_rows));
}

absl::StatusOr<ImportanceReport> PermutationImportance(const Predictor& predictor, absl::Span<const float> rows,
                                                       absl::Span<const double> truth, const ImportanceOptions& options,
                                                       const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_RETURN_IF_ERROR(explanation::CheckFeatures(predictor.schema(), options.features));
  ROICAST_ASSIGN_OR_RETURN(UsableRows usable,
                           SelectUsableRows(predictor, rows, truth, options.max_rows, options.seed, stop));
  if (usable.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat("importance: expected at least 2 rows with a prediction",
                                                   truth.empty() ? "" : " and an outcome", ", got ", usable.size()));
  }
  ROICAST_ASSIGN_OR_RETURN(std::vector<double> truth_of_rows, TruthOfRows(usable, truth, options.loss));
  ImportanceReport report;
  report.against_truth = !truth.empty();
  report.rows = usable.size();
  report.rows_rejected = usable.rejected;
  std::vector<int> features = options.features;
  if (features.empty()) {
    features.resize(static_cast<size_t>(predictor.schema().size()));
    std::iota(features.begin(), features.end(), 0);
  }
  Shuffling shuffling(predictor, std::move(usable), std::move(truth_of_rows), options, stop);
  report.error = shuffling.error();
  for (const int feature : features) {
    ROICAST_ASSIGN_OR_RETURN(const FeatureImportance importance, shuffling.Measure(feature));
    report.features.push_back(importance);
  }
  return report;
}

}  // namespace roicast
