#include <cmath>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "model/artifact/enum_map.h"
#include "model/artifact/proto_conversion.h"

namespace roicast {
namespace {

google::protobuf::Duration DurationToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  absl::Duration rest;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

v1::ColumnOverride ColumnOverrideToProto(const ColumnOverride& column) {
  v1::ColumnOverride proto;
  proto.set_name(column.name);
  if (column.kind) proto.set_kind(FeatureKindToProto(*column.kind));
  proto.set_exclude(column.exclude);
  proto.set_include(column.include);
  proto.set_transform(NumericTransformToProto(column.transform));
  proto.set_group(EnumToProto(kFeatureGroups, column.group));
  proto.set_unit(column.unit);
  if (column.allowed.has_value()) {
    proto.mutable_allowed();
    if (std::isfinite(column.allowed->min)) proto.mutable_allowed()->set_min(column.allowed->min);
    if (std::isfinite(column.allowed->max)) proto.mutable_allowed()->set_max(column.allowed->max);
  }
  return proto;
}

v1::CleaningOptions CleaningToProto(const CleaningOptions& cleaning) {
  v1::CleaningOptions proto;
  proto.set_missing(EnumToProto(kMissingPolicies, cleaning.missing));
  proto.set_copies(EnumToProto(kCopyPolicies, cleaning.copies));
  proto.set_fence_method(EnumToProto(kFenceMethods, cleaning.fence_method));
  proto.set_outlier_policy(EnumToProto(kOutlierPolicies, cleaning.outlier_policy));
  proto.set_fence_quantile(cleaning.fence_quantile);
  proto.set_iqr_factor(cleaning.iqr_factor);
  for (const OutlierRule& rule : cleaning.outlier_rules) {
    v1::OutlierRule* out = proto.add_outlier_rules();
    out->set_column(rule.column);
    out->set_method(EnumToProto(kFenceMethods, rule.method));
    out->set_policy(EnumToProto(kOutlierPolicies, rule.policy));
  }
  if (!cleaning.until.column.empty()) {
    proto.mutable_until()->set_column(cleaning.until.column);
    proto.mutable_until()->set_time(cleaning.until.time);
  }
  if (!cleaning.hampel.time_column.empty()) {
    v1::HampelFilter* hampel = proto.mutable_hampel();
    hampel->set_time_column(cleaning.hampel.time_column);
    hampel->set_group_column(cleaning.hampel.group_column);
    for (const std::string& column : cleaning.hampel.columns) hampel->add_columns(column);
    hampel->set_half_window(cleaning.hampel.half_window);
    hampel->set_threshold(cleaning.hampel.threshold);
  }
  return proto;
}

v1::SplitSpec SplitToProto(const SplitSpec& split) {
  v1::SplitSpec proto;
  switch (split.holdout) {
    case SplitSpec::Holdout::kRandom:
      proto.set_holdout_fraction(split.holdout_fraction);
      break;
    case SplitSpec::Holdout::kByTime:
      proto.mutable_by_time()->set_column(split.column);
      proto.mutable_by_time()->set_fraction(split.holdout_fraction);
      break;
    case SplitSpec::Holdout::kByValue:
      proto.mutable_by_value()->set_column(split.column);
      proto.mutable_by_value()->set_value(split.value);
      break;
    case SplitSpec::Holdout::kByGroup:
      proto.mutable_by_group()->set_column(split.column);
      proto.mutable_by_group()->set_fraction(split.holdout_fraction);
      break;
  }
  proto.set_validation_fraction(split.validation_fraction);
  proto.set_seed(static_cast<int64_t>(split.seed));
  return proto;
}

v1::PreprocessingOptions PreprocessingToProto(const TrainingSpec& spec) {
  v1::PreprocessingOptions proto;
  proto.set_scale(EnumToProto(kNumericScales, spec.preprocessing.scale));
  proto.set_target_transform(EnumToProto(kTargetTransforms, spec.target_transform));
  proto.set_statistic(EnumToProto(kStatistics, spec.statistic));
  proto.set_min_category_count(spec.preprocessing.min_category_count);
  proto.set_max_vocabulary(spec.preprocessing.max_vocabulary);
  proto.set_hour_of_day(spec.preprocessing.hour_of_day);
  return proto;
}

v1::NetworkOptions NetworkToProto(const TrainingSpec& spec) {
  const NetworkOptions& network = spec.network;
  v1::NetworkOptions proto;
  for (const int units : network.hidden) proto.add_hidden(units);
  proto.set_linear(network.hidden.empty() && spec.preset != Preset::kAttention);
  proto.set_activation(ActivationToProto(network.activation));
  if (!spec.ChoosesCapacity() || spec.preset == Preset::kAttention) proto.set_dropout(network.dropout);
  return proto;
}

v1::TrainingOptions TrainingToProto(const TrainingSpec& spec) {
  const TrainingOptions& training = spec.training;
  v1::TrainingOptions proto;
  proto.set_loss(EnumToProto(kLosses, training.loss));
  proto.set_huber_delta(training.huber_delta);
  proto.set_optimizer(EnumToProto(kOptimizers, training.optimizer));
  proto.set_learning_rate(training.learning_rate);
  proto.set_momentum(training.momentum);
  proto.set_schedule(EnumToProto(kSchedules, training.schedule));
  // What is chosen stays unset, so that the same spec chooses again.
  if (!spec.ChoosesCapacity()) {
    proto.set_warmup_epochs(training.warmup_epochs);
    proto.set_epochs(training.epochs);
  }
  if (!spec.ChoosesCapacity() || spec.preset == Preset::kAttention) {
    proto.set_weight_decay(training.weight_decay);
    proto.set_patience(training.patience);
  }
  proto.set_batch_size(training.batch_size);
  proto.set_l1(training.l1);
  proto.set_l2(training.l2);
  proto.set_gradient_clip_norm(training.gradient_clip_norm);
  if (spec.time_limit != absl::InfiniteDuration()) *proto.mutable_time_limit() = DurationToProto(spec.time_limit);
  proto.set_seed(static_cast<int64_t>(training.seed));
  proto.set_warm_start_version(spec.warm_start_version);
  return proto;
}

v1::ExtraOptions ExtraToProto(const ExtraOptions& extra) {
  v1::ExtraOptions proto;
  proto.set_folds(extra.folds);
  if (extra.time_budget != ExtraOptions().time_budget) {
    *proto.mutable_time_budget() = DurationToProto(extra.time_budget);
  }
  proto.set_distill(extra.distill);
  proto.set_select_features(extra.select_features);
  proto.set_diminishing_returns(extra.diminishing_returns);
  proto.set_interval_group(extra.interval_group);
  if (extra.class_threshold.has_value()) proto.set_class_threshold(*extra.class_threshold);
  return proto;
}

}  // namespace

v1::TargetSpec TargetSpecToProto(const TargetSpec& spec) {
  v1::TargetSpec proto;
  proto.set_column(spec.column);
  proto.set_revenue_column(spec.revenue_column);
  proto.set_spend_column(spec.spend_column);
  proto.set_roas_column(spec.roas_column);
  // The default stays unset, so that specs from before it existed keep their bytes.
  if (spec.blank_revenue != BlankRevenue::kMissing) {
    proto.set_blank_revenue(EnumToProto(kBlankRevenues, spec.blank_revenue));
  }
  proto.set_kind(EnumToProto(kTargetKinds, spec.kind));
  proto.set_positive_value(spec.positive_value);
  return proto;
}

v1::TrainingSpec TrainingSpecToProto(const TrainingSpec& spec) {
  v1::TrainingSpec proto;
  proto.set_model(spec.model);
  proto.set_dataset_digest(spec.dataset_digest);
  *proto.mutable_target() = TargetSpecToProto(spec.target);
  for (const ColumnOverride& column : spec.columns) *proto.add_columns() = ColumnOverrideToProto(column);
  *proto.mutable_cleaning() = CleaningToProto(spec.cleaning);
  *proto.mutable_split() = SplitToProto(spec.split);
  *proto.mutable_preprocessing() = PreprocessingToProto(spec);
  proto.set_preset(EnumToProto(kPresets, spec.preset));
  *proto.mutable_network() = NetworkToProto(spec);
  *proto.mutable_training() = TrainingToProto(spec);
  proto.set_weight_column(spec.weight_column);
  proto.set_profit_threshold(spec.profit_threshold);
  proto.set_campaign_schema(spec.campaign_schema);
  // Unset where nothing is asked for, so that specs from before it existed keep their bytes.
  if (spec.extra != ExtraOptions()) *proto.mutable_extra() = ExtraToProto(spec.extra);
  return proto;
}

v1::Provenance ProvenanceToProto(const Provenance& provenance) {
  v1::Provenance proto;
  proto.set_roicast_version(provenance.roicast_version);
  proto.set_dataset_digest(provenance.dataset_digest);
  *proto.mutable_spec() = TrainingSpecToProto(provenance.spec);
  return proto;
}

}  // namespace roicast
