#include "model/training/capacity/trend.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/stoppable_sort.h"
#include "model/evaluation/equal_rows.h"
#include "model/evaluation/metrics.h"
#include "model/training/capacity/fold_criterion.h"
#include "model/training/capacity/folds.h"
#include "model/training/capacity/linear_out_of_fold.h"

namespace roicast {
namespace {

constexpr int kTimeFolds = 5;
constexpr int64_t kFewestDays = 10;
constexpr double kLeastGain = 0.005;
// Of the rows in the order of time: the first cut is at half of them.
constexpr size_t kPiecesOfTime = 6, kPiecesToLearnFrom = 3;

// Per row, the number of its days: those of all time features.
absl::StatusOr<std::vector<int64_t>> DaysOf(const RowMajorMatrix& raw, const Schema& schema, const StopCheck& stop) {
  std::vector<float> days;
  int64_t times = 0;
  for (const Feature& feature : schema.features) times += feature.kind == FeatureKind::kTime ? 1 : 0;
  days.reserve(static_cast<size_t>(raw.rows() * times));
  for (Eigen::Index row = 0; row < raw.rows(); ++row) {
    for (int f = 0; f < schema.size(); ++f) {
      if (schema.features[f].kind == FeatureKind::kTime) days.push_back(std::floor(raw(row, f) / 24.0f));
    }
  }
  return GroupEqualRows(days, times, stop);
}

// Of the same rows; as predicted without and with the inputs.
TimeEvidence Compare(const std::vector<double>& truth, const std::vector<double>& without,
                     const std::vector<double>& with, const std::vector<int64_t>& days) {
  double errors_without = 0.0, errors_with = 0.0;
  for (size_t row = 0; row < truth.size(); ++row) {
    errors_without += std::pow(without[row] - truth[row], 2);
    errors_with += std::pow(with[row] - truth[row], 2);
  }
  TimeEvidence evidence;
  if (!(errors_without > 0.0)) return evidence;
  evidence.gain = 1.0 - errors_with / errors_without;
  const double chance = kNormalQuantile95 * RelativeR2StandardError(truth, with, without, days);
  evidence.better = evidence.gain > kLeastGain;
  evidence.holds = evidence.better && evidence.gain > chance;
  evidence.worse = -evidence.gain > chance;
  return evidence;
}

// The latest day of each row; −∞ without one.
std::vector<double> LatestDays(const RowMajorMatrix& raw, const Schema& schema) {
  std::vector<double> latest(static_cast<size_t>(raw.rows()), -std::numeric_limits<double>::infinity());
  for (int f = 0; f < schema.size(); ++f) {
    if (schema.features[f].kind != FeatureKind::kTime) continue;
    for (Eigen::Index row = 0; row < raw.rows(); ++row) {
      if (std::isfinite(raw(row, f))) latest[row] = std::max(latest[row], std::floor(raw(row, f) / 24.0));
    }
  }
  return latest;
}

// The same encoding as if nothing later than these rows were known.
absl::StatusOr<Preprocessor> HeldAtLastOf(const Preprocessor& preprocessor, const RowMajorMatrix& raw,
                                          const std::vector<int64_t>& rows) {
  std::vector<FittedFeature> features = preprocessor.features();
  for (int f = 0; f < preprocessor.schema().size(); ++f) {
    if (!features[f].trend) continue;
    double last = features[f].clip_min;
    for (const int64_t row : rows) {
      if (raw(row, f) > last) last = raw(row, f);
    }
    features[f].clip_max = std::min(features[f].clip_max, last);
  }
  return Preprocessor::Create(preprocessor.schema(), std::move(features));
}

// Linear models of what is before a piece of the time predict that piece.
class TrendAhead {
 public:
  TrendAhead(const EncodedPart& plain, const EncodedPart& more, Loss loss, const StopCheck& stop)
      : plain_(plain),
        more_(more),
        loss_(loss),
        stop_(stop),
        days_(LatestDays(plain.rows.raw, plain.preprocessor.schema())) {}

