#include "model/training/cross_validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/artifact/artifact.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/network/scripted_observer.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

TrainingSpec FoldedSpec(int folds) {
  TrainingSpec spec = SmallSpec();
  spec.extra.folds = folds;
  spec.training.epochs = 10;
  return spec;
}

std::vector<std::vector<int64_t>> FoldsOf(const std::string& csv, const TrainingSpec& spec) {
  const auto data = PrepareData(ReadCsvOrFail(csv), spec, nullptr);
  EXPECT_TRUE(data.ok()) << data.status();
  const auto folds = SplitIntoFolds(*data, spec);
  EXPECT_TRUE(folds.ok()) << folds.status();
  return *folds;
}

TEST(SplitIntoFolds, PutsEachRowIntoOnePartOfTheSameSize) {
  const std::vector<std::vector<int64_t>> folds = FoldsOf(SmallDatasetCsv(103), FoldedSpec(5));
  ASSERT_EQ(folds.size(), 5u);
  std::set<int64_t> rows;
  for (const std::vector<int64_t>& fold : folds) {
    EXPECT_GE(fold.size(), 20u);
    EXPECT_LE(fold.size(), 21u);
    EXPECT_TRUE(std::is_sorted(fold.begin(), fold.end()));
    rows.insert(fold.begin(), fold.end());
  }
  EXPECT_EQ(rows.size(), 103u);
  EXPECT_EQ(folds, FoldsOf(SmallDatasetCsv(103), FoldedSpec(5)));
  TrainingSpec other = FoldedSpec(5);
  other.split.seed = 7;
  EXPECT_NE(folds, FoldsOf(SmallDatasetCsv(103), other));
}

TEST(SplitIntoFolds, KeepsRowsWithTheSameInputsTogether) {
  std::string csv = "price,roi\n";
  for (int i = 0; i < 120; ++i) absl::StrAppend(&csv, i % 40, ",", i % 40 + 0.001 * i, "\n");
  for (const std::vector<int64_t>& fold : FoldsOf(csv, FoldedSpec(4))) {
    EXPECT_EQ(fold.size(), 30u);
    for (const int64_t row : fold) EXPECT_TRUE(std::binary_search(fold.begin(), fold.end(), (row + 40) % 120)) << row;
  }
}

TEST(SplitIntoFolds, GivesEachPartItsShareOfTwoValues) {
  std::string csv = "price,roi\n";
  for (int i = 0; i < 200; ++i) absl::StrAppend(&csv, i * 0.37, ",", i % 10 == 0 ? 1 : 0, "\n");
  for (const std::vector<int64_t>& fold : FoldsOf(csv, FoldedSpec(5))) {
    EXPECT_EQ(std::count_if(fold.begin(), fold.end(), [](int64_t row) { return row % 10 == 0; }), 4);
  }
}

TEST(SplitIntoFolds, NamesBothNumbersIfThereAreTooFewRows) {
  const auto message = [](const std::string& csv, int folds) {
    const auto artifact = TrainModel(ReadCsvOrFail(csv), FoldedSpec(folds));
    EXPECT_EQ(artifact.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(artifact.status().message());
  };
  EXPECT_EQ(message(SmallDatasetCsv(40), 50), "extra.folds (--folds): expected at most 40, the number of rows, got 50");
  std::string csv = "price,roi\n";
  for (int i = 0; i < 60; ++i) absl::StrAppend(&csv, i % 12, ",", i % 12 + 0.001 * i, "\n");
  EXPECT_EQ(message(csv, 20),
            "extra.folds (--folds): expected at most 12, the number of rows with distinct inputs, got 20");
}

TEST(CrossValidate, MeasuresEachRowByAModelThatHadNotSeenIt) {
  const CsvTable data = ReadCsvOrFail(SmallDatasetCsv(600));
  const auto artifact = TrainModel(data, FoldedSpec(3));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  const CrossValidation& folds = artifact->report.cross_validation;
  ASSERT_EQ(folds.first_metric.size(), 3u);
  for (const double r2 : folds.first_metric) {
    EXPECT_GT(r2, 0.75);
    EXPECT_LT(r2, 1.0);
  }
  EXPECT_EQ(folds.all.model.rows, 600);
  const double mean = (folds.first_metric[0] + folds.first_metric[1] + folds.first_metric[2]) / 3;
  EXPECT_NEAR(folds.all.model.roi.r2, mean, 0.03);
  EXPECT_LT(folds.all.first_metric_low, folds.all.model.roi.r2);
  EXPECT_GT(folds.all.first_metric_high, folds.all.model.roi.r2);
  // The model itself is the same as without.
  TrainingSpec plain = FoldedSpec(3);
  plain.extra.folds = 0;
  const auto without = TrainModel(data, plain);
  EXPECT_EQ(without->golden.predictions, artifact->golden.predictions);
  EXPECT_EQ(without->report.holdout.model.roi.r2, artifact->report.holdout.model.roi.r2);
}

TEST(CrossValidate, OfNoiseShowsThatNothingHolds) {
  std::string csv = "a,b,c,roi\n";
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&csv, random.Normal(), ",", random.Normal(), ",", random.Normal(), ",", random.Normal(), "\n");
  }
  TrainingSpec spec = FoldedSpec(4);
  spec.split.holdout_fraction = 0.0;
  const auto artifact = TrainModel(ReadCsvOrFail(csv), spec);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_LT(artifact->report.cross_validation.all.model.roi.r2, 0.05);
  EXPECT_EQ(artifact->report.OfNewRows().model.rows, 200);
  EXPECT_THAT(artifact->report.conclusion, StartsWith("by cross-validation: "));
}

