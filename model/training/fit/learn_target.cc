#include "model/training/fit/learn_target.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

absl::Status CheckKind(const FittedTarget& warm_start, const PreparedData& data) {
  if (warm_start.kind == TargetKind::kZeroHeavy) {
    return absl::InvalidArgumentError(
        "training.warm_start_version: expected a version with one network, got a two-part one; train it anew");
  }
  const bool was = warm_start.kind == TargetKind::kTwoValued, is = data.target.kind == TargetKind::kTwoValued;
  if (was == is) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("training.warm_start_version: expected a version that predicts ",
                   is ? "one of two values, as the target is" : "a number, as the target is", ", got one of ",
                   was ? "two values" : "a number"));
}

// A transform that would be ignored is refused.
absl::Status CheckTransform(const PreparedData& data, TargetTransform wanted, const Artifact* warm_start) {
  const auto expected = [wanted](absl::string_view transform, absl::string_view of) {
    return absl::InvalidArgumentError(absl::StrCat("preprocessing.target_transform (--target-transform): expected ",
                                                   transform, ", ", of, ", got ", TargetTransformName(wanted)));
  };
  if (wanted == TargetTransform::kAuto) return absl::OkStatus();
  if (data.target.kind == TargetKind::kTwoValued) {
    if (wanted == TargetTransform::kNone) return absl::OkStatus();
    return expected("none", "as the target has two values");
  }
  if (warm_start == nullptr || warm_start->target.transform == wanted) return absl::OkStatus();
  return expected(TargetTransformName(warm_start->target.transform), "as the version has that the warm start is from");
}

}  // namespace

absl::string_view TargetTransformName(TargetTransform transform) {
  switch (transform) {
    case TargetTransform::kAuto:
      return "auto";
    case TargetTransform::kNone:
      return "none";
    case TargetTransform::kAsinh:
      return "asinh";
    case TargetTransform::kLog1p:
      return "log1p";
  }
  return "";
}

absl::StatusOr<FittedTarget> LearnTarget(const PreparedData& data, absl::Span<const int64_t> train,
                                         const TrainingSpec& spec, const Artifact* warm_start,
                                         const FittedTarget* earlier) {
  ROICAST_RETURN_IF_ERROR(CheckTransform(data, spec.target_transform, warm_start));
  if (warm_start != nullptr) {
    ROICAST_RETURN_IF_ERROR(CheckKind(warm_start->target, data));
    FittedTarget target = warm_start->target;
    target.statistic = spec.statistic;
    return target;
  }
  if (data.target.kind == TargetKind::kTwoValued) return TwoValuedTarget();
  return FitTarget(data.RoiOf(train), earlier == nullptr ? spec.target_transform : earlier->transform, spec.statistic);
}

double LearnFloor(const PreparedData& data) {
  std::vector<double> roi;
  for (const std::vector<int64_t>* rows : {&data.split.train, &data.split.validation, &data.split.holdout}) {
    const std::vector<double> part = data.RoiOf(*rows);
    roi.insert(roi.end(), part.begin(), part.end());
  }
  return RoiFloor(roi);
}

absl::string_view TargetScaleOf(const FittedTarget& target) {
  if (target.kind == TargetKind::kTwoValued) return "the deviance";
  switch (target.transform) {
    case TargetTransform::kAsinh:
      return "asinh(target)";
    case TargetTransform::kLog1p:
      return "log1p(target)";
    case TargetTransform::kAuto:  // which a fitted target never has
    case TargetTransform::kNone:
      break;
  }
  return "";
}

}  // namespace roicast
