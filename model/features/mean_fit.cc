#include "model/features/mean_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/features/moments.h"

namespace roicast {
namespace {

constexpr size_t kFewestRowsOfMean = 200;
constexpr int64_t kFewestGroupsOfMean = 30;
constexpr double kChiSquared99 = 9.21;  // two degrees of freedom
constexpr int kSlopes = 33;
constexpr int kSlopeRefinements = 20;
constexpr int kReweightings = 3;
// Weights of a better mean change the best slope by less than this factor.
constexpr double kSlopesAround = 1.4;
// One deviation of m may stand for so many of asinh(outcome).
constexpr double kMostSpread = 1.5;
// This near to a bound, a slope is at it.
constexpr double kAtBound = 1.001;
// They take a few milliseconds.
constexpr size_t kRowsBetweenStops = 1 << 15;

template <typename Each>
absl::Status ForEachRow(size_t rows, const StopCheck& stop, const Each& each) {
  for (size_t first = 0; first < rows; first += kRowsBetweenStops) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const size_t end = std::min(rows, first + kRowsBetweenStops);
    for (size_t i = first; i < end; ++i) each(i);
  }
  return absl::OkStatus();
}

// One run of FitMean on kAsinh.
class AsinhMeanFit {
 public:
  AsinhMeanFit(const MeanRows& rows, const StopCheck& stop)
      : rows_(rows), predicted_(rows.predicted), count_(rows.predicted.size()), stop_(stop) {}

  // smeared: with FitSmearing's terms.
  absl::StatusOr<FittedTarget> Run(MeanChoice choice, const FittedTarget& smeared) {
    ROICAST_RETURN_IF_ERROR(Prepare());
    if (!(predictions_.standard_deviation > 0.0) || Groups() < kFewestGroupsOfMean) return smeared;
    most_slope_ =
        std::min(kMostMeanSlope, kMostSpread * outcomes_.standard_deviation / predictions_.standard_deviation);
    if (most_slope_ <= kAtBound * kLeastMeanSlope) return smeared;
    ROICAST_RETURN_IF_ERROR(WeighBy(smeared));
    ROICAST_ASSIGN_OR_RETURN(const Fit before, Judge(smeared));
    if (choice == MeanChoice::kTested && !(before.contradiction > kChiSquared99)) return smeared;
    ROICAST_ASSIGN_OR_RETURN(double slope, BestOfSlopes());
    FittedTarget fitted = smeared;
    for (int round = 0; round < kReweightings; ++round) {
      if (round > 0) ROICAST_RETURN_IF_ERROR(WeighBy(fitted));
      const double around = round > 0 ? kSlopesAround : StepOfSlopes();
      ROICAST_ASSIGN_OR_RETURN(fitted, FitTermsAndSlope(slope, around, smeared));
      if (!fitted.Validate().ok()) return smeared;
      slope = fitted.mean_slope;
    }
    if (fitted.mean_slope < kAtBound * kLeastMeanSlope || fitted.mean_slope > most_slope_ / kAtBound) return smeared;
    ROICAST_RETURN_IF_ERROR(WeighBy(smeared));
    ROICAST_ASSIGN_OR_RETURN(const Fit weighted_alike, Judge(fitted));
    ROICAST_RETURN_IF_ERROR(WeighBy(fitted));
    ROICAST_ASSIGN_OR_RETURN(const Fit after, Judge(fitted));
    const bool better =
        weighted_alike.squared_error < before.squared_error && after.contradiction < before.contradiction;
    return better ? fitted : smeared;
  }

 private:
  struct Fit {
    double squared_error = 0.0;  // weighted
    double contradiction = 0.0;  // score test of level and slope, χ² of two degrees of freedom
  };

  absl::Status Prepare() {
    std::vector<double> transformed(count_);
    outcome_.resize(count_);
    squared_weight_.resize(count_);
    ROICAST_RETURN_IF_ERROR(ForEachRow(count_, stop_, [&](size_t i) {
      transformed[i] = predicted_[i] + rows_.residuals[i];
      outcome_[i] = std::sinh(std::clamp(transformed[i], -kMaxTransformedTarget, kMaxTransformedTarget));
    }));
    outcomes_ = ComputeMoments(transformed);
    predictions_ = ComputeMoments(predicted_);
    return CheckStop(stop_);
  }

  int64_t Groups() const {
    if (rows_.groups.empty()) return static_cast<int64_t>(count_);
    std::vector<bool> occurs(SlotsOfGroups(), false);
    for (const int64_t group : rows_.groups) occurs[static_cast<size_t>(group)] = true;
    return std::count(occurs.begin(), occurs.end(), true);
  }

  size_t SlotsOfGroups() const {
    return static_cast<size_t>(*std::max_element(rows_.groups.begin(), rows_.groups.end())) + 1;
  }

  // By 1 / √(1 + mean²).
  absl::Status WeighBy(const FittedTarget& target) {
    return ForEachRow(count_, stop_, [&](size_t i) {
      const double mean = target.FromTransformed(predicted_[i]);
      squared_weight_[i] = 1.0 / (1.0 + mean * mean);
    });
  }

