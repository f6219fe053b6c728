#include "client/cli/spec_flags.h"

#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "client/cli/enum_words.h"
#include "client/cli/file_error.h"
#include "client/cli/input_file.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"

namespace roicast::client {
namespace {

// The server has the same limits; here they are found before the upload, and named by their flags.
constexpr NumberRange kHoldoutShare{0, 0.9};
constexpr NumberRange kHiddenUnits{1, 4096};
constexpr NumberRange kEpochs{1, 1e5};
constexpr NumberRange kFolds{2, 50};

bool ParseFinite(absl::string_view text, double* value) {
  return absl::SimpleAtod(text, value) && std::isfinite(*value);
}

// "0..1", "0..", "..1" or "none".
absl::StatusOr<v1::AllowedRange> ParseRange(const std::string& text) {
  v1::AllowedRange range;
  if (text == "none") return range;
  const size_t dots = text.find("..");
  double low = 0, high = 0;
  bool fine = dots != std::string::npos && text.size() > 2;
  const std::string left = text.substr(0, dots), right = fine ? text.substr(dots + 2) : "";
  if (fine && !left.empty()) {
    fine = ParseFinite(left, &low);
    range.set_min(low);
  }
  if (fine && !right.empty()) {
    fine = ParseFinite(right, &high);
    range.set_max(high);
  }
  if (!fine || (range.has_min() && range.has_max() && low > high)) {
    return UnexpectedValue("--range", "MIN..MAX, MIN.., ..MAX or none", text);
  }
  return range;
}

// What the flags name has been checked before: what is wrong here stands in the file.
absl::Status CheckSpecFile(const std::string& path, const v1::TrainingSpec& spec, const ColumnNames& columns) {
  const auto check = [&](absl::string_view field, const std::string& name) {
    if (name.empty()) return absl::OkStatus();
    return BlameFile(columns.Check(absl::StrCat("--spec ", path, ": ", field), name));
  };
  ROICAST_RETURN_IF_ERROR(check("target.column", spec.target().column()));
  ROICAST_RETURN_IF_ERROR(check("target.revenue_column", spec.target().revenue_column()));
  ROICAST_RETURN_IF_ERROR(check("target.spend_column", spec.target().spend_column()));
  ROICAST_RETURN_IF_ERROR(check("target.roas_column", spec.target().roas_column()));
  ROICAST_RETURN_IF_ERROR(check("weight_column", spec.weight_column()));
  ROICAST_RETURN_IF_ERROR(check("extra.interval_group", spec.extra().interval_group()));
  ROICAST_RETURN_IF_ERROR(check("split.by_time.column", spec.split().by_time().column()));
  ROICAST_RETURN_IF_ERROR(check("split.by_value.column", spec.split().by_value().column()));
  ROICAST_RETURN_IF_ERROR(check("split.by_group.column", spec.split().by_group().column()));
  ROICAST_RETURN_IF_ERROR(check("cleaning.until.column", spec.cleaning().until().column()));
  for (int i = 0; i < spec.columns_size(); ++i) {
    ROICAST_RETURN_IF_ERROR(check(absl::StrCat("columns[", i, "].name"), spec.columns(i).name()));
  }
  for (int i = 0; i < spec.cleaning().outlier_rules_size(); ++i) {
    ROICAST_RETURN_IF_ERROR(
        check(absl::StrCat("cleaning.outlier_rules[", i, "].column"), spec.cleaning().outlier_rules(i).column()));
  }
  ROICAST_RETURN_IF_ERROR(check("cleaning.hampel.time_column", spec.cleaning().hampel().time_column()));
  ROICAST_RETURN_IF_ERROR(check("cleaning.hampel.group_column", spec.cleaning().hampel().group_column()));
  for (const std::string& name : spec.cleaning().hampel().columns()) {
    ROICAST_RETURN_IF_ERROR(check("cleaning.hampel.columns", name));
  }
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
  option("--class-threshold", class_threshold_,
         "Of a target with two values: rows count as predicted positive from this probability on; default: the best F1",
         "P");
  option("--weight", weight_, "Column with row weights", "COLUMN");
  option("--interval-group", interval_group_, "Column of words each of which gets prediction intervals of its own",
         "COLUMN");
  option("--exclude", exclude_, "Column not used as an input, such as an outcome; can be repeated", "COLUMN")
      ->allow_extra_args(false);
  option("--include", include_,
         "Column used as an input even if it looks like an identifier or an outcome, or chooses the holdout; can be "
         "repeated",
         "COLUMN")
      ->allow_extra_args(false);
  option("--kind", kinds_, "Kind of a column: numeric, categorical or time; can be repeated", "COLUMN=KIND")
      ->allow_extra_args(false);
  option("--range", ranges_,
         "Values that a numeric column may have, such as price=0..500; others are refused. none takes a rule away; can "
         "be repeated",
         "COLUMN=MIN..MAX")
      ->allow_extra_args(false);
  option("--schema", schema_, "Columns are what the built-in schema of that name says, with its ranges", "NAME")
      ->check(OneOf({"campaign"}));
  option(
      "--copies", copies_,
      "Rows that are equal in all columns: keep or drop; auto drops them if an identifier or a time tells rows apart",
      "WORD")
      ->check(OneOf({"auto", "keep", "drop"}));
  option(
      "--min-word-rows", min_word_rows_,
      "Training rows that a word of a category needs to be learnt; rarer ones count as one word \"other\"; default: 5",
      "N");
  option("--max-words", max_words_,
         "Words that are learnt of each category, the most frequent ones; others count as \"other\"; default: 256",
         "N");
  option("--missing", missing_, "How to handle missing inputs", "WORD")->check(OneOf({"impute", "drop"}));
  option("--outliers", outliers_, "How to handle outliers in inputs", "WORD")->check(OneOf({"clip", "drop", "keep"}));
  option("--until", until_, "Leave out rows later than a date, such as date=2024-11-30, which are not complete yet",
         "COLUMN=DATE");
  CLI::Option* share =
      option("--holdout", holdout_, "Share of rows held out at random", "SHARE")->check(Within(kHoldoutShare));
  CLI::Option* time = option("--holdout-last", holdout_time_,
                             "Hold out the last share of rows by a column, such as date=0.2", "COLUMN=SHARE");
  CLI::Option* value =
      option("--holdout-where", holdout_value_, "Hold out rows with a value, such as month=June", "COLUMN=VALUE");
  CLI::Option* by_group =
      option("--holdout-group", holdout_group_,
             "Hold out all rows of some values of a column, such as campaigns, so that new ones are what is measured",
             "COLUMN");
  share->excludes(time)->excludes(value)->excludes(by_group);
  time->excludes(value)->excludes(by_group);
  value->excludes(by_group);
  option("--validation", validation_,
         "Share of the remaining rows to watch; they choose the epoch only with --patience or --preset classic",
         "SHARE")
      ->check(Within(kHoldoutShare));
  option("--folds", folds_,
         "Cross-validation: measure on each of N parts of the rows a model of the others, for metrics of small tables "
         "with their spread; takes N times as long",
         "N")
      ->check(Within(kFolds));
}

void SpecFlags::AddTrainingTo(CLI::App& command) {
  const std::string group = "Training (defaults come from the preset)";
  const auto option = [&](const std::string& name, auto& value, const std::string& help, const std::string& type) {
    return command.add_option(name, value, help)->type_name(type)->group(group);
  };
  option("-m,--model", model_, "Model to publish under; default: the server's default model", "NAME")
      ->check(ModelName());
  option("--preset", preset_, "Preset with the default settings; default: compact", "NAME")
      ->check(OneOf(EnumWords<v1::Preset>()));
  option("--target-transform", target_transform_,
         "Scale on which the target is learnt; default: asinh if it is skewed, else none, or log1p of an ROI if that "
         "is likelier",
         "NAME")
      ->check(OneOf(EnumWords<v1::TargetTransform>()));
  option("--time-budget", time_budget_, "How much work --preset auto may do, such as 60s or 5m; default: 60s", "TIME");
  command.add_flag("--distill", distill_, "Serve a compact network that has learnt from the preset's predictions")
      ->group(group);
  command
      .add_flag("--select-features", select_features_,
                "Leave out features without which new rows are predicted as well")
      ->group(group);
  command
      .add_flag("--diminishing-returns", diminishing_returns_,
                "More spend never brings less revenue, and each further unit of it less than the one before")
      ->group(group);
  option("--hidden", hidden_, "Units of the hidden layers, such as 64,32", "N,...")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(Within(kHiddenUnits));
  option("--activation", activation_, "Activation of the hidden layers", "NAME")
      ->check(OneOf(EnumWords<v1::Activation>()));
  option("--dropout", dropout_, "Share of hidden units dropped in training", "SHARE")->check(AtLeastAndBelow(0, 1));
  option("--loss", loss_, "Loss to minimise", "NAME")->check(OneOf(EnumWords<v1::Loss>()));
  option("--optimizer", optimizer_, "Optimizer", "NAME")->check(OneOf(EnumWords<v1::Optimizer>()));
  option("--learning-rate", learning_rate_, "Step size", "RATE")->check(Above(0));
  option("--epochs", epochs_, "Passes over the training rows; compact: chosen by the data unless given", "N")
      ->check(Within(kEpochs));
  option("--batch-size", batch_size_, "Rows per step; 0 = all", "N")->check(Within({0}));
  option("--patience", patience_,
         "Stop after N epochs without improvement on the --validation rows, and keep the best; 0 = never", "N")
      ->check(Within({0}));
  option("--l1", l1_, "L1 penalty on |w|", "X")->check(Within({0}));
  option("--l2", l2_, "L2 penalty on w²/2", "X")->check(Within({0}));
  option("--weight-decay", weight_decay_, "Decoupled weight decay (adamw)", "X")->check(Within({0}));
  option("--seed", seed_, "Random seed of weights, row order and split", "N");
  option("--warm-start", warm_start_, "Version whose weights training starts from", "VERSION")->check(Within({1}));
}

v1::TargetSpec SpecFlags::Target() const {
  v1::TargetSpec target;
  target_.MergeInto(&target);
  return target;
}

bool SpecFlags::NeedsColumns() const {
  return client::NeedsColumns(exclude_) || client::NeedsColumns(include_) || client::NeedsColumns(kinds_) ||
         client::NeedsColumns(ranges_);
}

absl::StatusOr<v1::TrainingSpec> SpecFlags::Build(const ColumnNames& columns) const {
  v1::TrainingSpec spec;
  if (!spec_file_.empty()) ROICAST_RETURN_IF_ERROR(ReadSpec(spec_file_, &spec));
  if (!model_.empty()) spec.set_model(model_);
  ROICAST_RETURN_IF_ERROR(target_.Check(columns));
  if (!target_.empty()) target_.MergeInto(spec.mutable_target());
  if (!weight_.empty()) {
    ROICAST_RETURN_IF_ERROR(columns.Check(GivenFlag("--weight", weight_), weight_));
    spec.set_weight_column(weight_);
  }
  if (!interval_group_.empty()) {
    ROICAST_RETURN_IF_ERROR(columns.Check(GivenFlag("--interval-group", interval_group_), interval_group_));
    spec.mutable_extra()->set_interval_group(interval_group_);
  }
  if (schema_ == "campaign") spec.set_campaign_schema(true);
  if (copies_ == "auto") spec.mutable_cleaning()->set_copies(v1::COPY_POLICY_UNSPECIFIED);
  if (copies_ == "keep") spec.mutable_cleaning()->set_copies(v1::COPY_POLICY_KEEP);
  if (copies_ == "drop") spec.mutable_cleaning()->set_copies(v1::COPY_POLICY_DROP);
  if (target_.profit_threshold) spec.set_profit_threshold(*target_.profit_threshold);
  if (class_threshold_) spec.mutable_extra()->set_class_threshold(*class_threshold_);
  if (min_word_rows_) spec.mutable_preprocessing()->set_min_category_count(*min_word_rows_);
  if (!target_transform_.empty()) {
    spec.mutable_preprocessing()->set_target_transform(EnumOfWord<v1::TargetTransform>(target_transform_));
  }
  if (max_words_) spec.mutable_preprocessing()->set_max_vocabulary(*max_words_);
  if (missing_ == "drop") spec.mutable_cleaning()->set_missing(v1::MISSING_POLICY_DROP);
  if (missing_ == "impute") spec.mutable_cleaning()->set_missing(v1::MISSING_POLICY_IMPUTE);
  if (outliers_ == "clip") spec.mutable_cleaning()->set_outlier_policy(v1::OUTLIER_POLICY_CLIP);
  if (outliers_ == "drop") spec.mutable_cleaning()->set_outlier_policy(v1::OUTLIER_POLICY_DROP);
  if (outliers_ == "keep") spec.mutable_cleaning()->set_fence_method(v1::FENCE_METHOD_NONE);
  ROICAST_RETURN_IF_ERROR(BuildColumns(columns, spec));
  ROICAST_RETURN_IF_ERROR(BuildSplit(columns, spec));
  ROICAST_RETURN_IF_ERROR(BuildTraining(spec));
  if (!spec_file_.empty() && columns.known()) ROICAST_RETURN_IF_ERROR(CheckSpecFile(spec_file_, spec, columns));
  return spec;
}

absl::Status SpecFlags::BuildColumns(const ColumnNames& columns, v1::TrainingSpec& spec) const {
  const auto column = [&spec](const std::string& name) -> v1::ColumnOverride& {
    for (v1::ColumnOverride& known : *spec.mutable_columns()) {
      if (known.name() == name) return known;
    }
    v1::ColumnOverride& added = *spec.add_columns();
    added.set_name(name);
    return added;
  };
  for (const std::string& text : exclude_) {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<std::string> names, columns.List("--exclude", text));
    for (const std::string& name : names) column(name).set_exclude(true);
  }
  for (const std::string& text : include_) {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<std::string> names, columns.List("--include", text));
    for (const std::string& name : names) column(name).set_include(true);
  }
  for (const std::string& text : kinds_) {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<ColumnValue> kinds, columns.Values("--kind", text, "COLUMN=KIND"));
    for (const auto& [name, word] : kinds) {
      const auto kind = EnumOfWord<v1::FeatureKind>(word);
      if (kind == v1::FEATURE_KIND_UNSPECIFIED) {
        return UnexpectedValue("--kind", absl::StrJoin(EnumWords<v1::FeatureKind>(), ", "), word);
      }
      column(name).set_kind(kind);
    }
  }
  for (const std::string& text : ranges_) {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<ColumnValue> ranges, columns.Values("--range", text, "COLUMN=MIN..MAX"));
    for (const auto& [name, range] : ranges) {
      ROICAST_ASSIGN_OR_RETURN(*column(name).mutable_allowed(), ParseRange(range));
    }
  }
  return absl::OkStatus();
}

