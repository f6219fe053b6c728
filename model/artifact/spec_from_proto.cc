#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/model_name.h"
#include "base/status_macros.h"
#include "model/artifact/enum_map.h"
#include "model/artifact/proto_conversion.h"

namespace roicast {
namespace {

// Reads the fields of one message; its status reports the first invalid one.
class FieldReader {
 public:
  explicit FieldReader(absl::string_view path) : path_(path) {}

  // UNSPECIFIED keeps the default.
  template <typename Ours, typename Proto, size_t n>
  void Enum(absl::string_view field, const EnumPair<Ours, Proto> (&pairs)[n], Proto proto, Ours& value) {
    if (static_cast<int>(proto) == 0) return;
    if (const auto ours = EnumFromProto(pairs, proto)) {
      value = *ours;
    } else {
      // A name: the API has it, but this release cannot do it yet.
      const google::protobuf::EnumValueDescriptor* const known =
          google::protobuf::GetEnumDescriptor<Proto>()->FindValueByNumber(static_cast<int>(proto));
      Fail(field, "a value known to this release",
           known != nullptr ? known->name() : absl::StrCat(static_cast<int>(proto)));
    }
  }

  template <typename From, typename To>
  void Number(absl::string_view field, bool valid, absl::string_view expected, From number, To& value) {
    if (valid) {
      value = static_cast<To>(number);
    } else {
      Fail(field, expected, absl::StrCat(number));
    }
  }

  void Fail(absl::string_view field, absl::string_view expected, absl::string_view got) {
    if (!status_.ok()) return;
    status_ = absl::InvalidArgumentError(absl::StrCat(path_, ".", field, ": expected ", expected, ", got ", got));
  }

  const absl::Status& status() const { return status_; }

