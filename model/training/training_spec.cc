#include "model/training/training_spec.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/model_name.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// Puts the path of a part before the field that the part's own Validate names.
absl::Status Within(absl::string_view part, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(part, ".", status.message()));
}

absl::Status ValidateColumns(const std::vector<ColumnOverride>& columns) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("columns[", i, "].name: expected a column, got nothing"));
    }
    if (columns[i].allowed.has_value() && !(columns[i].allowed->min <= columns[i].allowed->max)) {
      return absl::InvalidArgumentError(absl::StrCat("columns[", i, "] \"", columns[i].name,
                                                     "\".allowed (--range): expected min up to max, got ",
                                                     columns[i].allowed->min, " to ", columns[i].allowed->max));
    }
    const bool transformed = columns[i].transform != NumericTransform::kAuto;
    if (transformed && columns[i].kind.has_value() && *columns[i].kind != FeatureKind::kNumeric) {
      return absl::InvalidArgumentError(absl::StrCat("columns[", i, "] \"", columns[i].name,
                                                     "\".transform: expected a numeric column, got a ",
                                                     FeatureKindName(*columns[i].kind), " one"));
    }
  }
  return absl::OkStatus();
}

// What needs fits that follow the data.
absl::Status ValidateSearch(const TrainingSpec& spec) {
  const auto refused = [](absl::string_view field, absl::string_view expected) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": expected ", expected));
  };
  constexpr absl::string_view kFollowsData =
      "settings that follow the data: the preset compact, accurate or auto without fixed --epochs, --dropout, "
      "--weight-decay and --patience, and without --warm-start";
  if (spec.preset == Preset::kAuto) {
    if (!spec.ChoosesCapacity()) return refused("preset (--preset auto)", kFollowsData);
    if (spec.network.hidden != SpecFromPreset(Preset::kAuto).network.hidden) {
      return refused("network.hidden (--hidden)", "none with the preset auto, which searches for it");
    }
  }
  if (spec.extra.select_features) {
    if (!spec.ChoosesCapacity() || spec.preset == Preset::kAttention) {
      return refused("extra.select_features (--select-features)", kFollowsData);
    }
    if (spec.extra.folds != 0) {
      return refused("extra.select_features (--select-features)",
                     "no cross-validation (--folds) beside it, whose rows would choose the features");
    }
  }
  if (spec.extra.diminishing_returns) {
    constexpr absl::string_view kField = "extra.diminishing_returns (--diminishing-returns)";
    if (!spec.ChoosesCapacity() || spec.preset == Preset::kAttention || spec.preset == Preset::kAuto) {
      return refused(kField,
                     "the preset compact or accurate, with settings that follow the data: without fixed --epochs, "
                     "--dropout, --weight-decay and --patience, and without --warm-start");
    }
    if (spec.extra.distill) return refused(kField, "no --distill beside it, whose student would not keep to the law");
    if (spec.extra.select_features) return refused(kField, "no --select-features beside it");
  }
  if (spec.extra.distill && spec.warm_start_version != 0) {
    return refused("extra.distill (--distill)", "no warm start (--warm-start): a student begins anew");
  }
  return absl::OkStatus();
}

// What attention over features has no use for is refused, not ignored.
absl::Status ValidateAttention(const TrainingSpec& spec) {
  if (spec.preset != Preset::kAttention) return absl::OkStatus();
  const auto refused = [](absl::string_view field, absl::string_view expected) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": expected ", expected, " with the preset attention; --preset compact takes another"));
  };
  if (!spec.network.hidden.empty()) return refused("network.hidden (--hidden)", "none");
  if (spec.network.activation != Activation::kRelu) return refused("network.activation (--activation)", "ReLU");
  if (spec.training.optimizer != Optimizer::kAdamW) return refused("training.optimizer (--optimizer)", "AdamW");
  if (spec.training.l1 > 0.0) return refused("training.l1 (--l1)", "0");
  if (spec.training.l2 > 0.0) return refused("training.l2 (--l2)", "0");
  return absl::OkStatus();
}

}  // namespace

