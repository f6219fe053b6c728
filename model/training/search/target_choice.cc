#include "model/training/search/target_choice.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/evaluation/metrics.h"
#include "model/training/fit/learn_target.h"
#include "model/training/fit/network_fit.h"

namespace roicast {
namespace {

constexpr int64_t kStepsOfScale = 5'000;
// As indices of Candidate: small and usual ones, with and without ramps.
constexpr Candidate kOfScale[] = {{0, 1, 1, 1}, {2, 1, 1, 1}, {2, 2, 2, 1}};

double LogDerivative(TargetTransform transform, double roi) {
  switch (transform) {
    case TargetTransform::kAuto:
    case TargetTransform::kNone:
      return 0.0;
    case TargetTransform::kAsinh:
      return -0.5 * std::log1p(roi * roi);
    case TargetTransform::kLog1p:
      return -std::log1p(std::max(roi, kMinLog1pRoi));
  }
  return 0.0;
}

double MeanDensity(absl::Span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

struct Scale {
  TargetTransform transform;
  std::vector<double> log_densities;  // of the best candidate
  double constant = 0.0;              // mean log density of a constant
  std::string name;
  double seconds = 0.0;
};

class Comparison {
 public:
  Comparison(const RowEncoder& encode, const TrainingSpec& spec, double most_seconds, FitJournal& journal)
      : encode_(encode), spec_(spec), most_seconds_(most_seconds), journal_(journal) {}

  absl::StatusOr<TargetChoice> Run() {
    TargetChoice choice;
    choice.transform = spec_.target_transform;
    if (spec_.target_transform != TargetTransform::kAuto || spec_.training.loss == Loss::kLogistic) return choice;
    ROICAST_ASSIGN_OR_RETURN(const EncodedRows usual, encode_({0, TargetTransform::kAuto}));
    std::vector<Scale> scales;
    for (const TargetTransform transform : Order(usual.target.transform)) {
      const absl::Status status = Try(transform, scales);
      // log1p of a total loss.
      if (absl::IsInvalidArgument(status) && transform == TargetTransform::kLog1p) continue;
      ROICAST_RETURN_IF_ERROR(status);
      if (journal_.out_of_time() || scales.empty()) return choice;
    }
    return Choose(scales);
  }

 private:
  static std::vector<TargetTransform> Order(TargetTransform usual) {
    std::vector<TargetTransform> order{usual};
    for (const auto other : {TargetTransform::kNone, TargetTransform::kAsinh, TargetTransform::kLog1p}) {
      if (other != usual) order.push_back(other);
    }
    return order;
  }

  // Adds nothing if it takes too long.
  absl::Status Try(TargetTransform transform, std::vector<Scale>& scales) {
    FoldTrials trials(encode_, transform, spec_, journal_);
    ROICAST_RETURN_IF_ERROR(trials.Begin());
    std::vector<Trial> own;
    double seconds = 0.0;
    for (const Candidate& candidate : kOfScale) {
      ROICAST_ASSIGN_OR_RETURN(const std::optional<int> inputs, trials.Inputs(candidate.RampCount()));
      if (!inputs.has_value()) continue;
      seconds +=
          trials.LinearSeconds(candidate.RampCount()) + trials.Seconds(candidate, kStepsOfScale, 0, kEnsembleMembers);
      own.push_back({candidate, kStepsOfScale, 0, {}, {}, 0.0, 0.0, 0.0});
    }
    // Of all three scales.
    if (own.empty() || 3.0 * seconds > most_seconds_) return absl::OkStatus();
    journal_.SetStep(absl::StrCat("scale of the target: ", TargetTransformName(transform)));
    std::vector<Trial*> pointers;
    for (Trial& trial : own) pointers.push_back(&trial);
    ROICAST_RETURN_IF_ERROR(trials.Extend(pointers, kEnsembleMembers, {}));
    if (journal_.out_of_time()) return absl::OkStatus();
    Scale scale{transform,
                {},
                MeanDensity(LogDensities(trials.target(), trials.roi(), Zeros(trials.roi().size()))),
                "",
                seconds};
    for (const Trial& trial : own) {
      std::vector<double> densities = LogDensities(trials.target(), trials.roi(), trials.OutOfFold(trial));
      if (!scale.log_densities.empty() && MeanDensity(densities) <= MeanDensity(scale.log_densities)) continue;
      scale.log_densities = std::move(densities);
      scale.name = absl::StrCat("target ", TargetTransformName(transform), ": ", trial.share == 0.0 ? "linear, " : "",
                                trial.candidate.Name(), ", ", trial.steps, " steps");
    }
    scales.push_back(std::move(scale));
    return absl::OkStatus();
  }

  static std::vector<double> Zeros(size_t rows) { return std::vector<double>(rows, 0.0); }

  static TargetChoice Choose(const std::vector<Scale>& scales) {
    TargetChoice choice;
    const Scale& usual = scales.front();
    const Scale* best = &usual;
    double gain = 0.0;
    for (const Scale& scale : scales) {
      choice.seconds += scale.seconds;
      // In a unit that people know: of the usual scale it is 1 − squared error / squared error of the mean.
      const double score = 1.0 - std::exp(2.0 * (usual.constant - MeanDensity(scale.log_densities)));
      choice.tried.push_back({scale.name, score, scale.seconds, 0.0});
      std::vector<double> gains;
      for (size_t i = 0; i < usual.log_densities.size(); ++i) {
        gains.push_back(scale.log_densities[i] - usual.log_densities[i]);
      }
      const double mean = MeanDensity(gains);
      double squares = 0.0;
      for (const double each : gains) squares += (each - mean) * (each - mean);
      const double rows = static_cast<double>(gains.size());
      if (mean > gain && mean > kNormalQuantile95 * std::sqrt(squares) / rows) {
        best = &scale;
        gain = mean;
      }
    }
    choice.transform = best->transform;
    if (best != &usual) {
      choice.remark = absl::StrFormat(
          "the target is learnt on the scale %s instead of %s: on rows that were not learnt from, errors there are "
          "nearer to normal (%.3f more log likelihood a row)",
          TargetTransformName(best->transform), TargetTransformName(usual.transform), gain);
    }
    return choice;
  }

  const RowEncoder& encode_;
  const TrainingSpec& spec_;
  const double most_seconds_;
  FitJournal& journal_;
};

}  // namespace

std::vector<double> LogDensities(const FittedTarget& target, absl::Span<const double> roi, absl::Span<const double> z) {
  ROICAST_CHECK(!roi.empty() && roi.size() == z.size());
  constexpr double kLogTwoPi = 1.8378770664093453;
  constexpr double kLeastVariance = 1e-12;
  std::vector<double> errors;
  double squares = 0.0;
  for (size_t i = 0; i < roi.size(); ++i) {
    errors.push_back(target.Standardise(roi[i]) - z[i]);
    squares += errors.back() * errors.back();
  }
  const double variance = std::max(kLeastVariance, squares / static_cast<double>(roi.size()));
  std::vector<double> densities;
  for (size_t i = 0; i < roi.size(); ++i) {
    densities.push_back(-0.5 * (kLogTwoPi + std::log(variance) + errors[i] * errors[i] / variance) -
                        std::log(target.factor) + LogDerivative(target.transform, roi[i]));
  }
  return densities;
}

absl::StatusOr<TargetChoice> ChooseTarget(const RowEncoder& encode, const TrainingSpec& spec, double most_seconds,
                                          FitJournal& journal) {
  return Comparison(encode, spec, most_seconds, journal).Run();
}

}  // namespace roicast
