// Training of attention over features, from a table to an artifact.
#include "model/training/attention/attention_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/predictor/predictor.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/network/scripted_observer.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A tenth of a second.
TrainingSpec AttentionSpec() {
  TrainingSpec spec = SpecFromPreset(Preset::kAttention);
  spec.choose_capacity = false;
  spec.training.epochs = 40;
  spec.training.warmup_epochs = 2;
  spec.training.batch_size = 32;
  spec.training.learning_rate = 5e-3;
  return spec;
}

Artifact TrainOne(const std::string& csv, const TrainingSpec& spec, const TrainModelInputs& inputs = {},
                  TrainingObserver* observer = nullptr) {
  absl::StatusOr<Artifact> artifact = TrainModel(ReadCsvOrFail(csv), spec, inputs, observer);
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return artifact.ok() ? *std::move(artifact) : Artifact();
}

std::string PureNoise(int rows, uint64_t seed) {
  Random random(seed);
  std::string text = "a,b,c,roi\n";
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(&text, random.Uniform(), ",", random.Uniform(), ",", random.Uniform(), ",", random.Normal(), "\n");
  }
  return text;
}

std::vector<std::string> Messages(const Artifact& artifact) {
  std::vector<std::string> messages;
  for (const DataWarning& warning : artifact.report.cleaning.warnings) messages.push_back(warning.message);
  return messages;
}

TEST(AttentionFit, ServesAttentionWhereItIsBetterThanALinearModel) {
  const Artifact artifact = TrainOne(SmallDatasetCsv(500), AttentionSpec());
  ASSERT_TRUE(artifact.attention.has_value());
  EXPECT_TRUE(artifact.mlp.layers.empty());
  EXPECT_EQ(artifact.DescribeNetwork(), "5 features → 2 blocks of attention, 24 wide, 4 heads → 1");
  EXPECT_GT(artifact.report.holdout.model.roi.r2, 0.9);
  ASSERT_EQ(artifact.report.capacity.compared.size(), 1u);
  const ComparedCapacity& compared = artifact.report.capacity.compared[0];
  EXPECT_TRUE(compared.chosen);
  EXPECT_GT(compared.r2, 0.9);
  EXPECT_LT(artifact.report.capacity.linear_r2, compared.r2);
  EXPECT_GT(compared.network_share, 0.8);
  EXPECT_EQ(artifact.report.parameter_count, artifact.attention->parameter_count());
  EXPECT_GT(artifact.report.epochs_run, 0);
  EXPECT_EQ(artifact.report.refit_rows, 500);
  EXPECT_THAT(Messages(artifact),
              ::testing::Contains("attention over features rarely pays below 500 rows, and there are 400: the preset "
                                  "compact is likely to be better, and faster"));
  EXPECT_TRUE(Predictor::Compile(artifact).ok());
  const auto read = ParseArtifact(SerializeArtifact(artifact));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->provenance.spec.preset, Preset::kAttention);
  EXPECT_TRUE(read->provenance.spec.network.hidden.empty());
}

TEST(AttentionFit, ServesTheLinearModelWhereNothingCanBeLearnt) {
  for (const uint64_t seed : {5, 6, 7}) {
    const Artifact artifact = TrainOne(PureNoise(400, seed), AttentionSpec());
    EXPECT_FALSE(artifact.attention.has_value());
    EXPECT_EQ(artifact.mlp.layers.size(), 1u);
    EXPECT_EQ(artifact.report.parameter_count, 4);
    EXPECT_EQ(artifact.report.stop_reason, "a linear model is enough");
    EXPECT_GE(artifact.report.holdout.model.roi.r2, -0.02);
    EXPECT_THAT(Messages(artifact), ::testing::Contains(HasSubstr("attention is not shown to be better than a linear "
                                                                  "model, which is served (R² ")));
    EXPECT_THAT(Messages(artifact), ::testing::Contains(HasSubstr("the inputs do not tell the target")));
  }
}

// Cancels after the first epoch that follows so many steps, with a checkpoint of it.
class StepInterrupter : public TrainingObserver {
 public:
  explicit StepInterrupter(int steps) : steps_(steps) {}
  void OnStep(absl::string_view) override { --steps_; }
  TrainingSignal Poll() override {
    return checkpoint.has_value() ? TrainingSignal::kCancel : TrainingSignal::kContinue;
  }
  bool WantsCheckpoint() const override { return steps_ <= 0; }
  void OnCheckpoint(const Checkpoint& state) override { checkpoint = state; }

  std::optional<Checkpoint> checkpoint;

 private:
  int steps_;
};

