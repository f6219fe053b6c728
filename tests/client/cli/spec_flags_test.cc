#include "client/cli/spec_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>

#include "client/cli/file_error.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

const ColumnNames& Columns() {
  static const ColumnNames columns({"Revenue", "Cost, net", "Purchase ROAS, 7 days", "Ad ID", "month", "date", "roi"});
  return columns;
}

absl::StatusOr<v1::TrainingSpec> Build(std::vector<std::string> arguments, const ColumnNames& columns = Columns()) {
  CLI::App app;
  SpecFlags flags;
  flags.AddDataTo(app);
  flags.AddTrainingTo(app);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(arguments);
  return flags.Build(columns);
}

std::string Error(const std::vector<std::string>& arguments) {
  const auto spec = Build(arguments);
  EXPECT_TRUE(spec.ok() || absl::IsInvalidArgument(spec.status()));
  return std::string(spec.status().message());
}

TEST(SpecFlags, ColumnsAreRepeatedOrListedAndMayHaveCommas) {
  const v1::TrainingSpec spec =
      *Build({"--exclude", "Purchase ROAS, 7 days,month", "--include", "Ad ID", "--include", "date", "--kind",
              "Ad ID=categorical,date=time", "--range", "Cost, net=0..", "--range", "Revenue=none"});
  ASSERT_EQ(spec.columns_size(), 6);
  EXPECT_EQ(spec.columns(0).name(), "Purchase ROAS, 7 days");
  EXPECT_TRUE(spec.columns(0).exclude());
  EXPECT_EQ(spec.columns(1).name(), "month");
  EXPECT_TRUE(spec.columns(1).exclude());
  EXPECT_EQ(spec.columns(2).name(), "Ad ID");
  EXPECT_TRUE(spec.columns(2).include());
  EXPECT_EQ(spec.columns(2).kind(), v1::FEATURE_KIND_CATEGORICAL);
  EXPECT_EQ(spec.columns(3).kind(), v1::FEATURE_KIND_TIME);
  EXPECT_EQ(spec.columns(4).allowed().min(), 0);
  EXPECT_FALSE(spec.columns(4).allowed().has_max());
  EXPECT_TRUE(spec.columns(5).has_allowed());
  EXPECT_FALSE(spec.columns(5).allowed().has_min());
}

TEST(SpecFlags, SearchesAndReductionsAreOptionsOfTraining) {
  const v1::TrainingSpec spec =
      *Build({"--preset", "auto", "--time-budget", "1m30.5s", "--distill", "--select-features"});
  EXPECT_EQ(spec.preset(), v1::PRESET_AUTO);
  EXPECT_EQ(spec.extra().time_budget().seconds(), 90);
  EXPECT_EQ(spec.extra().time_budget().nanos(), 500'000'000);
  EXPECT_TRUE(spec.extra().distill());
  EXPECT_TRUE(spec.extra().select_features());
  EXPECT_FALSE(spec.extra().diminishing_returns());
  EXPECT_TRUE(Build({"--diminishing-returns"})->extra().diminishing_returns());
}

TEST(SpecFlags, TheTargetIsARoiAReturnOnAdSpendOrTwoColumns) {
  const v1::TargetSpec two =
      Build({"--revenue", "Revenue", "--spend", "Cost, net", "--blank-revenue", "zero"})->target();
  EXPECT_EQ(two.revenue_column(), "Revenue");
  EXPECT_EQ(two.spend_column(), "Cost, net");
  EXPECT_EQ(two.blank_revenue(), v1::BLANK_REVENUE_ZERO);
  EXPECT_EQ(Build({"--roas", "Purchase ROAS, 7 days"})->target().roas_column(), "Purchase ROAS, 7 days");
  EXPECT_EQ(Build({"--target", "roi", "--blank-revenue", "missing"})->target().blank_revenue(),
            v1::BLANK_REVENUE_MISSING);
  EXPECT_THROW(Build({"--target", "roi", "--roas", "roi"}).status(), CLI::ExcludesError);
  EXPECT_THROW(Build({"--blank-revenue", "none"}).status(), CLI::ValidationError);
}

TEST(SpecFlags, TheScaleOfTheTargetIsAnOption) {
  EXPECT_EQ(Build({"--target-transform", "log1p"})->preprocessing().target_transform(), v1::TARGET_TRANSFORM_LOG1P);
  EXPECT_EQ(Build({"--target-transform", "none"})->preprocessing().target_transform(), v1::TARGET_TRANSFORM_NONE);
  EXPECT_EQ(Build({})->preprocessing().target_transform(), v1::TARGET_TRANSFORM_UNSPECIFIED);
  EXPECT_THROW(Build({"--target-transform", "log"}).status(), CLI::ValidationError);
}

