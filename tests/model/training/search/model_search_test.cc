#include "model/training/search/model_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/network/scripted_observer.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TrainingSpec AutoSpec(absl::Duration budget) {
  TrainingSpec spec = SpecFromPreset(Preset::kAuto);
  spec.extra.time_budget = budget;
  return spec;
}

Artifact Searched(const std::string& csv, absl::Duration budget, TrainingObserver* observer = nullptr,
                  int threads = 1) {
  TrainModelInputs inputs;
  inputs.threads = threads;
  absl::StatusOr<Artifact> artifact = TrainModel(ReadCsvOrFail(csv), AutoSpec(budget), inputs, observer);
  EXPECT_TRUE(artifact.ok()) << artifact.status();
  return artifact.ok() ? *std::move(artifact) : Artifact();
}

TEST(ModelSearch, SaysWhatWasTriedAndServesItsBestParts) {
  class Steps : public TrainingObserver {
   public:
    void OnStep(absl::string_view step) override { steps.emplace(step); }
    void OnCompared(int count) override { compared = count; }
    std::set<std::string> steps;
    int compared = 0;
  } observer;
  const Artifact artifact = Searched(SmallDatasetCsv(200), absl::Seconds(5), &observer);
  const std::vector<TriedModel>& tried = artifact.report.tried;
  ASSERT_GE(tried.size(), 20u);
  double share = 0.0, seconds = 0.0;
  for (size_t i = 0; i < tried.size(); ++i) {
    EXPECT_THAT(tried[i].description, HasSubstr(" → "));
    EXPECT_GT(tried[i].seconds, 0.0);
    const bool complete = tried[i].description.find(" of 5 parts") == std::string::npos;
    EXPECT_TRUE(complete || tried[i].share == 0.0) << tried[i].description;
    share += tried[i].share;
    seconds += tried[i].seconds;
  }
  EXPECT_GE(tried[0].score, tried[1].score);
  EXPECT_NEAR(share, 1.0, 1e-9);
  EXPECT_GT(tried[0].share, 0.0);
  EXPECT_LT(seconds, 5.0);
  EXPECT_GT(seconds, 2.0);
  EXPECT_THAT(observer.steps, testing::Contains(StartsWith("round 1 of 2: ")));
  EXPECT_THAT(observer.steps, testing::Contains(HasSubstr(" candidates, 10000 steps, ")));
  EXPECT_THAT(observer.steps, testing::Contains(StartsWith("part 1 of ")));
  EXPECT_GE(observer.compared, 20);
  EXPECT_GE(artifact.report.members, 5);
  EXPECT_EQ(artifact.report.members % 5, 0);
  EXPECT_EQ(artifact.report.refit_rows, 200);
  EXPECT_GT(artifact.report.holdout.model.roi.r2, 0.9);
  EXPECT_TRUE(ParseArtifact(SerializeArtifact(artifact)).ok());
}

TEST(ModelSearch, GivesTheSameBytesWithAnyNumberOfThreads) {
  const std::string csv = SmallDatasetCsv(100);
  EXPECT_TRUE(SerializeArtifact(Searched(csv, absl::Seconds(1), nullptr, 3)) ==
              SerializeArtifact(Searched(csv, absl::Seconds(1))));
}

