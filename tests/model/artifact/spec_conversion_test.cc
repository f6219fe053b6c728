#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "model/artifact/proto_conversion.h"

namespace roicast {
namespace {

std::string MessageAfter(const std::function<void(v1::TrainingSpec&)>& change) {
  v1::TrainingSpec proto;
  change(proto);
  const auto spec = TrainingSpecFromProto(proto, "spec");
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(spec.status().message());
}

TEST(TrainingSpecConversion, AnEmptySpecIsThePresetsOwn) {
  v1::TrainingSpec proto;
  proto.set_preset(v1::PRESET_CLASSIC);
  const auto spec = TrainingSpecFromProto(proto, "spec");
  ASSERT_TRUE(spec.ok()) << spec.status();
  const TrainingSpec preset = SpecFromPreset(Preset::kClassic);
  EXPECT_EQ(spec->network.hidden, preset.network.hidden);
  EXPECT_EQ(spec->network.dropout, preset.network.dropout);
  EXPECT_EQ(spec->training.epochs, preset.training.epochs);
  EXPECT_EQ(spec->split.holdout_fraction, preset.split.holdout_fraction);
}

TEST(TrainingSpecConversion, KeepsASplitByGroupAndTheLastTime) {
  v1::TrainingSpec proto;
  proto.mutable_split()->mutable_by_group()->set_column("Campaign");
  proto.mutable_cleaning()->mutable_until()->set_column("Date");
  proto.mutable_cleaning()->mutable_until()->set_time("2024-11-30");
  const auto spec = TrainingSpecFromProto(proto, "spec");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->split.holdout, SplitSpec::Holdout::kByGroup);
  EXPECT_EQ(spec->split.column, "Campaign");
  EXPECT_EQ(spec->split.holdout_fraction, 0.2);
  EXPECT_EQ(spec->cleaning.until.column, "Date");
  const v1::TrainingSpec filled = TrainingSpecToProto(*spec);
  EXPECT_EQ(filled.split().by_group().fraction(), 0.2);
  EXPECT_EQ(filled.cleaning().until().time(), "2024-11-30");

