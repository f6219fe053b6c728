// What training and inspection warn of.
#include "model/training/preparation/data_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/random.h"
#include "model/training/preparation/findings.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

PreparedData PrepareCsv(const std::string& csv, const TrainingSpec& spec = SpecFromPreset(Preset::kCompact)) {
  absl::StatusOr<PreparedData> prepared = PrepareData(ReadCsvOrFail(csv), spec, nullptr);
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return prepared.ok() ? *std::move(prepared) : PreparedData();
}

// The warning whose message has the text.
const DataWarning& WarningWith(const CleaningReport& report, absl::string_view text) {
  static const DataWarning& none = *new DataWarning();
  std::string all;
  for (const DataWarning& warning : report.warnings) {
    if (absl::StrContains(warning.message, text)) return warning;
    absl::StrAppend(&all, warning.message, "\n");
  }
  ADD_FAILURE() << "no warning with \"" << text << "\" among\n" << all;
  return none;
}

int64_t DroppedBecause(const CleaningReport& report, absl::string_view reason) {
  for (const DroppedRows& dropped : report.dropped) {
    if (dropped.reason == reason) return dropped.rows;
  }
  return 0;
}

// 60 campaigns, each `copies` times; ROI has no relation to the inputs. row(i) is what else a row has.
std::string CopiedCampaigns(const std::string& header, int copies, std::string (*row)(int)) {
  Random random(4);
  std::string text = absl::StrCat(header, "channel,price,roi\n");
  for (int i = 0; i < 60; ++i) {
    const std::string campaign =
        absl::StrCat(random.Below(2) ? "search," : "social,", random.Uniform(1.0, 9.0), ",", random.Normal(), "\n");
    for (int k = 0; k < copies; ++k) absl::StrAppend(&text, row(copies * i + k), campaign);
  }
  return text;
}

// A name that is not known left the revenue among the inputs, beside a target that is a ROAS.
TEST(HiddenRevenue, IsSaidUntilItIsExcluded) {
  Random random(8);
  std::string text = "spend,total cart,price,roas\n";
  for (int i = 0; i < 100; ++i) {
    const double spend = random.Uniform(10.0, 500.0), roas = random.Uniform(0.2, 4.0);
    absl::StrAppend(&text, spend, ",", spend * roas, ",", random.Uniform(1.0, 9.0), ",", roas, "\n");
  }
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.target.roas_column = "roas";
  spec.target.spend_column = "spend";
  const PreparedData prepared = PrepareCsv(text, spec);
  const DataWarning& warning = WarningWith(prepared.report, "it is the revenue");
  EXPECT_TRUE(warning.serious);
  EXPECT_EQ(warning.column, "total cart");
  EXPECT_EQ(warning.message,
            "\"total cart\" is \"spend\" × (1 + ROI) in 100 of 100 rows: it is the revenue, which is known only after "
            "a campaign");
  EXPECT_THAT(warning.flags, ElementsAre("--exclude 'total cart'"));
  ColumnOverride& excluded = spec.columns.emplace_back();
  excluded.name = "total cart";
  excluded.exclude = true;
  EXPECT_THAT(PrepareCsv(text, spec).report.warnings,
              Not(Contains(Field(&DataWarning::message, HasSubstr("it is the revenue")))));
}

TEST(Copies, ThatDifferInTheIdentifierAloneAreSaidAndStayTogether) {
  const PreparedData data =
      PrepareCsv(CopiedCampaigns("campaign_id,", 10, [](int i) { return absl::StrCat("C", i, ","); }));
  EXPECT_EQ(data.report.rows_used, 600);
  const DataWarning& warning = WarningWith(data.report, "differ only in");
  EXPECT_TRUE(warning.serious);
  EXPECT_EQ(warning.message,
            "540 rows have the inputs and the target of an earlier row and differ only in \"campaign_id\": 600 rows "
            "have 60 distinct inputs. Rows with the same inputs are never on both sides of the split");
  EXPECT_THAT(warning.lines, ElementsAre(3, 4, 5, 6, 7));
  std::set<double> trained;
  for (const int64_t row : data.split.train) trained.insert(data.roi[row]);
  for (const int64_t row : data.split.validation) EXPECT_THAT(trained, Not(Contains(data.roi[row])));
  for (const int64_t row : data.split.holdout) EXPECT_THAT(trained, Not(Contains(data.roi[row])));
  EXPECT_EQ(data.split.holdout.size(), 120u);
  EXPECT_THAT(WarningWith(data.report, "prove nothing").message,
              HasSubstr("the 120 held-out rows have 12 distinct inputs"));
}

