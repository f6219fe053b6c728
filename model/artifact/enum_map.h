// Tables that map our enums to those of the protos. A table that lacks one of our enumerators does not compile.
#pragma once

#include <optional>

#include "base/check.h"
#include "base/enumerators.h"
#include "model/artifact/proto_conversion.h"

namespace roicast {

template <typename Ours, typename Proto>
struct EnumPair {
  Ours ours;
  Proto proto;
};

inline constexpr EnumPair<FeatureKind, v1::FeatureKind> kFeatureKinds[] = {
    {FeatureKind::kNumeric, v1::FEATURE_KIND_NUMERIC},
    {FeatureKind::kCategorical, v1::FEATURE_KIND_CATEGORICAL},
    {FeatureKind::kTime, v1::FEATURE_KIND_TIME}};
inline constexpr EnumPair<FeatureGroup, v1::FeatureGroup> kFeatureGroups[] = {
    {FeatureGroup::kUnspecified, v1::FEATURE_GROUP_UNSPECIFIED},
    {FeatureGroup::kBehaviour, v1::FEATURE_GROUP_BEHAVIOUR},
    {FeatureGroup::kProduct, v1::FEATURE_GROUP_PRODUCT},
    {FeatureGroup::kAd, v1::FEATURE_GROUP_AD},
    {FeatureGroup::kContext, v1::FEATURE_GROUP_CONTEXT}};
inline constexpr EnumPair<NumericTransform, v1::NumericTransform> kNumericTransforms[] = {
    {NumericTransform::kAuto, v1::NUMERIC_TRANSFORM_UNSPECIFIED},
    {NumericTransform::kNone, v1::NUMERIC_TRANSFORM_NONE},
    {NumericTransform::kLog1p, v1::NUMERIC_TRANSFORM_LOG1P},
    {NumericTransform::kAsinh, v1::NUMERIC_TRANSFORM_ASINH}};
inline constexpr EnumPair<NumericScale, v1::NumericScale> kNumericScales[] = {
    {NumericScale::kStandard, v1::NUMERIC_SCALE_STANDARD}, {NumericScale::kRobust, v1::NUMERIC_SCALE_ROBUST}};
inline constexpr EnumPair<TargetTransform, v1::TargetTransform> kTargetTransforms[] = {
    {TargetTransform::kAuto, v1::TARGET_TRANSFORM_UNSPECIFIED},
    {TargetTransform::kNone, v1::TARGET_TRANSFORM_NONE},
    {TargetTransform::kAsinh, v1::TARGET_TRANSFORM_ASINH},
    {TargetTransform::kLog1p, v1::TARGET_TRANSFORM_LOG1P}};
inline constexpr EnumPair<PredictionStatistic, v1::PredictionStatistic> kStatistics[] = {
    {PredictionStatistic::kMean, v1::PREDICTION_STATISTIC_MEAN},
    {PredictionStatistic::kMedian, v1::PREDICTION_STATISTIC_MEDIAN}};
// The proto has no value of its own for kIdentity.
inline constexpr EnumPair<Activation, v1::Activation> kActivations[] = {
    {Activation::kIdentity, v1::ACTIVATION_UNSPECIFIED},
    {Activation::kRelu, v1::ACTIVATION_RELU},
    {Activation::kLeakyRelu, v1::ACTIVATION_LEAKY_RELU},
    {Activation::kGelu, v1::ACTIVATION_GELU},
    {Activation::kSilu, v1::ACTIVATION_SILU},
    {Activation::kMish, v1::ACTIVATION_MISH},
    {Activation::kTanh, v1::ACTIVATION_TANH}};
// The proto has no value for kLogistic, which follows from the target's kind and is in no spec.
inline constexpr EnumPair<Loss, v1::Loss> kLosses[] = {{Loss::kSquared, v1::LOSS_SQUARED},
                                                       {Loss::kAbsolute, v1::LOSS_ABSOLUTE},
                                                       {Loss::kHuber, v1::LOSS_HUBER},
                                                       {Loss::kLogistic, v1::LOSS_UNSPECIFIED}};
inline constexpr EnumPair<Optimizer, v1::Optimizer> kOptimizers[] = {{Optimizer::kSgd, v1::OPTIMIZER_SGD},
                                                                     {Optimizer::kAdam, v1::OPTIMIZER_ADAM},
                                                                     {Optimizer::kAdamW, v1::OPTIMIZER_ADAMW}};
inline constexpr EnumPair<Schedule, v1::Schedule> kSchedules[] = {{Schedule::kConstant, v1::SCHEDULE_CONSTANT},
                                                                  {Schedule::kCosine, v1::SCHEDULE_COSINE}};
inline constexpr EnumPair<Preset, v1::Preset> kPresets[] = {{Preset::kCompact, v1::PRESET_COMPACT},
                                                            {Preset::kClassic, v1::PRESET_CLASSIC},
                                                            {Preset::kClassicFullBatch, v1::PRESET_CLASSIC_FULL_BATCH},
                                                            {Preset::kAttention, v1::PRESET_ATTENTION},
                                                            {Preset::kAccurate, v1::PRESET_ACCURATE},
                                                            {Preset::kAuto, v1::PRESET_AUTO}};
inline constexpr EnumPair<MissingPolicy, v1::MissingPolicy> kMissingPolicies[] = {
    {MissingPolicy::kImpute, v1::MISSING_POLICY_IMPUTE}, {MissingPolicy::kDrop, v1::MISSING_POLICY_DROP}};
inline constexpr EnumPair<TargetKind, v1::TargetKind> kTargetKinds[] = {
    {TargetKind::kAuto, v1::TARGET_KIND_UNSPECIFIED},
    {TargetKind::kNumber, v1::TARGET_KIND_NUMBER},
    {TargetKind::kTwoValued, v1::TARGET_KIND_TWO_VALUED},
    {TargetKind::kZeroHeavy, v1::TARGET_KIND_ZERO_HEAVY}};
inline constexpr EnumPair<BlankRevenue, v1::BlankRevenue> kBlankRevenues[] = {
    {BlankRevenue::kMissing, v1::BLANK_REVENUE_MISSING}, {BlankRevenue::kZero, v1::BLANK_REVENUE_ZERO}};
inline constexpr EnumPair<CopyPolicy, v1::CopyPolicy> kCopyPolicies[] = {
    {CopyPolicy::kAuto, v1::COPY_POLICY_UNSPECIFIED},
    {CopyPolicy::kKeep, v1::COPY_POLICY_KEEP},
    {CopyPolicy::kDrop, v1::COPY_POLICY_DROP}};
inline constexpr EnumPair<FenceMethod, v1::FenceMethod> kFenceMethods[] = {
    {FenceMethod::kNone, v1::FENCE_METHOD_NONE},
    {FenceMethod::kQuantile, v1::FENCE_METHOD_QUANTILE},
    {FenceMethod::kIqr, v1::FENCE_METHOD_IQR}};
inline constexpr EnumPair<OutlierPolicy, v1::OutlierPolicy> kOutlierPolicies[] = {
    {OutlierPolicy::kClip, v1::OUTLIER_POLICY_CLIP}, {OutlierPolicy::kDrop, v1::OUTLIER_POLICY_DROP}};

template <typename Ours, typename Proto, size_t n>
Proto EnumToProto(const EnumPair<Ours, Proto> (&pairs)[n], Ours ours) {
  static_assert(n == kEnumerators<Ours>, "the table lacks one of our enumerators");
  const EnumPair<Ours, Proto>* pair = pairs;
  while (pair != pairs + n && pair->ours != ours) ++pair;
  ROICAST_CHECK(pair != pairs + n);
  return pair->proto;
}

// nullopt if the table lacks the value, such as one from a later release.
template <typename Ours, typename Proto, size_t n>
std::optional<Ours> EnumFromProto(const EnumPair<Ours, Proto> (&pairs)[n], Proto proto) {
  for (const auto& pair : pairs) {
    if (pair.proto == proto) return pair.ours;
  }
  return std::nullopt;
}

}  // namespace roicast