TEST(AttentionFit, GivesTheSameBytesAgainAndAfterResuming) {
  const std::string csv = SmallDatasetCsv(200);
  TrainingSpec spec = AttentionSpec();
  spec.training.epochs = 12;
  const std::string bytes = SerializeArtifact(TrainOne(csv, spec));
  EXPECT_TRUE(bytes == SerializeArtifact(TrainOne(csv, spec)));
  ASSERT_TRUE(ParseArtifact(bytes)->attention.has_value());
  // Within the parts with and without ramps, in the fit that is measured, and in that of all rows.
  std::set<size_t> completed;
  for (const int step : {2, 6, 8, 9}) {
    StepInterrupter interrupter(step);
    EXPECT_EQ(TrainModel(ReadCsvOrFail(csv), spec, {}, &interrupter).status().code(), absl::StatusCode::kCancelled);
    ASSERT_TRUE(interrupter.checkpoint.has_value()) << "step " << step;
    const auto checkpoint = ParseCheckpoint(SerializeCheckpoint(*interrupter.checkpoint));
    ASSERT_TRUE(checkpoint.ok());
    completed.insert(checkpoint->completed.size());
    EXPECT_TRUE(bytes == SerializeArtifact(TrainOne(csv, spec, {.resume_from = &*checkpoint}))) << "step " << step;
  }
  EXPECT_THAT(completed, ElementsAre(1, 4, 6, 7));
}

// Notes the steps it is told of.
class StepRecorder : public TrainingObserver {
 public:
  void OnStep(absl::string_view step) override { steps.emplace_back(step); }
  std::vector<std::string> steps;
};

TEST(AttentionFit, SaysWhichPartIsUnderWay) {
  StepRecorder observer;
  TrainingSpec spec = AttentionSpec();
  spec.training.epochs = 8;
  TrainOne(SmallDatasetCsv(200), spec, {}, &observer);
  EXPECT_THAT(observer.steps, ElementsAre("part 1 of 3", "part 2 of 3", "part 3 of 3", "", "part 1 of 3", "part 2 of 3",
                                          "part 3 of 3", "", "all rows"));
}

TEST(AttentionFit, IsLinearIfTheTimeIsUpBeforeItIsCompared) {
  ScriptedObserver observer;
  observer.signal = [&] { return observer.polls > 60 ? TrainingSignal::kTimeLimit : TrainingSignal::kContinue; };
  const Artifact artifact = TrainOne(SmallDatasetCsv(300), AttentionSpec(), {}, &observer);
  EXPECT_FALSE(artifact.attention.has_value());
  EXPECT_EQ(artifact.report.stop_reason, "time limit");
  EXPECT_THAT(Messages(artifact),
              ::testing::Contains(HasSubstr("the time limit passed before attention was compared")));
}

TEST(AttentionFit, RefusesWhatItHasNoUseFor) {
  const CsvTable table = ReadCsvOrFail(SmallDatasetCsv(100));
  const auto message_of = [&](const TrainingSpec& spec) {
    return std::string(TrainModel(table, spec).status().message());
  };
  TrainingSpec spec = AttentionSpec();
  spec.network.hidden = {8};
  EXPECT_EQ(message_of(spec),
            "network.hidden (--hidden): expected none with the preset attention; --preset compact takes another");
  spec = AttentionSpec();
  spec.training.l2 = 0.1;
  EXPECT_EQ(message_of(spec),
            "training.l2 (--l2): expected 0 with the preset attention; --preset compact takes another");
  spec = AttentionSpec();
  spec.training.optimizer = Optimizer::kAdam;
  spec.training.weight_decay = 0.0;
  EXPECT_EQ(
      message_of(spec),
      "training.optimizer (--optimizer): expected AdamW with the preset attention; --preset compact takes another");
}

TEST(AttentionFit, IsNoWarmStartAndTakesNone) {
  const std::string csv = SmallDatasetCsv(300);
  TrainingSpec spec = AttentionSpec();
  spec.training.epochs = 10;
  const Artifact attention = TrainOne(csv, spec);
  ASSERT_TRUE(attention.attention.has_value());
  const auto from_attention = TrainModel(ReadCsvOrFail(csv), SmallSpec(), {.warm_start = &attention});
  EXPECT_EQ(
      from_attention.status(),
      absl::InvalidArgumentError("training.warm_start_version: expected a version with dense layers, got one with "
                                 "5 features → 2 blocks of attention, 24 wide, 4 heads → 1; train without a warm "
                                 "start"));
  EXPECT_EQ(TrainModel(ReadCsvOrFail(csv), spec, {.warm_start = &attention}).status().message(),
            "training.warm_start_version: expected none with the preset attention, which begins with new weights");
}

}  // namespace
}  // namespace roicast
