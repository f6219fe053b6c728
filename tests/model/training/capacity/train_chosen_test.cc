// Training whose capacity the data choose, from a table to an artifact.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/network/scripted_observer.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TrainingSpec ChoosingSpec() {
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.network.hidden = {16, 8};
  return spec;
}

Artifact TrainOrFail(const std::string& csv, const TrainingSpec& spec, const TrainModelInputs& inputs = {},
                     TrainingObserver* observer = nullptr) {
  absl::StatusOr<Artifact> artifact = TrainModel(ReadCsvOrFail(csv), spec, inputs, observer);
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return artifact.ok() ? *std::move(artifact) : Artifact();
}

std::string NoiseCsv(int rows) {
  Random random(5);
  std::string text = "a,b,c,roi\n";
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(&text, random.Uniform(), ",", random.Uniform(), ",", random.Uniform(), ",", random.Normal(), "\n");
  }
  return text;
}

TEST(TrainChosen, KeepsTheSizeOfTheSpecAndSaysWhatWasCompared) {
  const Artifact artifact = TrainOrFail(SmallDatasetCsv(500), ChoosingSpec());
  EXPECT_EQ(artifact.mlp.layers.size(), 3u);
  EXPECT_EQ(artifact.mlp.layers[0].weights.rows(), 16);
  EXPECT_EQ(artifact.mlp.layers[1].weights.rows(), 8);
  EXPECT_GT(artifact.report.holdout.model.roi.r2, 0.9);
  EXPECT_EQ(artifact.report.train.model.rows, 400);
  EXPECT_EQ(artifact.report.validation.model.rows, 0);
  EXPECT_GT(artifact.report.epochs_run, 0);
  const auto& compared = artifact.report.capacity.compared;
  EXPECT_GE(compared.size(), 5u);
  EXPECT_EQ(std::count_if(compared.begin(), compared.end(), [](const auto& each) { return each.chosen; }), 1);
  for (const DataWarning& warning : artifact.report.cleaning.warnings) {
    EXPECT_THAT(warning.message, Not(HasSubstr("do not tell the target")));
  }
}

TEST(TrainChosen, IsLinearAndSaysSoWhereNothingCanBeLearnt) {
  const Artifact artifact = TrainOrFail(NoiseCsv(400), ChoosingSpec());
  EXPECT_EQ(artifact.mlp.layers.size(), 1u);
  EXPECT_EQ(artifact.report.parameter_count, 4);
  EXPECT_EQ(artifact.report.epochs_run, 0);
  EXPECT_EQ(artifact.report.stop_reason, "a linear model is enough");
  EXPECT_GE(artifact.report.holdout.model.roi.r2, -0.02);
  ASSERT_FALSE(artifact.report.cleaning.warnings.empty());
  EXPECT_TRUE(artifact.report.cleaning.warnings[0].serious);
  EXPECT_THAT(artifact.report.cleaning.warnings[0].message,
              HasSubstr("the inputs do not tell the target: on 320 rows that were not learnt from"));
}

TEST(TrainChosen, GivesTheSameBytesAgainAndAfterResuming) {
  const std::string csv = SmallDatasetCsv(200);
  const std::string bytes = SerializeArtifact(TrainOrFail(csv, ChoosingSpec()));
  EXPECT_TRUE(bytes == SerializeArtifact(TrainOrFail(csv, ChoosingSpec())));

  ScriptedObserver interrupted;
  interrupted.CancelAfterEpoch(3);
  EXPECT_EQ(TrainModel(ReadCsvOrFail(csv), ChoosingSpec(), {}, &interrupted).status().code(),
            absl::StatusCode::kCancelled);
  ASSERT_TRUE(interrupted.checkpoint.has_value());
  EXPECT_TRUE(bytes == SerializeArtifact(TrainOrFail(csv, ChoosingSpec(), {.resume_from = &*interrupted.checkpoint})));
}

TEST(TrainChosen, ReadsBackWhatWasCompared) {
  const Artifact artifact = TrainOrFail(SmallDatasetCsv(200), ChoosingSpec());
  const auto read = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(read.ok()) << read.status();
  const CapacityReport &before = artifact.report.capacity, &after = read->report.capacity;
  ASSERT_EQ(after.compared.size(), before.compared.size());
  for (size_t i = 0; i < before.compared.size(); ++i) {
    EXPECT_EQ(after.compared[i].capacity, before.compared[i].capacity);
    EXPECT_EQ(after.compared[i].network_share, before.compared[i].network_share);
    EXPECT_EQ(after.compared[i].r2, before.compared[i].r2);
    EXPECT_EQ(after.compared[i].chosen, before.compared[i].chosen);
  }
  EXPECT_EQ(after.linear_r2, before.linear_r2);
  EXPECT_TRUE(read->provenance.spec.choose_capacity);
}

// Says what it was told, in order, and that the time is up once so many settings were compared.
class Recorder : public TrainingObserver {
 public:
  explicit Recorder(int time_limit_after) : time_limit_after_(time_limit_after) {}
  void OnCompared(int settings) override { compared_ = settings; }
  void OnEpochsChosen(int epochs) override { chosen.push_back(epochs); }
  TrainingSignal Poll() override {
    return compared_ >= time_limit_after_ ? TrainingSignal::kTimeLimit : TrainingSignal::kContinue;
  }