TEST(Copies, AreKeptWhereNothingTellsRowsApart) {
  const PreparedData data = PrepareCsv(CopiedCampaigns("", 3, [](int) { return std::string(); }));
  EXPECT_EQ(data.report.rows_used, 180);
  EXPECT_THAT(data.report.dropped, IsEmpty());
  const DataWarning& warning = WarningWith(data.report, "in all columns");
  EXPECT_FALSE(warning.serious);
  EXPECT_EQ(warning.message,
            "120 rows equal an earlier one in all columns and are kept: no identifier and no time shows that they are "
            "copies. They are never on both sides of the split");
  EXPECT_THAT(warning.flags, ElementsAre("--copies drop"));
}

TEST(Copies, AreDroppedWhereATimeMakesThemCopies) {
  const PreparedData data =
      PrepareCsv(CopiedCampaigns("day,", 3, [](int i) { return absl::StrCat("2024-05-", 10 + i / 3 % 20, ","); }));
  EXPECT_EQ(data.report.rows_used, 60);
  EXPECT_EQ(DroppedBecause(data.report, "duplicate"), 120);
  const DataWarning& warning = WarningWith(data.report, "dropped");
  EXPECT_FALSE(warning.serious);
  EXPECT_EQ(
      warning.message,
      "120 rows equal an earlier one in all columns and were dropped: \"day\" tells rows apart, so equal rows are "
      "copies");
  EXPECT_THAT(warning.flags, ElementsAre("--copies keep"));
}

TEST(Copies, AreDroppedWhereAnIdentifierMakesThemCopies) {
  const PreparedData data =
      PrepareCsv(CopiedCampaigns("order,", 2, [](int i) { return absl::StrCat(5000 + i / 2, ","); }));
  EXPECT_EQ(DroppedBecause(data.report, "duplicate"), 60);
  EXPECT_THAT(WarningWith(data.report, "dropped").message, HasSubstr("\"order\" tells rows apart"));
}

TEST(Copies, FollowThePolicy) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.cleaning.copies = CopyPolicy::kDrop;
  const std::string alike = CopiedCampaigns("", 3, [](int) { return std::string(); });
  EXPECT_EQ(DroppedBecause(PrepareCsv(alike, spec).report, "duplicate"), 120);

  spec.cleaning.copies = CopyPolicy::kKeep;
  const std::string dated =
      CopiedCampaigns("day,", 3, [](int i) { return absl::StrCat("2024-05-", 10 + i / 3 % 20, ","); });
  EXPECT_EQ(PrepareCsv(dated, spec).report.rows_used, 180);
}

TEST(Copies, OfHeldOutRowsAreNotTrainedOnInASplitByValue) {
  Random random(4);
  std::string text = "month,x,roi\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&text, i % 4 ? "May," : "June,", i % 20 == 1 ? i - 1 : i, ".5,", random.Normal(), "\n");
  }
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = "month";
  spec.split.value = "June";
  const PreparedData data = PrepareCsv(text, spec);
  EXPECT_EQ(data.split.holdout.size(), 50u);
  EXPECT_EQ(DroppedBecause(data.report, "inputs of a held-out row"), 10);
  EXPECT_EQ(data.report.rows_used, 190);
}