absl::Status TrainingSpec::Validate() const {
  if (!model.empty()) ROICAST_RETURN_IF_ERROR(ValidateModelName(model));
  ROICAST_RETURN_IF_ERROR(target.Validate());
  ROICAST_RETURN_IF_ERROR(ValidateColumns(columns));
  ROICAST_RETURN_IF_ERROR(cleaning.Validate());
  ROICAST_RETURN_IF_ERROR(split.Validate());
  ROICAST_RETURN_IF_ERROR(Within("preprocessing", preprocessing.Validate()));
  ROICAST_RETURN_IF_ERROR(Within("network", network.Validate()));
  ROICAST_RETURN_IF_ERROR(Within("training", training.Validate()));
  ROICAST_RETURN_IF_ERROR(extra.Validate());
  ROICAST_RETURN_IF_ERROR(ValidateAttention(*this));
  ROICAST_RETURN_IF_ERROR(ValidateSearch(*this));
  if (target.kind == TargetKind::kTwoValued && training.loss != Loss::kSquared) {
    return absl::InvalidArgumentError(
        "training.loss (--loss): expected none for a target with two values, whose loss is the cross-entropy");
  }
  if (time_limit <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("training.time_limit: expected > 0, got ", absl::FormatDuration(time_limit)));
  }
  if (extra.folds != 0 && warm_start_version != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("extra.folds (--folds): expected none with training.warm_start_version (--warm-start), whose "
                     "weights may have seen the rows that the folds measure, got ",
                     extra.folds));
  }
  if (warm_start_version < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("training.warm_start_version: expected at least 0, got ", warm_start_version));
  }
  if (!weight_column.empty() && (weight_column == target.column || weight_column == target.revenue_column ||
                                 weight_column == target.roas_column)) {
    return absl::InvalidArgumentError(
        absl::StrCat("weight_column: expected another column than the target's, got \"", weight_column, "\""));
  }
  if (!std::isfinite(profit_threshold)) {
    return absl::InvalidArgumentError(absl::StrCat("profit_threshold: expected a finite ROI, got ", profit_threshold));
  }
  return absl::OkStatus();
}

bool TrainingSpec::ChoosesCapacity() const {
  return choose_capacity && warm_start_version == 0 && PassesLinearSums(network.activation) &&
         training.optimizer == Optimizer::kAdamW;
}

TrainingSpec SpecFromPreset(Preset preset) {
  TrainingSpec spec;
  spec.preset = preset;
  spec.split.holdout_fraction = 0.2;
  spec.split.seed = 42;
  switch (preset) {
    case Preset::kCompact:
    case Preset::kAccurate:
    case Preset::kAuto:
      // docs/adr/0031-compact-preset.md has the experiments, 0074-capacity.md those on what the data choose. No row is
      // set aside for validation: each is predicted out of its fold.
      spec.split.validation_fraction = 0.0;
      spec.choose_capacity = true;
      spec.network.hidden = {64, 32};
      spec.network.activation = Activation::kSilu;
      spec.network.dropout = 0.05;
      spec.training.optimizer = Optimizer::kAdamW;
      spec.training.learning_rate = 5e-3;
      spec.training.weight_decay = 8e-3;
      spec.training.gradient_clip_norm = 1.0;
      spec.training.schedule = Schedule::kCosine;
      spec.training.warmup_epochs = 2;
      spec.training.batch_size = 32;
      spec.training.epochs = 200;
      spec.training.restore_best = false;
      break;
    case Preset::kAttention:
      // docs/adr/0078-attention.md. Each row is predicted out of its part; the shape is AttentionShape's.
      spec.split.validation_fraction = 0.0;
      spec.choose_capacity = true;
      spec.network.hidden = {};
      spec.network.dropout = 0.05;
      spec.training.optimizer = Optimizer::kAdamW;
      spec.training.learning_rate = 2e-3;
      spec.training.weight_decay = 1e-2;
      spec.training.gradient_clip_norm = 1.0;
      spec.training.schedule = Schedule::kCosine;
      spec.training.warmup_epochs = 2;
      spec.training.batch_size = 32;
      spec.training.epochs = 100;
      spec.training.restore_best = false;
      break;
    case Preset::kClassic:
      spec.split.validation_fraction = 0.0;
      spec.network.hidden = {5};
      spec.network.activation = Activation::kRelu;
      spec.network.dropout = 0.5;
      spec.training.optimizer = Optimizer::kAdam;
      spec.training.learning_rate = 1e-3;
      spec.training.batch_size = 32;
      spec.training.epochs = 1000;
      break;
    case Preset::kClassicFullBatch:
      spec.split.validation_fraction = 0.0;
      spec.network.hidden = {5};
      spec.network.activation = Activation::kRelu;
      spec.training.optimizer = Optimizer::kSgd;
      spec.training.momentum = 0.0;
      spec.training.learning_rate = 0.01;
      spec.training.batch_size = 0;
      spec.training.epochs = 1000;
      break;
  }
  return spec;
}

std::vector<std::pair<std::string, FeatureKind>> KnownKinds(const TrainingSpec& spec) {
  std::vector<std::pair<std::string, FeatureKind>> kinds;
  for (const ColumnOverride& column : spec.columns) {
    if (column.kind.has_value()) kinds.emplace_back(column.name, *column.kind);
  }
  for (const std::string& name : {spec.target.column, spec.target.revenue_column, spec.target.spend_column,
                                  spec.target.roas_column, spec.weight_column}) {
    if (!name.empty()) kinds.emplace_back(name, FeatureKind::kNumeric);
  }
  return kinds;
}

}  // namespace roicast