  proto.mutable_cleaning()->mutable_until()->set_time("30 Nov");
  EXPECT_THAT(TrainingSpecFromProto(proto, "spec").status().message(), ::testing::HasSubstr("until.time"));
}

TEST(TrainingSpecConversion, DefaultsAreFilledInAndRoundTrip) {
  for (const v1::Preset preset :
       {v1::PRESET_COMPACT, v1::PRESET_CLASSIC, v1::PRESET_CLASSIC_FULL_BATCH, v1::PRESET_ATTENTION}) {
    v1::TrainingSpec proto;
    proto.set_preset(preset);
    proto.set_model("bids");
    auto* column = proto.add_columns();
    column->set_name("price");
    column->set_transform(v1::NUMERIC_TRANSFORM_LOG1P);
    proto.mutable_split()->mutable_by_value()->set_column("month");
    proto.mutable_split()->mutable_by_value()->set_value("June");
    proto.mutable_training()->mutable_time_limit()->set_seconds(90);
    proto.mutable_training()->set_seed(-7);
    const auto spec = TrainingSpecFromProto(proto, "spec");
    ASSERT_TRUE(spec.ok()) << spec.status();
    const v1::TrainingSpec filled = TrainingSpecToProto(*spec);
    EXPECT_GT(filled.training().learning_rate(), 0.0);
    EXPECT_EQ(filled.cleaning().fence_quantile(), 0.001);
    EXPECT_EQ(filled.training().time_limit().seconds(), 90);
    EXPECT_EQ(filled.training().seed(), -7);
    const auto again = TrainingSpecFromProto(filled, "spec");
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(TrainingSpecToProto(*again).SerializeAsString(), filled.SerializeAsString());
    EXPECT_EQ(again->split.holdout, SplitSpec::Holdout::kByValue);
    EXPECT_EQ(again->split.value, "June");
  }
}

TEST(TrainingSpecConversion, AttentionChoosesItsLengthAlone) {
  v1::TrainingSpec proto;
  proto.set_preset(v1::PRESET_ATTENTION);
  proto.mutable_network()->set_dropout(0.3);
  proto.mutable_training()->set_weight_decay(0.02);
  proto.mutable_training()->set_patience(7);
  auto spec = TrainingSpecFromProto(proto, "spec");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_TRUE(spec->choose_capacity);
  EXPECT_TRUE(spec->Validate().ok()) << spec->Validate();
  const v1::TrainingSpec filled = TrainingSpecToProto(*spec);
  EXPECT_EQ(filled.network().dropout(), 0.3);
  EXPECT_FALSE(filled.network().linear());
  EXPECT_EQ(filled.training().weight_decay(), 0.02);
  EXPECT_EQ(filled.training().patience(), 7);
  EXPECT_FALSE(filled.training().has_epochs());
  proto.mutable_training()->set_epochs(50);
  spec = TrainingSpecFromProto(proto, "spec");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_FALSE(spec->choose_capacity);
  EXPECT_EQ(spec->training.epochs, 50);
  EXPECT_EQ(spec->split.validation_fraction, 0.0);
}

TEST(TrainingSpecConversion, CompactChoosesItsCapacityUnlessAPartOfItIsFixed) {
  const auto convert = [](const std::function<void(v1::TrainingSpec&)>& change) {
    v1::TrainingSpec proto;
    change(proto);
    auto spec = TrainingSpecFromProto(proto, "spec");
    EXPECT_TRUE(spec.ok()) << spec.status();
    return *spec;
  };
  const TrainingSpec chosen = convert([](v1::TrainingSpec&) {});
  EXPECT_TRUE(chosen.choose_capacity);
  EXPECT_EQ(chosen.split.validation_fraction, 0.0);
  const v1::TrainingSpec filled = TrainingSpecToProto(chosen);
  EXPECT_FALSE(filled.training().has_epochs());
  EXPECT_FALSE(filled.training().has_weight_decay());
  EXPECT_FALSE(filled.network().has_dropout());

  for (const std::function<void(v1::TrainingSpec&)>& fix : std::vector<std::function<void(v1::TrainingSpec&)>>{
           [](v1::TrainingSpec& proto) { proto.mutable_training()->set_epochs(7); },
           [](v1::TrainingSpec& proto) { proto.mutable_training()->set_warmup_epochs(1); },
           [](v1::TrainingSpec& proto) { proto.mutable_training()->set_weight_decay(0.1); },
           [](v1::TrainingSpec& proto) { proto.mutable_training()->set_patience(5); },
           [](v1::TrainingSpec& proto) { proto.mutable_training()->set_optimizer(v1::OPTIMIZER_SGD); },
           [](v1::TrainingSpec& proto) { proto.mutable_training()->set_warm_start_version(2); },
           [](v1::TrainingSpec& proto) { proto.mutable_network()->set_dropout(0.3); },
           [](v1::TrainingSpec& proto) { proto.mutable_network()->set_activation(v1::ACTIVATION_TANH); }}) {
    const TrainingSpec fixed = convert(fix);
    EXPECT_FALSE(fixed.choose_capacity);
    EXPECT_EQ(fixed.split.validation_fraction, 0.05);
    EXPECT_TRUE(TrainingSpecToProto(fixed).training().has_epochs());
  }
  EXPECT_EQ(convert([](v1::TrainingSpec& proto) { proto.mutable_network()->set_dropout(0.3); }).training.epochs, 200);
}

TEST(TrainingSpecConversion, RequestedValuesReplaceThePresets) {
  v1::TrainingSpec proto;
  proto.mutable_network()->set_linear(true);
  proto.mutable_training()->set_loss(v1::LOSS_HUBER);
  proto.mutable_training()->set_patience(0);
  proto.mutable_split()->set_holdout_fraction(0.0);
  proto.mutable_preprocessing()->set_statistic(v1::PREDICTION_STATISTIC_MEDIAN);
  const auto spec = TrainingSpecFromProto(proto, "spec");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_TRUE(spec->network.hidden.empty());
  EXPECT_EQ(spec->training.loss, Loss::kHuber);
  EXPECT_EQ(spec->training.patience, 0);
  EXPECT_EQ(spec->split.holdout_fraction, 0.0);
  EXPECT_EQ(spec->statistic, PredictionStatistic::kMedian);
}

TEST(TrainingSpecConversion, ExtrasRoundTripAndAreAbsentUnlessAskedFor) {
  EXPECT_FALSE(TrainingSpecToProto(SpecFromPreset(Preset::kCompact)).has_extra());
  v1::TrainingSpec proto;
  v1::ExtraOptions& extra = *proto.mutable_extra();
  extra.set_folds(5);
  extra.mutable_time_budget()->set_seconds(90);
  extra.mutable_time_budget()->set_nanos(500);
  extra.set_distill(true);
  extra.set_select_features(true);
  extra.set_diminishing_returns(true);
  extra.set_interval_group("channel");
  extra.set_class_threshold(0.25);
  const auto spec = TrainingSpecFromProto(proto, "spec");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->extra.folds, 5);
  EXPECT_EQ(TrainingSpecToProto(*spec).extra().DebugString(), extra.DebugString());
}