TEST(Copies, OnBothSidesAreWarnedOfIfLittleElseIsLeft) {
  Random random(4);
  std::string text = "month,x,roi\n";
  for (int i = 0; i < 200; ++i) absl::StrAppend(&text, i % 4 ? "May," : "June,", i % 7, ",", random.Normal(), "\n");
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = "month";
  spec.split.value = "June";
  const PreparedData data = PrepareCsv(text, spec);
  EXPECT_EQ(data.report.rows_used, 200);
  const DataWarning& warning = WarningWith(data.report, "on both sides: 150 rows");
  EXPECT_TRUE(warning.serious);
  EXPECT_EQ(warning.column, "month");
  EXPECT_THAT(warning.flags, ElementsAre("--holdout 0.2"));
}

TEST(Leverage, OfATinySpendIsSaidAndLeftOutOfTraining) {
  Random random(9);
  std::string text = "price,spend,revenue\n";
  for (int i = 0; i < 400; ++i) {
    const double spend = random.Uniform(100.0, 5000.0);
    const bool cent = i == 20 || i == 130 || i == 300;
    absl::StrAppend(&text, random.Uniform(1.0, 9.0), ",", cent ? 0.01 : spend, ",",
                    cent ? 480.0 : spend * random.Uniform(0.5, 3.0), "\n");
  }
  const PreparedData data = PrepareCsv(text);
  const DataWarning& warning = WarningWith(data.report, "most of the variance");
  EXPECT_TRUE(warning.serious);
  EXPECT_THAT(warning.lines, ElementsAre(22, 132, 302));
  EXPECT_THAT(warning.message, HasSubstr("3 rows carry most of the variance of ROI (100.0 %): up to 47999"));
  EXPECT_THAT(warning.message, HasSubstr("Their spend is at most 0.01"));
  EXPECT_THAT(warning.message, HasSubstr("are left out of training, where the target is -0."));
  for (const std::vector<int64_t>* part : {&data.split.train, &data.split.validation}) {
    for (const int64_t row : *part) EXPECT_LT(data.roi[row], 3.0);
  }
  const auto held_out = std::count_if(data.split.holdout.begin(), data.split.holdout.end(),
                                      [&](int64_t row) { return data.roi[row] > 3.0; });
  EXPECT_EQ(DroppedBecause(data.report, "target far out") + held_out, 3);

  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.cleaning.outlier_rules = {{"", FenceMethod::kNone, OutlierPolicy::kClip}};
  const PreparedData kept = PrepareCsv(text, spec);
  EXPECT_EQ(DroppedBecause(kept.report, "target far out"), 0);
  EXPECT_THAT(WarningWith(kept.report, "most of the variance").message, HasSubstr("are trained on"));
}

TEST(Leverage, OfAHeavyTailIsSaidButTrainedOn) {
  Random random(2);
  std::string text = "price,roi\n";
  for (int i = 0; i < 2000; ++i) {
    absl::StrAppend(&text, random.Uniform(1.0, 9.0), ",", std::exp(3.0 * random.Normal()) - 1.0, "\n");
  }
  const PreparedData data = PrepareCsv(text);
  EXPECT_EQ(data.report.rows_used, 2000);
  const DataWarning& warning = WarningWith(data.report, "most of the variance of target \"roi\"");
  EXPECT_FALSE(warning.serious);
  EXPECT_THAT(warning.message, HasSubstr("is trained on"));
}

TEST(Leverage, SaysWhereTheRowsAre) {
  Leverage leverage;
  leverage.positions = {4, 9};
  leverage.share = 0.9876;
  leverage.median = 0.5;
  leverage.stands_apart = true;
  leverage.rest_min = -1;
  leverage.rest_max = 3;
  LeverageDetails details;
  details.lines = {6, 11};
  details.largest = 4799;
  EXPECT_EQ(
      LeverageWarning(leverage, details, "ROI", true).message,
      "2 rows carry most of the variance of ROI (98.8 %): up to 4799, where the median is 0.5. They are left out of "
      "training, where the target is -1 to 3");
  details.held_out = 1;
  EXPECT_THAT(LeverageWarning(leverage, details, "ROI", false).message,
              HasSubstr(". 1 of them is held out, and decides R2 and RMSE there. The others are trained on"));
  details.held_out = 2;
  EXPECT_THAT(LeverageWarning(leverage, details, "ROI", false).message,
              ::testing::EndsWith("0.5. They are held out, and decide R2 and RMSE there"));
  leverage.positions = {4};
  details.held_out = 0;
  EXPECT_THAT(LeverageWarning(leverage, details, "ROI", false).message,
              AllOf(HasSubstr("1 row carries"), ::testing::EndsWith("0.5. It is trained on")));
}

