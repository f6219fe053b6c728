#include "model/training/training_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

TEST(SpecFromPreset, GivesValidSpecs) {
  for (const Preset preset : {Preset::kCompact, Preset::kClassic, Preset::kClassicFullBatch, Preset::kAttention}) {
    const TrainingSpec spec = SpecFromPreset(preset);
    EXPECT_TRUE(spec.Validate().ok()) << spec.Validate();
    EXPECT_EQ(spec.preset, preset);
    EXPECT_EQ(spec.split.holdout_fraction, 0.2);
    EXPECT_EQ(spec.split.seed, 42u);
  }
}

TEST(SpecFromPreset, GivesClassicFiveReluUnitsWithDropoutAndAdam) {
  const TrainingSpec spec = SpecFromPreset(Preset::kClassic);
  EXPECT_THAT(spec.network.hidden, ElementsAre(5));
  EXPECT_EQ(spec.network.activation, Activation::kRelu);
  EXPECT_EQ(spec.network.dropout, 0.5);
  EXPECT_EQ(spec.training.optimizer, Optimizer::kAdam);
  EXPECT_EQ(spec.training.learning_rate, 0.001);
  EXPECT_EQ(spec.training.batch_size, 32);
  EXPECT_EQ(spec.training.epochs, 1000);
  EXPECT_EQ(spec.split.validation_fraction, 0.0);
}

TEST(SpecFromPreset, GivesItsSecondFormFullBatchGradientDescent) {
  const TrainingSpec spec = SpecFromPreset(Preset::kClassicFullBatch);
  EXPECT_THAT(spec.network.hidden, ElementsAre(5));
  EXPECT_EQ(spec.network.dropout, 0.0);
  EXPECT_EQ(spec.training.optimizer, Optimizer::kSgd);
  EXPECT_EQ(spec.training.momentum, 0.0);
  EXPECT_EQ(spec.training.learning_rate, 0.01);
  EXPECT_EQ(spec.training.batch_size, 0);
  EXPECT_EQ(spec.training.epochs, 1000);
}

std::string MessageOf(const TrainingSpec& spec) {
  const absl::Status status = spec.Validate();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

TEST(TrainingSpec, NamesTheFieldWhatWasExpectedAndWhatCame) {
  const TrainingSpec good = SpecFromPreset(Preset::kCompact);
  TrainingSpec spec = good;
  spec.model = "My Model";
  EXPECT_EQ(MessageOf(spec), "model: expected 1 to 64 of a-z, 0-9, _ and -, starting with a letter, got \"My Model\"");
  spec = good;
  spec.extra.folds = 1;
  EXPECT_EQ(MessageOf(spec), "extra.folds (--folds): expected 2 to 50, or 0 for no cross-validation, got 1");
  spec = good;
  spec.extra.folds = 5;
  EXPECT_TRUE(spec.Validate().ok()) << spec.Validate();
  spec.warm_start_version = 3;
  EXPECT_EQ(
      MessageOf(spec),
      "extra.folds (--folds): expected none with training.warm_start_version (--warm-start), whose weights may have "
      "seen the rows that the folds measure, got 5");
  spec = good;
  spec.extra.time_budget = absl::ZeroDuration();
  EXPECT_EQ(MessageOf(spec), "extra.time_budget (--time-budget): expected > 0, got 0");
  spec = good;
  spec.extra.class_threshold = 0.0;
  EXPECT_EQ(MessageOf(spec), "extra.class_threshold: expected above 0 and below 1, got 0");
  spec = good;
  spec.extra.distill = true;
  EXPECT_TRUE(spec.Validate().ok()) << spec.Validate();
  spec.warm_start_version = 3;
  EXPECT_EQ(MessageOf(spec), "extra.distill (--distill): expected no warm start (--warm-start): a student begins anew");
  spec = good;
  spec.extra.select_features = true;
  spec.extra.folds = 5;
  EXPECT_EQ(MessageOf(spec),
            "extra.select_features (--select-features): expected no cross-validation (--folds) beside it, whose rows "
            "would choose the features");
  spec.extra.folds = 0;
  spec.choose_capacity = false;
  EXPECT_THAT(MessageOf(spec),
              StartsWith("extra.select_features (--select-features): expected settings that follow the data: "));
  spec = SpecFromPreset(Preset::kAuto);
  EXPECT_TRUE(spec.Validate().ok()) << spec.Validate();
  spec.network.hidden = {8};
  EXPECT_EQ(MessageOf(spec), "network.hidden (--hidden): expected none with the preset auto, which searches for it");
  spec = SpecFromPreset(Preset::kAuto);
  spec.choose_capacity = false;
  EXPECT_THAT(MessageOf(spec), StartsWith("preset (--preset auto): expected settings that follow the data: "));
  spec = good;
  spec.target.revenue_column = spec.target.spend_column = "revenue";
  EXPECT_THAT(MessageOf(spec), StartsWith("target.spend_column (--spend): expected"));
  spec = good;
  spec.columns.emplace_back();
  EXPECT_EQ(MessageOf(spec), "columns[0].name: expected a column, got nothing");
  spec.columns[0].name = "channel";
  spec.columns[0].kind = FeatureKind::kCategorical;
  spec.columns[0].transform = NumericTransform::kLog1p;
  EXPECT_EQ(MessageOf(spec), "columns[0] \"channel\".transform: expected a numeric column, got a categorical one");
  spec = good;
  spec.cleaning.fence_quantile = 0.7;
  EXPECT_THAT(MessageOf(spec), StartsWith("cleaning.fence_quantile: expected"));
  spec = good;
  spec.split.validation_fraction = 1.0;
  EXPECT_THAT(MessageOf(spec), StartsWith("split.validation_fraction: expected"));
  spec = good;
  spec.preprocessing.max_vocabulary = -1;
  EXPECT_THAT(MessageOf(spec), HasSubstr("max_vocabulary"));
  spec = good;
  spec.network.hidden = {0};
  EXPECT_THAT(MessageOf(spec), StartsWith("network.hidden[0]: expected"));
  spec = good;
  spec.training.learning_rate = 0;
  EXPECT_THAT(MessageOf(spec), StartsWith("training.learning_rate: expected"));
  spec = good;
  spec.time_limit = absl::ZeroDuration();
  EXPECT_EQ(MessageOf(spec), "training.time_limit: expected > 0, got 0");
  spec = good;
  spec.warm_start_version = -1;
  EXPECT_THAT(MessageOf(spec), StartsWith("training.warm_start_version: expected"));
  spec = good;
  spec.target.column = spec.weight_column = "roi";
  EXPECT_THAT(MessageOf(spec), StartsWith("weight_column: expected another column"));
  spec = good;
  spec.profit_threshold = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(MessageOf(spec), StartsWith("profit_threshold: expected a finite ROI"));
}

TEST(KnownKinds, AreThoseOfTheSpecAndNumbersForTargetAndWeights) {
  TrainingSpec spec;
  spec.columns.resize(2);
  spec.columns[0].name = "browser";
  spec.columns[0].kind = FeatureKind::kCategorical;
  spec.columns[1].name = "price";
  spec.target = {"", "revenue", "spend"};
  spec.weight_column = "weight";
  EXPECT_THAT(KnownKinds(spec),
              ElementsAre(Pair("browser", FeatureKind::kCategorical), Pair("revenue", FeatureKind::kNumeric),
                          Pair("spend", FeatureKind::kNumeric), Pair("weight", FeatureKind::kNumeric)));
}

}  // namespace
}  // namespace roicast