  std::vector<int> chosen;

 private:
  const int time_limit_after_;
  int compared_ = 0;
};

TEST(TrainChosen, TellsHowManyEpochsWereChosen) {
  Recorder recorder(1000);
  const Artifact artifact = TrainOrFail(SmallDatasetCsv(200), ChoosingSpec(), {}, &recorder);
  // Of the measured network, and of the one that has learnt from a quarter more rows in as many steps: 7 of an epoch
  // instead of 5.
  EXPECT_THAT(recorder.chosen, ElementsAre(artifact.report.epochs_run, artifact.report.epochs_run * 5 / 7));
}

TEST(TrainChosen, ServesWhatLearntFromAllRowsAndMeasuresItsTwin) {
  const std::string csv = SmallDatasetCsv(200);
  TrainingSpec spec = ChoosingSpec();
  const Artifact artifact = TrainOrFail(csv, spec);
  EXPECT_EQ(artifact.report.refit_rows, 200);
  EXPECT_EQ(artifact.report.train.model.rows, 160);
  EXPECT_EQ(artifact.report.holdout.model.rows, 40);
  // Without a holdout, the same network is measured on the rows that it learnt from.
  spec.split.holdout_fraction = 0.0;
  const Artifact measured = TrainOrFail(csv, spec);
  EXPECT_EQ(measured.report.refit_rows, 0);
  EXPECT_EQ(measured.report.holdout.model.rows, 0);
}

// Cancels at the nth poll, and keeps the checkpoint that it asks for.
class Interrupter : public TrainingObserver {
 public:
  explicit Interrupter(int polls) : polls_(polls) {}
  TrainingSignal Poll() override { return --polls_ > 0 ? TrainingSignal::kContinue : TrainingSignal::kCancel; }
  bool WantsCheckpoint() const override { return polls_ <= 0; }
  void OnCheckpoint(const Checkpoint& state) override { checkpoint = state; }
  void OnCompared(int settings) override { compared = settings; }

  std::optional<Checkpoint> checkpoint;
  int compared = 0;

 private:
  int polls_;
};

TEST(TrainChosen, GoesOnWhereItWasWhateverWasUnderWay) {
  const std::string csv = SmallDatasetCsv(60);
  const std::string bytes = SerializeArtifact(TrainOrFail(csv, ChoosingSpec()));
  std::set<size_t> completed;
  constexpr int kMostPollsBefore = 2'000;
  // Some of these fall into the comparison, some into the measured network, some into the one on all rows.
  for (int polls = 500;; polls = polls * 2) {
    Interrupter interrupter(polls);
    if (TrainModel(ReadCsvOrFail(csv), ChoosingSpec(), {}, &interrupter).ok()) break;
    if (!interrupter.checkpoint.has_value()) {
      // Rows are prepared, and linear models are compared.
      EXPECT_TRUE(completed.empty() && interrupter.compared == 0)
          << polls << ": only before the comparison there is nothing to keep";
      EXPECT_LE(polls, kMostPollsBefore);
      continue;
    }
    completed.insert(interrupter.checkpoint->completed.size());
    const auto stored = ParseCheckpoint(SerializeCheckpoint(*interrupter.checkpoint));
    ASSERT_TRUE(stored.ok()) << stored.status();
    EXPECT_TRUE(bytes == SerializeArtifact(TrainOrFail(csv, ChoosingSpec(), {.resume_from = &*stored}))) << polls;
  }
  EXPECT_GE(completed.size(), 4u);
}

TEST(TrainChosen, IsLinearAndWarnsWhenTheTimeIsUp) {
  Recorder recorder(2);
  const Artifact artifact = TrainOrFail(SmallDatasetCsv(200), ChoosingSpec(), {}, &recorder);
  EXPECT_THAT(recorder.chosen, IsEmpty());
  EXPECT_EQ(artifact.mlp.layers.size(), 1u);
  EXPECT_EQ(artifact.report.stop_reason, "time limit");
  ASSERT_FALSE(artifact.report.cleaning.warnings.empty());
  EXPECT_THAT(artifact.report.cleaning.warnings[0].message,
              HasSubstr("the time limit passed before a network was trained: the model is a linear one"));
  EXPECT_THAT(artifact.report.cleaning.warnings[0].flags, ElementsAre("--epochs 100"));
  // It was not said.
  EXPECT_EQ(artifact.report.refit_rows, 0);
  EXPECT_EQ(artifact.report.cleaning.warnings.back().message,
            "the held-out rows were not learnt from: the time limit passed before that");
}

TEST(TrainChosen, OnlyWhereALinearPathIsPossible) {
  TrainingSpec spec = ChoosingSpec();
  EXPECT_TRUE(spec.ChoosesCapacity());
  spec.network.activation = Activation::kTanh;
  EXPECT_FALSE(spec.ChoosesCapacity());
  spec = ChoosingSpec();
  spec.training.optimizer = Optimizer::kAdam;
  EXPECT_FALSE(spec.ChoosesCapacity());
  spec = ChoosingSpec();
  spec.warm_start_version = 3;
  EXPECT_FALSE(spec.ChoosesCapacity());
  EXPECT_FALSE(SpecFromPreset(Preset::kClassic).ChoosesCapacity());
}

}  // namespace
}  // namespace roicast
