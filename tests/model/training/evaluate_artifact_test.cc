#include "model/training/evaluate_artifact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "model/training/outside_training.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const CsvTable& SmallData() {
  static const CsvTable& data = *new CsvTable(ReadCsvOrFail(SmallDatasetCsv(1500)));
  return data;
}

const Artifact& SmallModel() {
  static const Artifact& artifact = *new Artifact(TrainModel(SmallData(), SmallSpec()).value());
  return artifact;
}

TEST(EvaluateArtifact, MeasuresAVersionOnOtherRows) {
  const auto evaluation = EvaluateArtifact(SmallModel(), ReadCsvOrFail(SmallDatasetCsv(500, 1234)),
                                           SmallModel().provenance.spec.target, 0.0);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  EXPECT_EQ(evaluation->metrics.model.rows, 500);
  EXPECT_GT(evaluation->metrics.model.roi.r2, 0.98);
  EXPECT_EQ(evaluation->metrics.baseline_roi, SmallModel().report.train.baseline_roi);
  EXPECT_TRUE(evaluation->dropped.empty());
  EXPECT_TRUE(evaluation->absent_features.empty());
}

// Of amounts in thousands, only the number of rows with warnings was said.
TEST(EvaluateArtifact, TellsNumbersOutsideTrainingAndAnotherUnit) {
  Feature price;
  price.name = "price";
  RowMajorMatrix prices(20, 1);
  for (int row = 0; row < 20; ++row) prices(row, 0) = 1.0F + static_cast<float>(row);
  Schema thousands{{price}};
  thousands.features[0].seen_min = 500;
  thousands.features[0].seen_max = 25000;
  EXPECT_EQ(
      OutsideTrainingText(thousands, prices),
      "outside training: \"price\" in 20 of 20 rows (training saw 500 to 25000; another unit? Nearly all would be "
      "inside if they were multiplied by 1000)");
  thousands.features[0].seen_min = 2;
  EXPECT_EQ(OutsideTrainingText(thousands, prices),
            "outside training: \"price\" in 1 of 20 rows (training saw 2 to 25000)");
  thousands.features[0].seen_min = 0;
  EXPECT_EQ(OutsideTrainingText(thousands, prices), "");
}

TEST(EvaluateArtifact, TellsRowsThatWereLearntFrom) {
  const auto evaluation = EvaluateArtifact(SmallModel(), SmallData(), SmallModel().provenance.spec.target, 0.0);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  const LearntRowsCheck& check = evaluation->learnt_rows;
  EXPECT_EQ(check.unknown_because, "");
  EXPECT_FALSE(check.sampled);
  EXPECT_EQ(check.rows_checked, 1500);
  EXPECT_EQ(check.rows_learnt, 1200);
  // Training measured the same rows.
  EXPECT_EQ(check.fresh.model.rows, 300);
  EXPECT_NEAR(check.fresh.model.roi.r2, SmallModel().report.holdout.model.roi.r2, 1e-9);
  EXPECT_THAT(evaluation->conclusion,
              StartsWith("1,200 of 1,500 rows (80 %) were learnt from: these metrics flatter; on "
                         "the other 300: R² 0.9"));
  EXPECT_EQ(evaluation->target.name, "ROI");
}

TEST(EvaluateArtifact, TellsThatNoneWasLearntFromAndWhenItIsNotKnown) {
  const CsvTable other = ReadCsvOrFail(SmallDatasetCsv(500, 1234));
  const TargetSpec& target = SmallModel().provenance.spec.target;
  const auto fresh = EvaluateArtifact(SmallModel(), other, target, 0.0);
  EXPECT_EQ(fresh->learnt_rows.rows_learnt, 0);
  EXPECT_THAT(fresh->conclusion, StartsWith("none was learnt from: holds on new rows: R² 0.9"));
  Artifact old = SmallModel();
  old.learnt_rows = {};
  EXPECT_EQ(EvaluateArtifact(old, other, target, 0.0)->learnt_rows.unknown_because,
            "the version's training did not record its rows");
  TargetSpec price;
  price.column = "price";
  const auto another = EvaluateArtifact(SmallModel(), other, price, 0.0);
  EXPECT_EQ(another->learnt_rows.unknown_because, "another target than in training");
  EXPECT_EQ(another->target.name, "price");
}