  absl::StatusOr<TimeEvidence> Judge() {
    ordered_ = days_;
    ROICAST_RETURN_IF_ERROR(SortOrStop(ordered_, stop_));
    for (size_t piece = kPiecesToLearnFrom; piece < kPiecesOfTime; ++piece) {
      const bool last = piece + 1 == kPiecesOfTime;
      const double end = last ? std::numeric_limits<double>::infinity() : ordered_[Cut(piece + 1)];
      ROICAST_RETURN_IF_ERROR(Predict(ordered_[Cut(piece)], end));
    }
    return Compare(truth_, without_, with_, days_of_);
  }

 private:
  size_t Cut(size_t piece) const { return days_.size() * piece / kPiecesOfTime; }

  // The days from `begin` on and before `end`.
  absl::Status Predict(double begin, double end) {
    std::vector<int64_t> before, ahead;
    for (size_t row = 0; row < days_.size(); ++row) {
      if (days_[row] < begin) {
        before.push_back(static_cast<int64_t>(row));
      } else if (days_[row] < end) {
        ahead.push_back(static_cast<int64_t>(row));
      }
    }
    if (before.empty() || ahead.empty()) return absl::OkStatus();
    ROICAST_RETURN_IF_ERROR(PredictBy(plain_, before, ahead, without_));
    ROICAST_RETURN_IF_ERROR(PredictBy(more_, before, ahead, with_));
    for (const int64_t row : ahead) {
      truth_.push_back(plain_.rows.standardised[row]);
      const auto rank = std::lower_bound(ordered_.begin(), ordered_.end(), days_[row]) - ordered_.begin();
      days_of_.push_back(static_cast<int64_t>(rank));
    }
    return absl::OkStatus();
  }

  absl::Status PredictBy(const EncodedPart& part, const std::vector<int64_t>& before, const std::vector<int64_t>& ahead,
                         std::vector<double>& predicted) const {
    ROICAST_ASSIGN_OR_RETURN(const LinearModel linear, FitLinearTo(part.rows, before, loss_, stop_));
    ROICAST_ASSIGN_OR_RETURN(const Preprocessor held, HeldAtLastOf(part.preprocessor, part.rows.raw, before));
    std::vector<float> encoded(static_cast<size_t>(held.encoded_size()));
    RareStopCheck rare(&stop_, kRowsPerStopCheck);
    for (const int64_t row : ahead) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      held.EncodeRow(part.rows.raw.row(row).data(), encoded.data());
      const double z = linear.Evaluate(encoded.data());
      predicted.push_back(loss_ == Loss::kLogistic ? Probability(z) : z);
    }
    return absl::OkStatus();
  }

  const EncodedPart plain_, more_;
  const Loss loss_;
  const StopCheck& stop_;
  const std::vector<double> days_;              // per row
  std::vector<double> ordered_;                 // the same, ascending
  std::vector<double> truth_, without_, with_;  // per row that was predicted
  std::vector<int64_t> days_of_;                // the same: a number of its day
};

}  // namespace

absl::StatusOr<TimeEvidence> JudgeTimeInputs(const RowPart& plain, const RowPart& more, const Schema& schema, Loss loss,
                                             uint64_t seed, const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> days, DaysOf(plain.raw, schema, stop));
  if (days.empty() || *std::max_element(days.begin(), days.end()) + 1 < kFewestDays) return TimeEvidence();
  const std::vector<int> fold_of = AssignFolds(plain.ForTrainer(), days, kTimeFolds, loss, seed);
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> without, PredictOutOfFold(plain, fold_of, kTimeFolds, loss, stop));
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> with, PredictOutOfFold(more, fold_of, kTimeFolds, loss, stop));
  const std::vector<double> truth(plain.standardised.begin(), plain.standardised.end());
  return Compare(truth, without, with, days);
}

absl::StatusOr<TimeEvidence> JudgeTrendAhead(const EncodedPart& plain, const EncodedPart& more, Loss loss,
                                             const StopCheck& stop) {
  return TrendAhead(plain, more, loss, stop).Judge();
}

}  // namespace roicast