TEST(SmallHoldout, ProvesNothingAndSaysWhichShareWould) {
  const PreparedData data = PrepareCsv(SmallDatasetCsv(60));
  const DataWarning& warning = WarningWith(data.report, "prove nothing");
  EXPECT_TRUE(warning.serious);
  EXPECT_EQ(warning.message,
            "the metrics prove nothing: only 12 of 60 rows are held out, and others could give quite other metrics. At "
            "least 30 begin to tell");
  EXPECT_THAT(warning.flags, ElementsAre("--holdout 0.5"));
  EXPECT_THAT(WarningWith(PrepareCsv(SmallDatasetCsv(14)).report, "prove nothing").flags, IsEmpty());
  EXPECT_THAT(PrepareCsv(SmallDatasetCsv(150)).report.warnings, Each(Field(&DataWarning::serious, false)));

  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout_fraction = 0;
  const PreparedData all = PrepareCsv(SmallDatasetCsv(150), spec);
  EXPECT_FALSE(WarningWith(all.report, "no rows are held out").serious);
}

// SmallDatasetCsv with a column that is the outcome in other words.
std::string CsvWithRoas() {
  std::string text;
  for (const absl::string_view line : absl::StrSplit(SmallDatasetCsv(400), '\n', absl::SkipEmpty())) {
    double roi = 0;
    const bool header = !absl::SimpleAtod(line.substr(line.rfind(',') + 1), &roi);
    absl::StrAppend(&text, header ? "return on ads" : absl::StrCat(roi + 1.0), ",", line, "\n");
  }
  return text;
}

TEST(SingleColumn, ThatExplainsTheTargetIsWarnedOfInInspectionAndTraining) {
  const CsvTable data = ReadCsvOrFail(CsvWithRoas());
  const auto inspection = InspectDataset(data, SmallSpec());
  ASSERT_TRUE(inspection.ok()) << inspection.status();
  const DataWarning& warning = WarningWith(inspection->cleaning, "alone explains");
  EXPECT_TRUE(warning.serious);
  EXPECT_EQ(warning.column, "return on ads");
  EXPECT_THAT(warning.flags, ElementsAre("--exclude 'return on ads'"));

  TrainingSpec spec = SmallSpec();
  spec.training.epochs = 1;
  const auto artifact = TrainModel(data, spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_THAT(artifact->report.cleaning.warnings, Contains(warning));

  spec.columns.resize(1);
  spec.columns[0].name = "return on ads";
  spec.columns[0].exclude = true;
  EXPECT_THAT(InspectDataset(data, spec)->cleaning.warnings, Each(Field(&DataWarning::serious, false)));
}

// inspect proposed to read the spend as words, and the job failed.
TEST(DataWarnings, NoFlagMakesWordsOfTheTargetsColumns) {
  TargetSpec target;
  target.revenue_column = "Revenue";
  target.spend_column = "Spend";
  std::vector<DataWarning> warnings = {
      {true, "Spend", {}, "bad cells", {"--missing-values x", "--kind Spend=categorical"}},
      {true, "price", {}, "bad cells", {"--kind price=categorical"}},
      {false, "", {}, "a note", {"--kind a=numeric"}}};
  DropFlagsThatTheTargetForbids(target, warnings);
  EXPECT_THAT(warnings[0].flags, ElementsAre("--missing-values x"));
  EXPECT_THAT(warnings[1].flags, ElementsAre("--kind price=categorical"));
  EXPECT_THAT(warnings[2].flags, ElementsAre("--kind a=numeric"));
}

}  // namespace
}  // namespace roicast