 private:
  std::string path_;
  absl::Status status_;
};

bool Finite(double x) { return std::isfinite(x); }
bool IsShare(double x, double limit) { return x >= 0.0 && x <= limit; }
bool AtLeastZero(double x) { return Finite(x) && x >= 0.0; }
bool Positive(double x) { return Finite(x) && x > 0.0; }

absl::StatusOr<ColumnOverride> ColumnOverrideFromProto(const v1::ColumnOverride& proto, absl::string_view path) {
  FieldReader reader(path);
  ColumnOverride column;
  column.name = proto.name();
  if (column.name.empty()) reader.Fail("name", "a column's name", "\"\"");
  if (proto.kind() != v1::FEATURE_KIND_UNSPECIFIED) {
    FeatureKind kind = FeatureKind::kNumeric;
    reader.Enum("kind", kFeatureKinds, proto.kind(), kind);
    column.kind = kind;
  }
  column.exclude = proto.exclude();
  column.include = proto.include();
  if (column.exclude && column.include) reader.Fail("include", "false where exclude is set", "true");
  reader.Enum("transform", kNumericTransforms, proto.transform(), column.transform);
  reader.Enum("group", kFeatureGroups, proto.group(), column.group);
  column.unit = proto.unit();
  if (proto.has_allowed()) {
    ValueRange range;
    if (proto.allowed().has_min()) range.min = proto.allowed().min();
    if (proto.allowed().has_max()) range.max = proto.allowed().max();
    if (!(range.min <= range.max)) {
      reader.Fail("allowed", "min up to max", absl::StrCat(range.min, " to ", range.max));
    }
    column.allowed = range;
  }
  if (!reader.status().ok()) return reader.status();
  return column;
}

absl::Status ReadHampel(const v1::HampelFilter& proto, absl::string_view path, HampelOptions& hampel) {
  FieldReader reader(path);
  hampel.time_column = proto.time_column();
  hampel.group_column = proto.group_column();
  hampel.columns.assign(proto.columns().begin(), proto.columns().end());
  if (proto.half_window() != 0) {
    reader.Number("half_window", proto.half_window() > 0 && proto.half_window() <= 1000, "1 to 1000",
                  proto.half_window(), hampel.half_window);
  }
  if (proto.threshold() != 0.0) {
    reader.Number("threshold", Positive(proto.threshold()), "> 0", proto.threshold(), hampel.threshold);
  }
  return reader.status();
}

absl::Status ReadCleaning(const v1::CleaningOptions& proto, absl::string_view path, CleaningOptions& cleaning) {
  FieldReader reader(path);
  reader.Enum("missing", kMissingPolicies, proto.missing(), cleaning.missing);
  reader.Enum("copies", kCopyPolicies, proto.copies(), cleaning.copies);
  reader.Enum("fence_method", kFenceMethods, proto.fence_method(), cleaning.fence_method);
  reader.Enum("outlier_policy", kOutlierPolicies, proto.outlier_policy(), cleaning.outlier_policy);
  if (proto.fence_quantile() != 0.0) {
    reader.Number("fence_quantile", proto.fence_quantile() > 0.0 && proto.fence_quantile() < 0.5,
                  "above 0 and below 0.5", proto.fence_quantile(), cleaning.fence_quantile);
  }
  if (proto.iqr_factor() != 0.0) {
    reader.Number("iqr_factor", Positive(proto.iqr_factor()), "> 0", proto.iqr_factor(), cleaning.iqr_factor);
  }
  for (int i = 0; i < proto.outlier_rules_size(); ++i) {
    const v1::OutlierRule& rule = proto.outlier_rules(i);
    OutlierRule& out = cleaning.outlier_rules.emplace_back();
    out.column = rule.column();
    out.method = cleaning.fence_method;
    out.policy = cleaning.outlier_policy;
    reader.Enum(absl::StrCat("outlier_rules[", i, "].method"), kFenceMethods, rule.method(), out.method);
    reader.Enum(absl::StrCat("outlier_rules[", i, "].policy"), kOutlierPolicies, rule.policy(), out.policy);
  }
  ROICAST_RETURN_IF_ERROR(reader.status());
  cleaning.until.column = proto.until().column();
  cleaning.until.time = proto.until().time();
  if (!cleaning.until.column.empty() && !LastTimeUntil(cleaning.until.time).has_value()) {
    reader.Fail("until.time", "a time as YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS",
                absl::StrCat("\"", cleaning.until.time, "\""));
    return reader.status();
  }
  return ReadHampel(proto.hampel(), absl::StrCat(path, ".hampel"), cleaning.hampel);
}

absl::Status ReadSplit(const v1::SplitSpec& proto, absl::string_view path, SplitSpec& split) {
  FieldReader reader(path);
  switch (proto.holdout_case()) {
    case v1::SplitSpec::HOLDOUT_NOT_SET:
      break;
    case v1::SplitSpec::kHoldoutFraction:
      split.holdout = SplitSpec::Holdout::kRandom;
      reader.Number("holdout_fraction", IsShare(proto.holdout_fraction(), 0.9), "0 to 0.9", proto.holdout_fraction(),
                    split.holdout_fraction);
      break;
    case v1::SplitSpec::kByTime:
      split.holdout = SplitSpec::Holdout::kByTime;
      split.column = proto.by_time().column();
      if (split.column.empty()) reader.Fail("by_time.column", "a column's name", "\"\"");
      reader.Number("by_time.fraction", proto.by_time().fraction() > 0.0 && proto.by_time().fraction() <= 0.9,
                    "above 0, up to 0.9", proto.by_time().fraction(), split.holdout_fraction);
      break;
    case v1::SplitSpec::kByValue:
      split.holdout = SplitSpec::Holdout::kByValue;
      split.column = proto.by_value().column();
      split.value = proto.by_value().value();
      if (split.column.empty()) reader.Fail("by_value.column", "a column's name", "\"\"");
      break;
    case v1::SplitSpec::kByGroup:
      split.holdout = SplitSpec::Holdout::kByGroup;
      split.column = proto.by_group().column();
      if (split.column.empty()) reader.Fail("by_group.column", "a column's name", "\"\"");
      if (proto.by_group().fraction() == 0.0) break;
      reader.Number("by_group.fraction", proto.by_group().fraction() > 0.0 && proto.by_group().fraction() <= 0.9,
                    "above 0, up to 0.9", proto.by_group().fraction(), split.holdout_fraction);
      break;
  }
  if (proto.has_validation_fraction()) {
    reader.Number("validation_fraction", IsShare(proto.validation_fraction(), 0.9), "0 to 0.9",
                  proto.validation_fraction(), split.validation_fraction);
  }
  if (proto.has_seed()) split.seed = static_cast<uint64_t>(proto.seed());
  return reader.status();
}

absl::Status ReadPreprocessing(const v1::PreprocessingOptions& proto, absl::string_view path, TrainingSpec& spec) {
  FieldReader reader(path);
  reader.Enum("scale", kNumericScales, proto.scale(), spec.preprocessing.scale);
  reader.Enum("target_transform", kTargetTransforms, proto.target_transform(), spec.target_transform);
  reader.Enum("statistic", kStatistics, proto.statistic(), spec.statistic);
  if (proto.min_category_count() != 0) {
    reader.Number("min_category_count", proto.min_category_count() > 0, "≥ 1", proto.min_category_count(),
                  spec.preprocessing.min_category_count);
  }
  if (proto.max_vocabulary() != 0) {
    reader.Number("max_vocabulary", proto.max_vocabulary() > 0 && proto.max_vocabulary() <= kMaxVocabulary,
                  absl::StrCat("1 to ", kMaxVocabulary), proto.max_vocabulary(), spec.preprocessing.max_vocabulary);
  }
  spec.preprocessing.hour_of_day = proto.hour_of_day();
  return reader.status();
}

absl::Status ReadNetwork(const v1::NetworkOptions& proto, absl::string_view path, NetworkOptions& network) {
  FieldReader reader(path);
  if (proto.linear() && proto.hidden_size() > 0)
    reader.Fail("hidden", "none where linear is set", absl::StrCat(proto.hidden_size(), " layers"));
  if (proto.hidden_size() > 16) reader.Fail("hidden", "0 to 16 layers", absl::StrCat(proto.hidden_size(), " layers"));
  for (int i = 0; i < proto.hidden_size(); ++i) {
    if (proto.hidden(i) < 1 || proto.hidden(i) > 4096) {
      reader.Fail(absl::StrCat("hidden[", i, "]"), "1 to 4096 units", absl::StrCat(proto.hidden(i)));
    }
  }
  if (proto.linear()) network.hidden.clear();
  if (proto.hidden_size() > 0) network.hidden.assign(proto.hidden().begin(), proto.hidden().end());
  reader.Enum("activation", kActivations, proto.activation(), network.activation);
  if (proto.has_dropout()) {
    reader.Number("dropout", proto.dropout() >= 0.0 && proto.dropout() < 1.0, "at least 0 and below 1", proto.dropout(),
                  network.dropout);
  }
  return reader.status();
}

void ReadDuration(absl::string_view field, const google::protobuf::Duration& proto, FieldReader& reader,
                  absl::Duration& duration) {
  const bool valid = proto.seconds() >= 0 && proto.seconds() <= 315576000000 && proto.nanos() >= 0 &&
                     proto.nanos() <= 999999999 && (proto.seconds() > 0 || proto.nanos() > 0);
  if (!valid) {
    reader.Fail(field, "a duration above 0", absl::StrCat(proto.seconds(), " s and ", proto.nanos(), " ns"));
    return;
  }
  duration = absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

absl::Status ReadTraining(const v1::TrainingOptions& proto, absl::string_view path, TrainingSpec& spec) {
  FieldReader reader(path);
  TrainingOptions& training = spec.training;
  reader.Enum("loss", kLosses, proto.loss(), training.loss);
  reader.Enum("optimizer", kOptimizers, proto.optimizer(), training.optimizer);
  reader.Enum("schedule", kSchedules, proto.schedule(), training.schedule);
  if (proto.has_huber_delta()) {
    reader.Number("huber_delta", Positive(proto.huber_delta()), "> 0", proto.huber_delta(), training.huber_delta);
  }
  if (proto.has_learning_rate()) {
    reader.Number("learning_rate", Positive(proto.learning_rate()), "> 0", proto.learning_rate(),
                  training.learning_rate);
  }
  if (proto.has_momentum()) {
    reader.Number("momentum", proto.momentum() >= 0.0 && proto.momentum() < 1.0, "at least 0 and below 1",
                  proto.momentum(), training.momentum);
  }
  if (proto.has_warmup_epochs()) {
    reader.Number("warmup_epochs", proto.warmup_epochs() >= 0, "≥ 0", proto.warmup_epochs(), training.warmup_epochs);
  }
  if (proto.has_batch_size()) {
    reader.Number("batch_size", proto.batch_size() >= 0, "≥ 0", proto.batch_size(), training.batch_size);
  }
  if (proto.has_epochs()) {
    reader.Number("epochs", proto.epochs() >= 1 && proto.epochs() <= 100000, "1 to 100000", proto.epochs(),
                  training.epochs);
  }
  if (proto.has_l1()) reader.Number("l1", AtLeastZero(proto.l1()), "≥ 0", proto.l1(), training.l1);
  if (proto.has_l2()) reader.Number("l2", AtLeastZero(proto.l2()), "≥ 0", proto.l2(), training.l2);
  if (proto.has_weight_decay()) {
    reader.Number("weight_decay", AtLeastZero(proto.weight_decay()), "≥ 0", proto.weight_decay(),
                  training.weight_decay);
  }
  if (proto.has_gradient_clip_norm()) {
    reader.Number("gradient_clip_norm", AtLeastZero(proto.gradient_clip_norm()), "≥ 0", proto.gradient_clip_norm(),
                  training.gradient_clip_norm);
  }
  if (proto.has_patience()) {
    reader.Number("patience", proto.patience() >= 0, "≥ 0", proto.patience(), training.patience);
  }
  if (proto.has_time_limit()) ReadDuration("time_limit", proto.time_limit(), reader, spec.time_limit);
  if (proto.has_seed()) training.seed = static_cast<uint64_t>(proto.seed());
  reader.Number("warm_start_version", proto.warm_start_version() >= 0, "≥ 0", proto.warm_start_version(),
                spec.warm_start_version);
  // The preset's settings for its own optimiser and number of epochs apply only to these.
  if (!proto.has_weight_decay() && training.optimizer != Optimizer::kAdamW) training.weight_decay = 0.0;
  if (!proto.has_warmup_epochs()) training.warmup_epochs = std::min(training.warmup_epochs, training.epochs / 10);
  return reader.status();
}

absl::Status ReadExtra(const v1::ExtraOptions& proto, absl::string_view path, ExtraOptions& extra) {
  FieldReader reader(path);
  if (proto.folds() != 0) {
    reader.Number("folds", proto.folds() >= kFewestFolds && proto.folds() <= kMostFolds,
                  absl::StrCat(kFewestFolds, " to ", kMostFolds), proto.folds(), extra.folds);
  }
  if (proto.has_time_budget()) ReadDuration("time_budget", proto.time_budget(), reader, extra.time_budget);
  extra.distill = proto.distill();
  extra.select_features = proto.select_features();
  extra.diminishing_returns = proto.diminishing_returns();
  extra.interval_group = proto.interval_group();
  if (proto.has_class_threshold()) {
    double threshold = 0.0;
    reader.Number("class_threshold", proto.class_threshold() > 0.0 && proto.class_threshold() < 1.0,
                  "above 0 and below 1", proto.class_threshold(), threshold);
    extra.class_threshold = threshold;
  }
  return reader.status();
}

// Whoever sets one of what would be chosen means the preset's fixed values for the rest.
void ChooseOrFixCapacity(const v1::TrainingSpec& proto, TrainingSpec& spec) {
  if (!spec.choose_capacity) return;
  const v1::TrainingOptions& training = proto.training();
  // Of attention the data choose the length alone.
  const bool regularises = training.has_weight_decay() || training.has_patience() || proto.network().has_dropout();
  if (training.has_epochs() || training.has_warmup_epochs() || (regularises && spec.preset != Preset::kAttention)) {
    spec.choose_capacity = false;
  }
  spec.choose_capacity = spec.ChoosesCapacity();
  if (!spec.choose_capacity && spec.preset != Preset::kAttention && !proto.split().has_validation_fraction()) {
    spec.split.validation_fraction = kWatchedFraction;
  }
}

}  // namespace

TargetSpec TargetSpecFromProto(const v1::TargetSpec& proto) {
  TargetSpec spec;
  spec.column = proto.column();
  spec.revenue_column = proto.revenue_column();
  spec.spend_column = proto.spend_column();
  spec.roas_column = proto.roas_column();
  if (proto.blank_revenue() == v1::BLANK_REVENUE_ZERO) spec.blank_revenue = BlankRevenue::kZero;
  spec.kind = EnumFromProto(kTargetKinds, proto.kind()).value_or(TargetKind::kAuto);
  spec.positive_value = proto.positive_value();
  return spec;
}

absl::StatusOr<TrainingSpec> TrainingSpecFromProto(const v1::TrainingSpec& proto, absl::string_view path) {
  FieldReader reader(path);
  Preset preset = Preset::kCompact;
  reader.Enum("preset", kPresets, proto.preset(), preset);
  if (!Finite(proto.profit_threshold())) {
    reader.Fail("profit_threshold", "a finite number", absl::StrCat(proto.profit_threshold()));
  }
  // TargetSpecFromProto takes a later release's value for the default.
  BlankRevenue blank_revenue = BlankRevenue::kMissing;
  reader.Enum("target.blank_revenue", kBlankRevenues, proto.target().blank_revenue(), blank_revenue);
  TargetKind kind = TargetKind::kAuto;
  reader.Enum("target.kind", kTargetKinds, proto.target().kind(), kind);
  ROICAST_RETURN_IF_ERROR(reader.status());
  if (!proto.model().empty()) {
    ROICAST_RETURN_IF_ERROR(ValidateModelName(proto.model(), absl::StrCat(path, ".model")));
  }

  TrainingSpec spec = SpecFromPreset(preset);
  spec.model = proto.model();
  spec.dataset_digest = proto.dataset_digest();
  spec.target = TargetSpecFromProto(proto.target());
  spec.columns.clear();
  for (int i = 0; i < proto.columns_size(); ++i) {
    ROICAST_ASSIGN_OR_RETURN(ColumnOverride column,
                             ColumnOverrideFromProto(proto.columns(i), absl::StrCat(path, ".columns[", i, "]")));
    spec.columns.push_back(std::move(column));
  }
  ROICAST_RETURN_IF_ERROR(ReadCleaning(proto.cleaning(), absl::StrCat(path, ".cleaning"), spec.cleaning));
  ROICAST_RETURN_IF_ERROR(ReadSplit(proto.split(), absl::StrCat(path, ".split"), spec.split));
  ROICAST_RETURN_IF_ERROR(ReadPreprocessing(proto.preprocessing(), absl::StrCat(path, ".preprocessing"), spec));
  ROICAST_RETURN_IF_ERROR(ReadNetwork(proto.network(), absl::StrCat(path, ".network"), spec.network));
  ROICAST_RETURN_IF_ERROR(ReadTraining(proto.training(), absl::StrCat(path, ".training"), spec));
  ROICAST_RETURN_IF_ERROR(ReadExtra(proto.extra(), absl::StrCat(path, ".extra"), spec.extra));
  ChooseOrFixCapacity(proto, spec);
  spec.weight_column = proto.weight_column();
  spec.profit_threshold = proto.profit_threshold();
  spec.campaign_schema = proto.campaign_schema();
  return spec;
}

absl::StatusOr<Provenance> ProvenanceFromProto(const v1::Provenance& proto, absl::string_view path) {
  Provenance provenance;
  provenance.roicast_version = proto.roicast_version();
  provenance.dataset_digest = proto.dataset_digest();
  ROICAST_ASSIGN_OR_RETURN(provenance.spec, TrainingSpecFromProto(proto.spec(), absl::StrCat(path, ".spec")));
  return provenance;
}

}  // namespace roicast