TEST(TrainingSpecConversion, BadFieldsAreNamedWithExpectedAndActual) {
  EXPECT_EQ(MessageAfter([](auto& s) { s.set_model("No Spaces"); }),
            "spec.model: expected 1 to 64 of a-z, 0-9, _ and -, starting with a letter, got \"No Spaces\"");
  EXPECT_EQ(MessageAfter([](auto& s) { s.set_preset(static_cast<v1::Preset>(9)); }),
            "spec.preset: expected a value known to this release, got 9");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_extra()->set_folds(1); }),
            "spec.extra.folds: expected 2 to 50, got 1");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_extra()->set_folds(51); }),
            "spec.extra.folds: expected 2 to 50, got 51");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_extra()->mutable_time_budget()->set_seconds(0); }),
            "spec.extra.time_budget: expected a duration above 0, got 0 s and 0 ns");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_extra()->set_class_threshold(1.0); }),
            "spec.extra.class_threshold: expected above 0 and below 1, got 1");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_cleaning()->set_fence_quantile(0.7); }),
            "spec.cleaning.fence_quantile: expected above 0 and below 0.5, got 0.7");
  EXPECT_EQ(MessageAfter([](auto& s) {
              s.mutable_cleaning()->add_outlier_rules()->set_method(static_cast<v1::FenceMethod>(8));
            }),
            "spec.cleaning.outlier_rules[0].method: expected a value known to this release, got 8");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_cleaning()->mutable_hampel()->set_half_window(-1); }),
            "spec.cleaning.hampel.half_window: expected 1 to 1000, got -1");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_split()->mutable_by_time()->set_column("t"); }),
            "spec.split.by_time.fraction: expected above 0, up to 0.9, got 0");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_network()->add_hidden(5000); }),
            "spec.network.hidden[0]: expected 1 to 4096 units, got 5000");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_training()->set_learning_rate(-0.1); }),
            "spec.training.learning_rate: expected > 0, got -0.1");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_training()->mutable_time_limit()->set_seconds(-3); }),
            "spec.training.time_limit: expected a duration above 0, got -3 s and 0 ns");
  EXPECT_EQ(MessageAfter([](auto& s) { s.mutable_cleaning()->mutable_hampel()->set_half_window(1001); }),
            "spec.cleaning.hampel.half_window: expected 1 to 1000, got 1001");
  EXPECT_EQ(MessageAfter([](auto& s) { s.add_columns(); }), "spec.columns[0].name: expected a column's name, got \"\"");
  EXPECT_EQ(MessageAfter([](auto& s) { s.set_profit_threshold(1.0 / 0.0); }),
            "spec.profit_threshold: expected a finite number, got inf");
}

