#include "model/training/new_entities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/train_model.h"
#include "model/uncertainty/uncertainty.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

// Campaigns of 8 weeks, each with a luck of its own.
std::string Campaigns(int count, double luck, const std::string& prefix, uint64_t seed) {
  Random random(seed);
  std::string csv = "Campaign,Week,Channel,Spend,Revenue\n";
  for (int campaign = 0; campaign < count; ++campaign) {
    const bool search = campaign % 3 == 0;
    const double own = std::exp(luck * random.Normal()) * (search ? 1.5 : 0.8);
    for (int week = 0; week < 8; ++week) {
      const double spend = 100.0 + 400.0 * random.Uniform();
      absl::StrAppend(&csv, prefix, campaign, ",2024-0", 1 + week / 4, "-0", 1 + 2 * (week % 4), ",",
                      search ? "Search" : "Video", ",", spend, ",", spend * own * std::exp(0.1 * random.Normal()),
                      "\n");
    }
  }
  return csv;
}

const DataWarning* EntityWarning(const Artifact& artifact) {
  for (const DataWarning& warning : artifact.report.cleaning.warnings) {
    if (absl::StrContains(warning.message, "For values that are not in it")) return &warning;
  }
  return nullptr;
}

// "holds on new rows: R² 0.94", and 0.15 for other campaigns.
TEST(NewEntities, AreMeasuredSaidAndHaveHonestIntervals) {
  const auto artifact = TrainModel(ReadCsvOrFail(Campaigns(45, 0.5, "c", 1)), SpecFromPreset(Preset::kCompact));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  const DataWarning* const warning = EntityWarning(*artifact);
  ASSERT_NE(warning, nullptr);
  EXPECT_TRUE(warning->serious);
  EXPECT_EQ(warning->column, "Campaign");
  EXPECT_THAT(warning->flags, ::testing::ElementsAre("--holdout-group Campaign"));
  EXPECT_THAT(artifact->report.conclusion,
              HasSubstr("; only for the values of \"Campaign\" in the table: for others R²"));

  const auto predictor = Predictor::CompileUnverified(*artifact);
  ASSERT_TRUE(predictor.ok());
  const Uncertainty uncertainty(*artifact, predictor->get());
  UncertaintyOptions options;
  options.interval_level = 0.9;
  const auto question = uncertainty.Ask(options);
  ASSERT_TRUE(question.ok()) << question.status();
  const CsvTable others = ReadCsvOrFail(Campaigns(60, 0.5, "d", 2));
  const Column &spend = *others.table.Find("Spend"), &revenue = *others.table.Find("Revenue");
  int inside = 0;
  for (int64_t row = 0; row < others.table.rows(); ++row) {
    std::vector<float> raw;
    for (const Feature& feature : artifact->schema.features) {
      const Column& column = *others.table.Find(feature.name);
      if (feature.kind == FeatureKind::kTime) {
        raw.push_back(static_cast<float>(column.numbers[row] / 3600.0));
      } else if (feature.kind == FeatureKind::kNumeric) {
        raw.push_back(static_cast<float>(column.numbers[row]));
      } else {
        const absl::string_view word = column.dictionary[column.codes[row]];
        float code = kUnseenCode;
        for (size_t i = 0; i < feature.vocabulary.size(); ++i) {
          if (feature.vocabulary[i] == word) code = static_cast<float>(i);
        }
        raw.push_back(code);
      }
    }
    float roi, location, log_scale, low, high;
    uint8_t flags;
    (*predictor)->PredictWithSpread(raw.data(), 1, {&roi, 1}, {&flags, 1}, {{&location, 1}, {&log_scale, 1}, {}});
    uncertainty.Answer(
        *question, **predictor,
        {{raw.data(), {}}, {&roi, 1}, {&flags, 1}, {{&location, 1}, {&log_scale, 1}, {}}, {&low, 1}, {&high, 1}, {}});
    const double truth = revenue.numbers[row] / spend.numbers[row] - 1.0;
    inside += low <= truth && truth <= high;
  }
  EXPECT_GE(inside, 0.85 * static_cast<double>(others.table.rows()));
}

TEST(NewEntities, ThatAreLikeTheKnownOnesAreNoFinding) {
  const auto artifact = TrainModel(ReadCsvOrFail(Campaigns(45, 0.0, "c", 3)), SpecFromPreset(Preset::kCompact));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ(EntityWarning(*artifact), nullptr);
  EXPECT_THAT(artifact->report.conclusion, ::testing::Not(HasSubstr("only for")));
}

TEST(NewEntities, OfASplitByGroupAreTheHoldout) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout = SplitSpec::Holdout::kByGroup;
  spec.split.column = "Campaign";
  const auto artifact = TrainModel(ReadCsvOrFail(Campaigns(45, 0.5, "c", 1)), spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_LT(artifact->report.holdout.model.roi.r2, 0.6);
  EXPECT_EQ(EntityWarning(*artifact), nullptr);
}

}  // namespace
}  // namespace roicast