absl::Status SpecFlags::BuildSplit(const ColumnNames& columns, v1::TrainingSpec& spec) const {
  if (holdout_) spec.mutable_split()->set_holdout_fraction(*holdout_);
  if (!holdout_time_.empty()) {
    ROICAST_ASSIGN_OR_RETURN(const ColumnValue last, columns.Value("--holdout-last", holdout_time_, "COLUMN=SHARE"));
    double share = 0;
    if (!ParseFinite(last.value, &share) || share <= 0 || !kHoldoutShare.Contains(share)) {
      return UnexpectedValue("--holdout-last", absl::StrCat("a share above 0, up to ", kHoldoutShare.high), last.value);
    }
    spec.mutable_split()->mutable_by_time()->set_column(last.column);
    spec.mutable_split()->mutable_by_time()->set_fraction(share);
  }
  if (!holdout_value_.empty()) {
    ROICAST_ASSIGN_OR_RETURN(const ColumnValue where, columns.Value("--holdout-where", holdout_value_, "COLUMN=VALUE"));
    spec.mutable_split()->mutable_by_value()->set_column(where.column);
    spec.mutable_split()->mutable_by_value()->set_value(where.value);
  }
  if (!holdout_group_.empty()) {
    ROICAST_RETURN_IF_ERROR(columns.Check("--holdout-group", holdout_group_));
    spec.mutable_split()->mutable_by_group()->set_column(holdout_group_);
  }
  if (!until_.empty()) {
    ROICAST_ASSIGN_OR_RETURN(const ColumnValue until, columns.Value("--until", until_, "COLUMN=DATE"));
    spec.mutable_cleaning()->mutable_until()->set_column(until.column);
    spec.mutable_cleaning()->mutable_until()->set_time(until.value);
  }
  if (validation_) spec.mutable_split()->set_validation_fraction(*validation_);
  if (seed_) spec.mutable_split()->set_seed(*seed_);
  if (folds_) spec.mutable_extra()->set_folds(*folds_);
  return absl::OkStatus();
}

absl::Status SpecFlags::BuildTraining(v1::TrainingSpec& spec) const {
  if (!preset_.empty()) spec.set_preset(EnumOfWord<v1::Preset>(preset_));
  if (!time_budget_.empty()) {
    absl::Duration budget;
    if (!absl::ParseDuration(time_budget_, &budget) || budget <= absl::ZeroDuration() ||
        budget == absl::InfiniteDuration()) {
      return UnexpectedValue("--time-budget", "a time above 0 with its unit, such as 60s or 5m", time_budget_);
    }
    const absl::Duration part = budget % absl::Seconds(1);
    spec.mutable_extra()->mutable_time_budget()->set_seconds(absl::ToInt64Seconds(budget));
    spec.mutable_extra()->mutable_time_budget()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(part)));
  }
  if (distill_) spec.mutable_extra()->set_distill(true);
  if (select_features_) spec.mutable_extra()->set_select_features(true);
  if (diminishing_returns_) spec.mutable_extra()->set_diminishing_returns(true);
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