TEST(SpecFlags, CopiesAndSchema) {
  EXPECT_EQ(Build({"--copies", "keep"})->cleaning().copies(), v1::COPY_POLICY_KEEP);
  EXPECT_EQ(Build({"--copies", "drop"})->cleaning().copies(), v1::COPY_POLICY_DROP);
  EXPECT_EQ(Build({"--copies", "auto"})->cleaning().copies(), v1::COPY_POLICY_UNSPECIFIED);
  EXPECT_THROW(Build({"--copies", "all"}).status(), CLI::ValidationError);
  EXPECT_TRUE(Build({"--schema", "campaign"})->campaign_schema());
  EXPECT_FALSE(Build({})->campaign_schema());
  EXPECT_THROW(Build({"--schema", "mine"}).status(), CLI::ValidationError);
}

TEST(SpecFlags, EveryFlagThatNamesNoColumnSaysSo) {
  EXPECT_EQ(Error({"--target", "ROI"}), "--target ROI: no column \"ROI\"; did you mean \"roi\"?");
  EXPECT_EQ(Error({"--revenue", "revenu"}), "--revenue revenu: no column \"revenu\"; did you mean \"Revenue\"?");
  EXPECT_EQ(Error({"--spend", "Cost"}), "--spend Cost: no column \"Cost\"; did you mean \"Cost, net\"?");
  EXPECT_EQ(Error({"--roas", "roas"}), "--roas roas: no column \"roas\"; did you mean \"Purchase ROAS, 7 days\"?");
  EXPECT_EQ(Error({"--weight", "wieght"}), "--weight wieght: no column \"wieght\"");
  EXPECT_EQ(Error({"--exclude", "moth"}), "--exclude moth: no column \"moth\"; did you mean \"month\"?");
  EXPECT_EQ(Error({"--include", "Ad Id"}), "--include Ad Id: no column \"Ad Id\"; did you mean \"Ad ID\"?");
  EXPECT_EQ(Error({"--kind", "dat=time"}), "--kind dat=time: no column \"dat\"; did you mean \"date\"?");
  EXPECT_EQ(Error({"--range", "revenue=0..1"}),
            "--range revenue=0..1: no column \"revenue\"; did you mean \"Revenue\"?");
  EXPECT_EQ(Error({"--holdout-last", "dat=0.2"}), "--holdout-last dat=0.2: no column \"dat\"; did you mean \"date\"?");
  EXPECT_EQ(Error({"--holdout-where", "moth=June"}),
            "--holdout-where moth=June: no column \"moth\"; did you mean \"month\"?");
  EXPECT_EQ(HintOf(Build({"--target", "ROI"}).status()),
            "the columns are Revenue, \"Cost, net\", \"Purchase ROAS, 7 days\", Ad ID, month, date, roi");
}

TEST(SpecFlags, BadValuesSayWhatWasExpectedAndWhatCame) {
  EXPECT_EQ(Error({"--kind", "date=day"}), "--kind: expected numeric, categorical, time, got \"day\"");
  EXPECT_EQ(Error({"--kind", "date"}), "--kind: expected COLUMN=KIND, got \"date\"");
  for (const char* range : {"0", "1..0", "..", "0..x", "0..inf", "0-1"}) {
    EXPECT_EQ(Error({"--range", std::string("Revenue=") + range}),
              std::string("--range: expected MIN..MAX, MIN.., ..MAX or none, got \"") + range + "\"");
  }
  EXPECT_EQ(Error({"--holdout-last", "date=some"}),
            "--holdout-last: expected a share above 0, up to 0.9, got \"some\"");
  EXPECT_EQ(Error({"--holdout-last", "0.2"}), "--holdout-last: expected COLUMN=SHARE, got \"0.2\"");
  EXPECT_EQ(Error({"--holdout-where", "month"}), "--holdout-where: expected COLUMN=VALUE, got \"month\"");
}

TEST(SpecFlags, NamesInASpecFileAreCheckedToo) {
  const testing::TempDir dir;
  const std::string path = dir.File("spec.json");
  std::ofstream(path) << R"({"columns": [{"name": "month"}, {"name": "dat", "exclude": true}]})";
  EXPECT_EQ(Error({"--spec", path}), "--spec " + path + ": columns[1].name: no column \"dat\"; did you mean \"date\"?");
  EXPECT_TRUE(Build({"--spec", path}, ColumnNames()).ok());
  std::ofstream(path) << R"({"target": {"column": "month"}, "cleaning": {"copies": "COPY_POLICY_KEEP"}})";
  const v1::TrainingSpec spec = *Build({"--spec", path, "--roas", "roi"});
  EXPECT_EQ(spec.target().roas_column(), "roi");
  EXPECT_EQ(spec.target().column(), "");
  EXPECT_EQ(spec.cleaning().copies(), v1::COPY_POLICY_KEEP);
}

}  // namespace
}  // namespace roicast::client
