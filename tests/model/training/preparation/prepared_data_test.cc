#include "model/training/preparation/prepared_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/network/scripted_observer.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

PreparedData PrepareOrFail(const CsvTable& csv, const TrainingSpec& spec) {
  absl::StatusOr<PreparedData> prepared = PrepareData(csv, spec, nullptr);
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return prepared.ok() ? *std::move(prepared) : PreparedData();
}

absl::Status PrepareError(absl::string_view text, const TrainingSpec& spec) {
  const CsvTable csv = ReadCsvOrFail(text);
  return PrepareData(csv, spec, nullptr).status();
}

int64_t Dropped(const CleaningReport& report, absl::string_view reason) {
  for (const DroppedRows& dropped : report.dropped) {
    if (dropped.reason == reason) return dropped.rows;
  }
  return 0;
}

const ColumnCleaning& CleaningOf(const CleaningReport& report, absl::string_view column) {
  static const ColumnCleaning& none = *new ColumnCleaning();
  for (const ColumnCleaning& cleaning : report.columns) {
    if (cleaning.column == column) return cleaning;
  }
  ADD_FAILURE() << "no column " << column;
  return none;
}

void ExpectRowsAddUp(const PreparedData& data) {
  int64_t rows = data.report.rows_used;
  for (const DroppedRows& dropped : data.report.dropped) rows += dropped.rows;
  EXPECT_EQ(rows, data.report.rows_in);
  EXPECT_EQ(data.report.rows_used,
            static_cast<int64_t>(data.split.train.size() + data.split.validation.size() + data.split.holdout.size()));
}

// 100 good rows and one of each that is dropped.
std::string DirtyCsv() {
  std::string text = "price,channel,spend,revenue\n";
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&text, 1 + i % 37, ".5,", i % 3 ? "search" : "social", ",", 10 + i, ",", 5 + 2 * i, "\n");
  }
  return absl::StrCat(text, "1.5,search,10\n",                // malformed
                      "1.5,search,10,\n",                     // no revenue
                      "1.5,search,0,10\n",                    // no spend
                      "1.5,search,-4,10\n",                   // negative spend
                      "1.5,social,10,5\n1.5,social,10,5\n");  // the first row, twice
}

TEST(PrepareData, ReportsEachDroppedRowOnce) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.cleaning.copies = CopyPolicy::kDrop;
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(DirtyCsv()), spec);
  const CleaningReport& report = data.report;
  EXPECT_EQ(report.rows_in, 106);
  EXPECT_EQ(report.rows_used, 100);
  EXPECT_EQ(Dropped(report, "malformed"), 1);
  EXPECT_EQ(Dropped(report, "missing target"), 1);
  EXPECT_EQ(Dropped(report, "spend not positive"), 2);
  EXPECT_EQ(Dropped(report, "duplicate"), 2);
  EXPECT_EQ(report.dropped.size(), 4u);
  EXPECT_EQ(report.csv_issue_count, 1);
  ExpectRowsAddUp(data);
}

TEST(PrepareData, KeepsDuplicatesOnRequest) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.cleaning.copies = CopyPolicy::kKeep;
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(DirtyCsv()), spec);
  EXPECT_EQ(Dropped(data.report, "duplicate"), 0);
  EXPECT_EQ(data.report.rows_used, 102);
  ExpectRowsAddUp(data);
}

TEST(PrepareData, ComputesRoiAndLeavesRevenueOut) {
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(DirtyCsv()), SpecFromPreset(Preset::kCompact));
  EXPECT_EQ(data.target.revenue_column, "revenue");
  EXPECT_DOUBLE_EQ(data.roi[0], (5.0 - 10.0) / 10.0);
  EXPECT_EQ(data.schema.IndexOf("revenue"), -1);
  EXPECT_GE(data.schema.IndexOf("spend"), 0);
  ASSERT_EQ(data.report.left_out.size(), 1u);
  EXPECT_EQ(data.report.left_out[0].reason, "revenue");
}

// x is 0 … 99 in the months that train, and a thousand times that, or missing, in June.
std::string ShiftedCsv() {
  std::string text = "x,channel,month,roi\n";
  for (int i = 0; i < 200; ++i) absl::StrAppend(&text, i % 100, ".0,a,", i < 100 ? "April" : "May", ",", i, "\n");
  for (int i = 0; i < 300; ++i) {
    absl::StrAppend(&text, i % 3 ? absl::StrCat(1000 * i) : "", ",", "b,June,", i, "\n");
  }
  return text;
}