  absl::StatusOr<Fit> Judge(const FittedTarget& target) const {
    Fit fit;
    struct Score {
      double level = 0.0, slope = 0.0;
    };
    std::vector<Score> scores(rows_.groups.empty() ? count_ : SlotsOfGroups());
    ROICAST_RETURN_IF_ERROR(ForEachRow(count_, stop_, [&](size_t i) {
      const double error = std::sqrt(squared_weight_[i]) * (outcome_[i] - target.FromTransformed(predicted_[i]));
      Score& score = scores[rows_.groups.empty() ? i : static_cast<size_t>(rows_.groups[i])];
      score.level += error;
      score.slope += error * (predicted_[i] - predictions_.mean) / predictions_.standard_deviation;
      fit.squared_error += error * error;
    }));
    double level = 0.0, slope = 0.0, levels = 0.0, both = 0.0, slopes = 0.0;
    for (const Score& score : scores) {
      level += score.level;
      slope += score.slope;
      levels += score.level * score.level;
      both += score.level * score.slope;
      slopes += score.slope * score.slope;
    }
    const double determinant = levels * slopes - both * both;
    if (determinant > 0.0) {
      fit.contradiction = (slopes * level * level - 2.0 * both * level * slope + levels * slope * slope) / determinant;
    }
    return fit;
  }

  struct Terms {
    double u = 0.0, v = 0.0, error = std::numeric_limits<double>::infinity();
  };

  // The best u and v of a slope, not negative: the least squares of both where they are, else the better one alone.
  // error: the weighted squared error but for Σ w² y².
  absl::StatusOr<Terms> FitTerms(double slope) const {
    double uu = 0.0, uv = 0.0, vv = 0.0, uy = 0.0, vy = 0.0;
    ROICAST_RETURN_IF_ERROR(ForEachRow(count_, stop_, [&](size_t i) {
      const double rising = std::exp(std::clamp(slope * predicted_[i], -kMaxTransformedTarget, kMaxTransformedTarget));
      const double falling = 1.0 / rising, weight = squared_weight_[i], outcome = weight * outcome_[i];
      uu += weight * rising * rising;
      uv -= weight;
      vv += weight * falling * falling;
      uy += outcome * rising;
      vy -= outcome * falling;
    }));
    Terms best;
    const auto consider = [&](double u, double v) {
      if (!(u >= 0.0 && v >= 0.0 && u + v > 0.0)) return;
      const double error = u * (u * uu - 2.0 * uy) + v * (v * vv - 2.0 * vy) + 2.0 * u * v * uv;
      if (error < best.error) best = {u, v, error};
    };
    const double determinant = uu * vv - uv * uv;
    consider(uy / uu, 0.0);
    consider(0.0, vy / vv);
    consider((vv * uy - uv * vy) / determinant, (uu * vy - uv * uy) / determinant);
    return best;
  }

  // The factor between two slopes that BestOfSlopes tries.
  double StepOfSlopes() const { return std::pow(most_slope_ / kLeastMeanSlope, 1.0 / (kSlopes - 1)); }

  absl::StatusOr<double> BestOfSlopes() const {
    double best = kLeastMeanSlope, least = std::numeric_limits<double>::infinity();
    for (int k = 0; k < kSlopes; ++k) {
      const double slope = std::min(most_slope_, kLeastMeanSlope * std::pow(StepOfSlopes(), k));
      ROICAST_ASSIGN_OR_RETURN(const Terms terms, FitTerms(slope));
      if (terms.error >= least) continue;
      least = terms.error;
      best = slope;
    }
    return best;
  }

  // The best slope from one divided by a factor to one multiplied by it: a golden-section search (Kiefer, 1953).
  absl::StatusOr<FittedTarget> FitTermsAndSlope(double slope, double factor, FittedTarget target) const {
    double low = std::max(kLeastMeanSlope, slope / factor), high = std::min(most_slope_, slope * factor);
    constexpr double kGolden = 0.6180339887498949;
    double left = high - kGolden * (high - low), right = low + kGolden * (high - low);
    ROICAST_ASSIGN_OR_RETURN(Terms of_left, FitTerms(left));
    ROICAST_ASSIGN_OR_RETURN(Terms of_right, FitTerms(right));
    for (int i = 0; i < kSlopeRefinements; ++i) {
      if (of_left.error <= of_right.error) {
        high = std::exchange(right, left);
        of_right = of_left;
        left = high - kGolden * (high - low);
        ROICAST_ASSIGN_OR_RETURN(of_left, FitTerms(left));
      } else {
        low = std::exchange(left, right);
        of_left = of_right;
        right = low + kGolden * (high - low);
        ROICAST_ASSIGN_OR_RETURN(of_right, FitTerms(right));
      }
    }
    const bool takes_left = of_left.error <= of_right.error;
    const Terms& terms = takes_left ? of_left : of_right;
    target.mean_slope = takes_left ? left : right;
    target.smear_cosh = terms.u + terms.v;
    target.smear_sinh = terms.u - terms.v;
    return target;
  }

  const MeanRows& rows_;
  const absl::Span<const double> predicted_;
  const size_t count_;
  const StopCheck& stop_;
  std::vector<double> outcome_, squared_weight_;
  Moments predictions_, outcomes_;  // both on the transformed scale
  double most_slope_ = kMostMeanSlope;
};

}  // namespace

absl::Status FitMean(const MeanRows& rows, MeanChoice choice, const StopCheck& stop, FittedTarget& target) {
  ROICAST_CHECK(rows.predicted.size() == rows.residuals.size());
  ROICAST_CHECK(rows.groups.empty() || rows.groups.size() == rows.predicted.size());
  FittedTarget smeared = target;
  smeared.mean_slope = 1.0;
  ROICAST_RETURN_IF_ERROR(FitSmearing(rows.residuals, stop, smeared));
  const bool can = target.kind == TargetKind::kNumber && target.transform == TargetTransform::kAsinh &&
                   target.statistic == PredictionStatistic::kMean && rows.residuals.size() >= kFewestRowsOfMean;
  if (can && choice != MeanChoice::kSmearing) {
    ROICAST_ASSIGN_OR_RETURN(smeared, AsinhMeanFit(rows, stop).Run(choice, smeared));
  }
  target = smeared;
  return absl::OkStatus();
}

}  // namespace roicast