TEST(SchemaConversion, BoundsAndVocabularyRoundTrip) {
  Schema schema = CampaignSchema();
  const v1::Schema proto = SchemaToProto(schema);
  EXPECT_EQ(proto.digest(), schema.Digest());
  const auto back = SchemaFromProto(proto, "schema");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(SchemaToProto(*back).SerializeAsString(), proto.SerializeAsString());
  const int spend = schema.IndexOf("spend");
  EXPECT_EQ(back->features[spend].allowed_min_exclusive, schema.features[spend].allowed_min_exclusive);
  EXPECT_EQ(back->features[spend].allowed_max, schema.features[spend].allowed_max);
}

TEST(SchemaConversion, TimesKeepWhatTrainingSawAndOlderOnesHaveNothing) {
  Schema schema;
  schema.features.resize(1);
  schema.features[0].name = "start";
  schema.features[0].kind = FeatureKind::kTime;
  auto old = SchemaFromProto(SchemaToProto(schema), "schema");
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_TRUE(std::isinf(old->features[0].seen_max));
  EXPECT_EQ(old->features[0].seen_months, kAllMonths);
  schema.features[0].seen_min = 473'352.0;
  schema.features[0].seen_max = 477'000.0;
  schema.features[0].seen_months = 0x21;
  v1::Schema proto = SchemaToProto(schema);
  EXPECT_EQ(proto.features(0).seen_months_size(), 2);
  const auto back = SchemaFromProto(proto, "schema");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->features[0].seen_min, 473'352.0);
  EXPECT_EQ(back->features[0].seen_max, 477'000.0);
  EXPECT_EQ(back->features[0].seen_months, 0x21);
  proto.mutable_features(0)->add_seen_months(13);
  EXPECT_EQ(SchemaFromProto(proto, "schema").status(),
            absl::InvalidArgumentError("schema.features[0].seen_months: expected 1 to 12, got 13"));
  proto.mutable_features(0)->set_seen_min(480'000.0);
  EXPECT_EQ(SchemaFromProto(proto, "schema").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SchemaConversion, RangesByWordsRoundTripAndOlderSchemasHaveNone) {
  Schema schema;
  schema.features.resize(2);
  schema.features[0].name = "spend";
  schema.features[0].seen_min = 1.0;
  schema.features[0].seen_max = 9.0;
  schema.features[1].name = "channel";
  schema.features[1].kind = FeatureKind::kCategorical;
  schema.features[1].vocabulary = {"search", "email"};
  EXPECT_EQ(SchemaToProto(schema).features(0).word_ranges_size(), 0);
  schema.features[0].word_ranges = {{1, 1, 2.0, 3.0}};
  v1::Schema proto = SchemaToProto(schema);
  ASSERT_EQ(proto.features(0).word_ranges_size(), 1);
  EXPECT_EQ(proto.features(0).word_ranges(0).feature(), "channel");
  EXPECT_EQ(proto.features(0).word_ranges(0).word(), "email");
  auto back = SchemaFromProto(proto, "schema");
  ASSERT_TRUE(back.ok()) << back.status();
  const std::vector<WordRange>& ranges = back->features[0].word_ranges;
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_EQ(ranges[0].feature, 1);
  EXPECT_EQ(ranges[0].code, 1);
  EXPECT_EQ(ranges[0].min, 2.0);
  EXPECT_EQ(ranges[0].max, 3.0);
  // The preprocessor refuses what the names do not lead to.
  proto.mutable_features(0)->mutable_word_ranges(0)->set_word("radio");
  back = SchemaFromProto(proto, "schema");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_THAT(Preprocessor::Create(*back, std::vector<FittedFeature>(2)).status().message(),
              ::testing::HasSubstr("expected words of categorical features"));
  for (int i = 0; i < 256; ++i) proto.mutable_features(0)->add_word_ranges();
  EXPECT_EQ(SchemaFromProto(proto, "schema").status(),
            absl::InvalidArgumentError("schema.features[0].word_ranges: expected at most 256, got 257"));
}

}  // namespace
}  // namespace roicast