TEST(PrepareData, LearnsNothingFromTheHoldout) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = "month";
  spec.split.value = "June";
  spec.split.validation_fraction = 0;
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(ShiftedCsv()), spec);
  EXPECT_EQ(data.split.holdout.size(), 300u);
  const CleaningLimits& limits = data.limits[data.schema.IndexOf("x")];
  EXPECT_EQ(limits.fill_value, 49.5);
  EXPECT_EQ(limits.upper_fence, 148.5);  // of 0 to 99: half their range beyond it
  EXPECT_FALSE(limits.missing_indicator);
  const ColumnCleaning& x = CleaningOf(data.report, "x");
  EXPECT_EQ(x.missing, 100);
  EXPECT_EQ(x.filled, 100);
  EXPECT_EQ(x.fill_value, "49.5");
  EXPECT_GE(x.clipped, 200);  // all of the holdout's present cells
  EXPECT_EQ(CleaningOf(data.report, "channel").fill_value, "a");
}

TEST(PrepareData, DropsRowsAfterTheLastTime) {
  std::string text = "x,day,roi\n";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, i % 7, ".5,2024-05-", 10 + i % 20, ",", i % 13, "\n");
  const CsvTable csv = ReadCsvOrFail(absl::StrCat(text, "1,,3\n"));
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.cleaning.until = {"day", "2024-05-24"};
  const PreparedData data = PrepareOrFail(csv, spec);
  EXPECT_EQ(Dropped(data.report, "after 2024-05-24"), 25);
  EXPECT_EQ(data.report.rows_used, 76);
  ExpectRowsAddUp(data);
  spec.cleaning.until.column = "x";
  EXPECT_THAT(PrepareData(csv, spec, nullptr).status().message(),
              HasSubstr("(--until): expected a time column, got \"x\", which is numeric"));
  EXPECT_EQ(*LastTimeUntil("1970-01-01"), 86'399);
  EXPECT_EQ(*LastTimeUntil("1970-01-01T00:00:10"), 10);
  EXPECT_FALSE(LastTimeUntil("May").has_value());
}

TEST(PrepareData, LeavesOutTheColumnOfASplitByValueAndKeepsThatOfASplitByTime) {
  std::string text = "x,day,roi\n";
  for (int i = 0; i < 200; ++i) absl::StrAppend(&text, i % 7, ".5,", i % 20, ",", i % 13, "\n");
  const CsvTable csv = ReadCsvOrFail(text);
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.column = "day";
  spec.split.value = "19";
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  const PreparedData by_value = PrepareOrFail(csv, spec);
  EXPECT_EQ(by_value.split.holdout.size(), 10u);
  EXPECT_EQ(by_value.schema.IndexOf("day"), -1);
  ASSERT_EQ(by_value.report.left_out.size(), 2u);
  EXPECT_EQ(by_value.report.left_out[0].column, "day");
  EXPECT_EQ(by_value.report.left_out[0].reason, "chooses the holdout");

  spec.split.holdout = SplitSpec::Holdout::kByTime;
  EXPECT_EQ(PrepareOrFail(csv, spec).schema.IndexOf("day"), 1);

  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.columns.resize(1);
  spec.columns[0].name = "day";
  spec.columns[0].include = true;
  EXPECT_EQ(PrepareOrFail(csv, spec).schema.IndexOf("day"), 1);
}

TEST(PrepareData, DropsOutliersFromTrainingButNotFromTheHoldout) {
  std::string text = "x,month,roi\n";
  for (int i = 0; i < 400; ++i) {
    const bool june = i >= 300;
    absl::StrAppend(&text, i == 50 || i == 350 ? 1e6 : i % 50, ",", june ? "June" : "May", ",", i % 17, "\n");
  }
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = "month";
  spec.split.value = "June";
  spec.cleaning.copies = CopyPolicy::kKeep;
  spec.cleaning.fence_method = FenceMethod::kIqr;
  spec.cleaning.outlier_policy = OutlierPolicy::kDrop;
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(text), spec);
  EXPECT_EQ(Dropped(data.report, "outlier"), 1);
  EXPECT_EQ(CleaningOf(data.report, "x").outlier_rows_dropped, 1);
  EXPECT_EQ(data.split.holdout.size(), 100u);
  EXPECT_THAT(data.split.holdout, Contains(350));
  EXPECT_THAT(data.split.train, ::testing::Not(Contains(50)));
  EXPECT_THAT(data.split.validation, ::testing::Not(Contains(50)));
  EXPECT_EQ(CleaningOf(data.report, "x").clipped, 1);
  ExpectRowsAddUp(data);
}

