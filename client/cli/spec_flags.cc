#include "client/cli/spec_flags.h"

#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/csv/csv_values.h"
#include "base/status_macros.h"
#include "client/cli/enum_words.h"
#include "client/cli/file_error.h"
#include "client/cli/input_file.h"
#include "client/cli/usage.h"

namespace roicast::client {
namespace {

// Splits at the last separator: "month=June" → month, June.
absl::Status SplitPair(absl::string_view flag, absl::string_view text, char separator, std::string* left,
                       std::string* right) {
  const size_t at = text.rfind(separator);
  if (at == absl::string_view::npos || at == 0 || at + 1 == text.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": expected COLUMN", std::string(1, separator), "VALUE, got \"", text, "\""));
  }
  *left = std::string(text.substr(0, at));
  *right = std::string(text.substr(at + 1));
  return absl::OkStatus();
}

absl::Status ReadSpec(const std::string& path, v1::TrainingSpec* spec) {
  ROICAST_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path));
  const auto status = google::protobuf::util::JsonStringToMessage(text, spec);
  if (!status.ok()) {
    return WithHint(absl::InvalidArgumentError(absl::StrCat(path, ": expected a roicast.v1.TrainingSpec as JSON: ",
                                                            absl::StripAsciiWhitespace(std::string(status.message())))),
                    "proto/roicast/v1/training_spec.proto lists the fields; docs/cli.md has an example");
  }
  return absl::OkStatus();
}

}  // namespace