// threads: of the run that is interrupted, and of the one that goes on.
void ExpectSameBytesAfterResuming(int poll, int threads, int threads_later) {
  const std::string csv = SmallDatasetCsv(100);
  const Artifact whole = Searched(csv, absl::Seconds(1));
  ScriptedObserver observer;
  observer.wants_checkpoint = true;
  // Several threads are asked for at times, not after steps: on a slow machine none may have come far.
  observer.signal = [&observer, poll] {
    const bool has_fits = observer.checkpoint.has_value() && !observer.checkpoint->completed.empty();
    return observer.polls >= poll && has_fits ? TrainingSignal::kCancel : TrainingSignal::kContinue;
  };
  TrainModelInputs inputs;
  inputs.threads = threads;
  EXPECT_EQ(TrainModel(ReadCsvOrFail(csv), AutoSpec(absl::Seconds(1)), inputs, &observer).status().code(),
            absl::StatusCode::kCancelled);
  ASSERT_TRUE(observer.checkpoint.has_value());
  EXPECT_FALSE(observer.checkpoint->completed.empty());
  const absl::StatusOr<Checkpoint> reread = ParseCheckpoint(SerializeCheckpoint(*observer.checkpoint));
  ASSERT_TRUE(reread.ok()) << reread.status();
  inputs.resume_from = &*reread;
  inputs.threads = threads_later;
  const auto resumed = TrainModel(ReadCsvOrFail(csv), AutoSpec(absl::Seconds(1)), inputs);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(SerializeArtifact(*resumed) == SerializeArtifact(whole));
}

TEST(ModelSearch, GivesTheSameBytesAfterResuming) { ExpectSameBytesAfterResuming(8'000, 1, 1); }
TEST(ModelSearch, ResumesOnOneThreadWhatSeveralBegan) { ExpectSameBytesAfterResuming(30, 2, 1); }
TEST(ModelSearch, ResumesOnSeveralThreadsWhatOneBegan) { ExpectSameBytesAfterResuming(8'000, 1, 2); }

TEST(ModelSearch, ServesTheBestOfWhatWasComparedWhenTheTimeIsUp) {
  ScriptedObserver observer;
  observer.signal = [&observer] {
    return observer.polls < 200'000 ? TrainingSignal::kContinue : TrainingSignal::kTimeLimit;
  };
  const Artifact artifact = Searched(SmallDatasetCsv(100), absl::Seconds(3), &observer);
  EXPECT_EQ(artifact.report.refit_rows, 0);
  EXPECT_GE(artifact.report.members, 5);
  EXPECT_GT(artifact.report.tried.at(0).share, 0.0);
  EXPECT_TRUE(ParseArtifact(SerializeArtifact(artifact)).ok());
}

TEST(ModelSearch, IsLinearWhenTheTimeIsUpBeforeAnythingWasCompared) {
  ScriptedObserver observer;
  observer.signal = [&observer] {
    return observer.polls < 10 ? TrainingSignal::kContinue : TrainingSignal::kTimeLimit;
  };
  const Artifact artifact = Searched(SmallDatasetCsv(100), absl::Seconds(3), &observer);
  EXPECT_EQ(artifact.mlp.layers.size(), 1u);
  EXPECT_TRUE(artifact.report.tried.empty());
  std::vector<std::string> messages;
  for (const DataWarning& warning : artifact.report.cleaning.warnings) messages.push_back(warning.message);
  EXPECT_THAT(messages, testing::Contains(HasSubstr("the time limit passed before a network was trained")));
}

TEST(ModelSearch, RefusesABudgetThatIsTooShortForOneCandidate) {
  const auto status = TrainModel(ReadCsvOrFail(SmallDatasetCsv(100)), AutoSpec(absl::Milliseconds(50))).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("extra.time_budget (--time-budget): expected at least "));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("s for these 80 rows, got 50ms: a time budget of 50ms is too short for one candidate"));
}

TEST(ModelSearch, IsLinearOnPureNoise) {
  Random random(5);
  std::string csv = "a,b,roi\n";
  for (int i = 0; i < 200; ++i)
    absl::StrAppend(&csv, random.Uniform(), ",", random.Uniform(), ",", random.Normal(), "\n");
  const Artifact artifact = Searched(csv, absl::Seconds(1));
  EXPECT_EQ(artifact.mlp.layers.size(), 1u);
  EXPECT_EQ(artifact.report.members, 1);
  EXPECT_THAT(artifact.report.tried[0].description, StartsWith("linear, "));
  EXPECT_EQ(artifact.report.tried[0].share, 1.0);
}

}  // namespace
}  // namespace roicast