TEST(PrepareData, ClipsTheTargetOfTrainingRowsOnlyAndOnlyByARule) {
  std::string text = "x,month,roi\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&text, i, ".5,", i >= 100 ? "June" : "May", ",", i % 100 == 7 ? 5000 : i % 20, "\n");
  }
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = "month";
  spec.split.value = "June";
  EXPECT_EQ(PrepareOrFail(ReadCsvOrFail(text), spec).roi[7], 5000);

  spec.cleaning.outlier_rules = {{"", FenceMethod::kIqr, OutlierPolicy::kClip}};
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(text), spec);
  const ColumnCleaning& target = CleaningOf(data.report, "roi");
  ASSERT_TRUE(target.upper_fence.has_value());
  EXPECT_EQ(data.roi[7], *target.upper_fence);
  EXPECT_EQ(data.roi[107], 5000);
  EXPECT_EQ(target.clipped, 1);
}

TEST(PrepareData, DropsIncompleteRowsUnderThatPolicy) {
  std::string text = "x,y,roi\n";
  for (int i = 0; i < 100; ++i)
    absl::StrAppend(&text, i % 10 ? absl::StrCat(i, ".5") : "NA", ",", i % 7, ",", i % 13, "\n");
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout_fraction = 0;
  spec.cleaning.missing = MissingPolicy::kDrop;
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(text), spec);
  EXPECT_EQ(Dropped(data.report, "missing value"), 10);
  EXPECT_EQ(CleaningOf(data.report, "x").missing, 10);
  EXPECT_EQ(CleaningOf(data.report, "x").filled, 0);
  ExpectRowsAddUp(data);
}

TEST(PrepareData, TreatsCellsThatServingWouldRefuseAsMissingAndReportsThem) {
  std::string text = "price,clicks,roi\n";
  for (int i = 0; i < 50; ++i) absl::StrAppend(&text, i == 20 ? -3 : 1 + i % 9, ",", i % 4, ",", i % 13, "\n");
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.campaign_schema = true;
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(text), spec);
  EXPECT_TRUE(std::isnan(data.features.Find("price")->numbers[20]));
  EXPECT_EQ(CleaningOf(data.report, "price").missing, 1);
  EXPECT_EQ(data.report.csv_issue_count, 1);
  ASSERT_EQ(data.report.csv_issues.size(), 1u);
  EXPECT_EQ(data.report.csv_issues[0].line, 22);
  EXPECT_EQ(data.report.csv_issues[0].column, 1);
  EXPECT_EQ(data.report.csv_issues[0].message, "\"price\": expected > 0, got -3; taken as missing");
}

TEST(PrepareData, ReplacesSpikesInTrainingRowsAndCountsThem) {
  std::string text = "day,x,roi\n";
  for (int i = 0; i < 60; ++i) absl::StrAppend(&text, i % 30, ".25,", i == 31 ? 900 : i % 5, ",", i % 13, "\n");
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.holdout_fraction = 0;
  spec.split.validation_fraction = 0;
  spec.cleaning.hampel.time_column = "day";
  spec.cleaning.hampel.columns = {"x"};
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(text), spec);
  EXPECT_EQ(CleaningOf(data.report, "x").noise_replaced, 1);
  EXPECT_LT(data.features.Find("x")->numbers[31], 5);
  spec.cleaning.hampel.columns = {"z"};
  EXPECT_EQ(PrepareError(text, spec).message(), "cleaning.hampel.columns[0]: expected a feature, got \"z\"");
}