void SpecFlags::AddDataTo(CLI::App& command) {
  const std::string group = "Data";
  const auto option = [&](const std::string& name, auto& value, const std::string& help, const std::string& type) {
    return command.add_option(name, value, help)->type_name(type)->group(group);
  };
  option("--spec", spec_file_, "Training spec as JSON (roicast.v1.TrainingSpec); flags override it", "FILE");
  target_.AddTo(command, group);
  option("--weight", weight_, "Column with row weights", "COLUMN");
  option("--exclude", exclude_, "Columns not used as inputs, such as outcomes", "COLUMN,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  option("--include", include_, "Columns used as inputs even if they look like identifiers or choose the holdout",
         "COLUMN,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  option("--kind", kinds_, "Column kinds: numeric, categorical or time", "COLUMN=KIND,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  option("--missing", missing_, "How to handle missing inputs", "WORD")->check(OneOf({"impute", "drop"}));
  option("--outliers", outliers_, "How to handle outliers in inputs", "WORD")->check(OneOf({"clip", "drop", "keep"}));
  CLI::Option* share = option("--holdout", holdout_, "Share of rows held out at random", "SHARE");
  CLI::Option* time = option("--holdout-last", holdout_time_,
                             "Hold out the last share of rows by a column, such as date=0.2", "COLUMN=SHARE");
  CLI::Option* value =
      option("--holdout-where", holdout_value_, "Hold out rows with a value, such as month=June", "COLUMN=VALUE");
  share->excludes(time)->excludes(value);
  time->excludes(value);
  option("--validation", validation_,
         "Share of the remaining rows to watch; they choose the epoch only with --patience or --preset classic",
         "SHARE");
}

void SpecFlags::AddTrainingTo(CLI::App& command) {
  const std::string group = "Training (defaults come from the preset)";
  const auto option = [&](const std::string& name, auto& value, const std::string& help, const std::string& type) {
    return command.add_option(name, value, help)->type_name(type)->group(group);
  };
  option("-m,--model", model_, "Model to publish under; default: the server's default model", "NAME");
  option("--preset", preset_, "Preset with the default settings; default: compact", "NAME")
      ->check(OneOf(EnumWords<v1::Preset>()));
  option("--hidden", hidden_, "Units of the hidden layers, such as 64,32", "N,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  option("--activation", activation_, "Activation of the hidden layers", "NAME")
      ->check(OneOf(EnumWords<v1::Activation>()));
  option("--dropout", dropout_, "Share of hidden units dropped in training", "SHARE");
  option("--loss", loss_, "Loss to minimise", "NAME")->check(OneOf(EnumWords<v1::Loss>()));
  option("--optimizer", optimizer_, "Optimizer", "NAME")->check(OneOf(EnumWords<v1::Optimizer>()));
  option("--learning-rate", learning_rate_, "Step size", "RATE");
  option("--epochs", epochs_, "Passes over the training rows", "N");
  option("--batch-size", batch_size_, "Rows per step; 0 = all", "N");
  option("--patience", patience_,
         "Stop after N epochs without improvement on the --validation rows, and keep the best; 0 = never", "N");
  option("--l1", l1_, "L1 penalty on |w|", "X");
  option("--l2", l2_, "L2 penalty on w²/2", "X");
  option("--weight-decay", weight_decay_, "Decoupled weight decay (adamw)", "X");
  option("--seed", seed_, "Random seed of weights, row order and split", "N");
  option("--warm-start", warm_start_, "Version whose weights training starts from", "VERSION");
}

absl::StatusOr<v1::TrainingSpec> SpecFlags::Build() const {
  v1::TrainingSpec spec;
  if (!spec_file_.empty()) ROICAST_RETURN_IF_ERROR(ReadSpec(spec_file_, &spec));
  if (!model_.empty()) spec.set_model(model_);
  if (!target_.empty()) target_.MergeInto(spec.mutable_target());
  if (!weight_.empty()) spec.set_weight_column(weight_);
  if (target_.profit_threshold) spec.set_profit_threshold(*target_.profit_threshold);
  if (missing_ == "drop") spec.mutable_cleaning()->set_missing(v1::MISSING_POLICY_DROP);
  if (missing_ == "impute") spec.mutable_cleaning()->set_missing(v1::MISSING_POLICY_IMPUTE);
  if (outliers_ == "clip") spec.mutable_cleaning()->set_outlier_policy(v1::OUTLIER_POLICY_CLIP);
  if (outliers_ == "drop") spec.mutable_cleaning()->set_outlier_policy(v1::OUTLIER_POLICY_DROP);
  if (outliers_ == "keep") spec.mutable_cleaning()->set_fence_method(v1::FENCE_METHOD_NONE);
  ROICAST_RETURN_IF_ERROR(BuildColumns(spec));
  ROICAST_RETURN_IF_ERROR(BuildSplit(spec));
  ROICAST_RETURN_IF_ERROR(BuildTraining(spec));
  return spec;
}

absl::Status SpecFlags::BuildColumns(v1::TrainingSpec& spec) const {
  const auto column = [&spec](const std::string& name) -> v1::ColumnOverride& {
    for (v1::ColumnOverride& known : *spec.mutable_columns()) {
      if (known.name() == name) return known;
    }
    v1::ColumnOverride& added = *spec.add_columns();
    added.set_name(name);
    return added;
  };
  for (const std::string& name : exclude_) column(name).set_exclude(true);
  for (const std::string& name : include_) column(name).set_include(true);
  for (const std::string& pair : kinds_) {
    std::string name, word;
    ROICAST_RETURN_IF_ERROR(SplitPair("--kind", pair, '=', &name, &word));
    const auto kind = EnumOfWord<v1::FeatureKind>(word);
    if (kind == v1::FEATURE_KIND_UNSPECIFIED) {
      return absl::InvalidArgumentError(
          absl::StrCat("--kind: expected ", absl::StrJoin(EnumWords<v1::FeatureKind>(), ", "), ", got \"", word, "\""));
    }
    column(name).set_kind(kind);
  }
  return absl::OkStatus();
}

absl::Status SpecFlags::BuildSplit(v1::TrainingSpec& spec) const {
  if (holdout_) spec.mutable_split()->set_holdout_fraction(*holdout_);
  if (!holdout_time_.empty()) {
    std::string column, share;
    ROICAST_RETURN_IF_ERROR(SplitPair("--holdout-last", holdout_time_, '=', &column, &share));
    const std::optional<double> fraction = ParseNumber(share);
    if (!fraction)
      return absl::InvalidArgumentError(absl::StrCat("--holdout-last: expected a share, got \"", share, "\""));
    spec.mutable_split()->mutable_by_time()->set_column(column);
    spec.mutable_split()->mutable_by_time()->set_fraction(*fraction);
  }
  if (!holdout_value_.empty()) {
    v1::ValueSplit& split = *spec.mutable_split()->mutable_by_value();
    ROICAST_RETURN_IF_ERROR(
        SplitPair("--holdout-where", holdout_value_, '=', split.mutable_column(), split.mutable_value()));
  }
  if (validation_) spec.mutable_split()->set_validation_fraction(*validation_);
  if (seed_) spec.mutable_split()->set_seed(*seed_);
  return absl::OkStatus();
}

absl::Status SpecFlags::BuildTraining(v1::TrainingSpec& spec) const {
  if (!preset_.empty()) spec.set_preset(EnumOfWord<v1::Preset>(preset_));
  if (!hidden_.empty()) spec.mutable_network()->mutable_hidden()->Assign(hidden_.begin(), hidden_.end());
  if (!activation_.empty()) {
    spec.mutable_network()->set_activation(EnumOfWord<v1::Activation>(activation_));
  }
  if (dropout_) spec.mutable_network()->set_dropout(*dropout_);
  v1::TrainingOptions training = spec.training();
  if (!loss_.empty()) training.set_loss(EnumOfWord<v1::Loss>(loss_));
  if (!optimizer_.empty()) training.set_optimizer(EnumOfWord<v1::Optimizer>(optimizer_));
  if (learning_rate_) training.set_learning_rate(*learning_rate_);
  if (epochs_) training.set_epochs(*epochs_);
  if (batch_size_) training.set_batch_size(*batch_size_);
  if (patience_) training.set_patience(*patience_);
  if (l1_) training.set_l1(*l1_);
  if (l2_) training.set_l2(*l2_);
  if (weight_decay_) training.set_weight_decay(*weight_decay_);
  if (seed_) training.set_seed(*seed_);
  if (warm_start_) training.set_warm_start_version(*warm_start_);
  if (training.ByteSizeLong() > 0) *spec.mutable_training() = training;
  return absl::OkStatus();
}

}  // namespace roicast::client