class StepObserver : public TrainingObserver {
 public:
  void OnStep(absl::string_view step) override { steps.emplace_back(step); }
  std::vector<std::string> steps;
};

TEST(CrossValidate, SaysWhichPartIsUnderWay) {
  StepObserver observer;
  const auto artifact = TrainModel(ReadCsvOrFail(SmallDatasetCsv(60)), FoldedSpec(3), {}, &observer);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_THAT(observer.steps, ElementsAre("fold 1 of 3", "fold 2 of 3", "fold 3 of 3"));
}

// Keeps a checkpoint at a chosen poll and cancels there.
class Interrupting : public TrainingObserver {
 public:
  explicit Interrupting(int at) : at_(at) {}
  TrainingSignal Poll() override {
    return checkpoint.has_value() ? TrainingSignal::kCancel : TrainingSignal::kContinue;
  }
  void OnEpoch(const EpochRecord&) override { ++epochs; }
  bool WantsCheckpoint() const override { return epochs >= at_; }
  void OnCheckpoint(const Checkpoint& taken) override {
    if (!checkpoint.has_value()) checkpoint = taken;
  }
  int epochs = 0;
  std::optional<Checkpoint> checkpoint;

 private:
  const int at_;
};

TEST(CrossValidate, ResumesWithinAFoldToTheSameBytes) {
  const CsvTable data = ReadCsvOrFail(SmallDatasetCsv(120));
  const auto whole = TrainModel(data, FoldedSpec(3));
  ASSERT_TRUE(whole.ok()) << whole.status();
  // 10 epochs of the model itself, then 10 a fold.
  for (const int at : {5, 15, 34}) {
    Interrupting observer(at);
    EXPECT_EQ(TrainModel(data, FoldedSpec(3), {}, &observer).status().code(), absl::StatusCode::kCancelled) << at;
    ASSERT_TRUE(observer.checkpoint.has_value()) << at;
    TrainModelInputs inputs;
    inputs.resume_from = &*observer.checkpoint;
    const auto resumed = TrainModel(data, FoldedSpec(3), inputs);
    ASSERT_TRUE(resumed.ok()) << at << resumed.status();
    EXPECT_EQ(SerializeArtifact(*resumed), SerializeArtifact(*whole)) << at;
  }
}

class TimeLimit : public TrainingObserver {
 public:
  void OnEpoch(const EpochRecord&) override { ++epochs_; }
  TrainingSignal Poll() override { return epochs_ >= 25 ? TrainingSignal::kTimeLimit : TrainingSignal::kContinue; }

 private:
  int epochs_ = 0;
};

TEST(CrossValidate, IsLeftOutIfTheTimeIsUp) {
  TimeLimit observer;
  const auto artifact = TrainModel(ReadCsvOrFail(SmallDatasetCsv(120)), FoldedSpec(3), {}, &observer);
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_TRUE(artifact->report.cross_validation.first_metric.empty());
  EXPECT_EQ(artifact->report.cleaning.warnings.back().message,
            "the time limit passed before all folds were measured: there is no cross-validation");
}

}  // namespace
}  // namespace roicast