// 8,192 of the rows that were learnt from are remembered.
TEST(EvaluateArtifact, TellsBySampleIfManyRowsWereLearntFrom) {
  Artifact artifact = SmallModel();
  LearntRows& learnt = artifact.learnt_rows;
  learnt.hashes.resize(learnt.hashes.size() / 4);
  learnt.limit = learnt.hashes.back();
  const auto evaluation = EvaluateArtifact(artifact, SmallData(), artifact.provenance.spec.target, 0.0);
  EXPECT_TRUE(evaluation->learnt_rows.sampled);
  EXPECT_EQ(evaluation->learnt_rows.rows_learnt, 300);
  EXPECT_NEAR(static_cast<double>(evaluation->learnt_rows.rows_checked), 375, 40);
  EXPECT_THAT(evaluation->conclusion, HasSubstr(" of the 1,500 rows could be checked: 300 of "));
}

TEST(EvaluateArtifact, CountsRowsThatItLeavesOutAndRowsWithWarnings) {
  const CsvTable data = ReadCsvOrFail(
      "price,clicks,channel,spend,roi\n"
      "1,1,search,20,1.5\n"     // without a start: a warning
      "1e39,1,search,20,1.5\n"  // a price that is refused
      "1,1,search,0,1.5\n"      // no spend
      "1,1,search,20,\n"        // no target
      "1,1,search\n");          // malformed
  const auto evaluation = EvaluateArtifact(SmallModel(), data, {}, 0.0);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  EXPECT_EQ(evaluation->metrics.model.rows, 1);
  EXPECT_EQ(evaluation->rows_with_warnings, 1);
  EXPECT_EQ(evaluation->absent_features, std::vector<std::string>{"start"});
  ASSERT_EQ(evaluation->dropped.size(), 4u);
  for (const DroppedRows& dropped : evaluation->dropped) EXPECT_EQ(dropped.rows, 1) << dropped.reason;
  EXPECT_EQ(evaluation->dropped[3].reason, "refused value");
}

// AnalyzeModel copied the columns and made the rows beside the budget.
TEST(RowsForModel, DrawFromTheBudgetAsLongAsTheyLive) {
  const TargetSpec& target = SmallModel().provenance.spec.target;
  MemoryBudget small(100'000, 0), large(10'000'000, 0);
  const absl::Status refused = RowsForModel(SmallModel(), SmallData(), target, nullptr, &small).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(IsMemoryRefusal(refused)) << refused;
  {
    const auto rows = RowsForModel(SmallModel(), SmallData(), target, nullptr, &large);
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->raw.rows(), 1500);
    ASSERT_EQ(rows->raw.cols(), 5);
    EXPECT_EQ(large.held(MemoryUse::kTables), 1500u * (5 * sizeof(float) + sizeof(double)));
    EXPECT_GE(large.TakePeak(), static_cast<uint64_t>(SmallData().table.memory_bytes()) + large.held());
  }
  EXPECT_EQ(large.held(), 0u);
}

TEST(RowsForModel, StopWhereverTheyAsk) {
  const TargetSpec& target = SmallModel().provenance.spec.target;
  int asked = 0, last = std::numeric_limits<int>::max();
  const StopCheck stop = [&] { return ++asked < last ? absl::OkStatus() : absl::CancelledError("gone"); };
  ASSERT_TRUE(RowsForModel(SmallModel(), SmallData(), target, stop).ok());
  // For each feature when it is copied, and when it is converted.
  const int all = asked;
  EXPECT_GE(all, 2 * 5);
  for (last = 1; last <= all; ++last) {
    asked = 0;
    EXPECT_EQ(RowsForModel(SmallModel(), SmallData(), target, stop).status(), absl::CancelledError("gone"));
    EXPECT_EQ(asked, last);
  }
}

TEST(EvaluateArtifact, RefusesATableWithoutTargetOrFeatures) {
  EXPECT_THAT(std::string(EvaluateArtifact(SmallModel(), ReadCsvOrFail("price\n1\n"), {}, 0.0).status().message()),
              HasSubstr("the columns are price"));
  EXPECT_EQ(EvaluateArtifact(SmallModel(), ReadCsvOrFail("x,roi\n1,1\n"), {}, 0.0).status().message(),
            "the data has none of the model's 5 features, such as \"price\"");
}

}  // namespace
}  // namespace roicast