TEST(PrepareData, TakesWeightsAndDropsRowsWithoutOne) {
  std::string text = "x,weight,roi\n";
  for (int i = 0; i < 50; ++i) absl::StrAppend(&text, i % 7, ",", i == 3 ? "NA" : absl::StrCat(i % 2), ",", i, "\n");
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.weight_column = "weight";
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(text), spec);
  EXPECT_EQ(Dropped(data.report, "missing weight"), 1);
  EXPECT_EQ(data.schema.IndexOf("weight"), -1);
  EXPECT_EQ(data.WeightsOf({0, 1}), (std::vector<float>{0.0f, 1.0f}));
  ExpectRowsAddUp(data);

  EXPECT_EQ(PrepareError("x,weight,roi\n1,1,1\n2,-1,2\n", spec).message(),
            "weight_column \"weight\", line 3: expected at least 0, got -1");
  spec.weight_column = "wait";
  EXPECT_EQ(PrepareError(text, spec).message(),
            "weight_column (--weight): expected a numeric column of the data, got \"wait\"");
}

TEST(PrepareData, SaysInOneLineWhyThereIsNothingToTrainOn) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.validation_fraction = 0.1;
  absl::Status status = PrepareError("x,spend,revenue\n1,0,5\n2,-1,5\n3,5,\n", spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "cleaning dropped all 3 rows: 1 missing target, 2 spend not positive");

  std::string constant = "x,roi\n";
  for (int i = 0; i < 50; ++i) absl::StrAppend(&constant, i, ".5,0.5\n");
  status = PrepareError(constant, spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "target \"roi\": expected values that differ, got 0.5 in all 36 training rows");

  status = PrepareError("x,y\n1,0.5\n", spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the columns are x, y"));

  status = PrepareError("x,roi\n", spec);
  EXPECT_EQ(status.message(), "the dataset has no rows, only column names");
}

TEST(PrepareData, SaysHowManyRowsAreNeededInAll) {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.split.validation_fraction = 0.1;
  spec.cleaning.copies = CopyPolicy::kDrop;
  absl::Status status = PrepareError("x,roi\n1,0.5\n2,0.6\n2,0.6\n", spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(),
            "too few rows: needs at least 14 with a target (10 to train on after 20 % holdout and 10 % validation), "
            "got 2 of 3; dropped: 1 duplicate");

  std::string text = "x,roi\n";
  for (int i = 0; i < 13; ++i) absl::StrAppend(&text, i, ".5,", i % 4, "\n");
  EXPECT_THAT(std::string(PrepareError(text, spec).message()), HasSubstr("got 13 of 13"));
  absl::StrAppend(&text, "14.5,2\n");
  EXPECT_TRUE(PrepareError(text, spec).ok()) << PrepareError(text, spec);

  // Only the split shows how many rows have the value.
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = "month";
  spec.split.value = "June";
  text = "x,month,roi\n";
  for (int i = 0; i < 16; ++i) absl::StrAppend(&text, i, ".5,", i < 6 ? "June," : "May,", i % 4, "\n");
  EXPECT_EQ(PrepareError(text, spec).message(),
            "too few rows: needs at least 11 with a target (10 to train on beside those with \"June\" in \"month\" and "
            "10 % validation), got 9 of 16 to train on, 6 held out and 1 for validation");
}

TEST(PrepareData, TurnsNumbersIntoCategoriesOnRequest) {
  std::string text = "browser,roi\n";
  for (int i = 0; i < 50; ++i) absl::StrAppend(&text, i % 5, ",", i, "\n");
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.columns.resize(1);
  spec.columns[0].name = "browser";
  spec.columns[0].kind = FeatureKind::kCategorical;
  const PreparedData data = PrepareOrFail(ReadCsvOrFail(text), spec);
  EXPECT_EQ(data.schema.features[0].kind, FeatureKind::kCategorical);
  EXPECT_EQ(data.features.column(0).dictionary.size(), 5u);
}

TEST(PrepareData, StopsBetweenStepsWhenCancelled) {
  const CsvTable csv = ReadCsvOrFail(SmallDatasetCsv(50));
  ScriptedObserver observer;
  observer.CancelAtPoll(3);
  const auto status = PrepareData(csv, SpecFromPreset(Preset::kCompact), nullptr, &observer).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(observer.polls, 3);
}

}  // namespace
}  // namespace roicast
