// Jobs that train a model are cancelled in each phase, wherever they ask whether to stop.
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/training/model_training.h"
#include "tests/server/training/manager_fixture.h"

namespace roicast {
namespace {

// Passes everything on to the job, and runs something where training asks whether to stop.
class PassingObserver final : public TrainingObserver {
 public:
  // on_poll(phase, n): before the n-th Poll of a phase, from 1.
  PassingObserver(TrainingObserver& job, std::function<void(TrainingPhase, int)> on_poll)
      : job_(job), on_poll_(std::move(on_poll)) {}

  void OnPhase(TrainingPhase phase) override {
    phase_ = phase;
    polls_ = 0;
    job_.OnPhase(phase);
  }
  void OnCompared(int settings) override { job_.OnCompared(settings); }
  void OnEpochsChosen(int epochs) override { job_.OnEpochsChosen(epochs); }
  void OnTargetScale(absl::string_view scale) override { job_.OnTargetScale(scale); }
  void OnStep(absl::string_view step) override { job_.OnStep(step); }
  void OnEpoch(const EpochRecord& epoch) override { job_.OnEpoch(epoch); }
  TrainingSignal Poll() override {
    on_poll_(phase_, ++polls_);
    return job_.Poll();
  }
  double TimeUsed() const override { return job_.TimeUsed(); }
  bool WantsCheckpoint() const override { return job_.WantsCheckpoint(); }
  void OnCheckpoint(const Checkpoint& checkpoint) override { job_.OnCheckpoint(checkpoint); }

 private:
  TrainingObserver& job_;
  const std::function<void(TrainingPhase, int)> on_poll_;
  TrainingPhase phase_ = TrainingPhase::kReading;
  int polls_ = 0;
};

class CancellationTest : public ManagerFixture {
 protected:
  CancellationTest() {
    std::string csv = "spend,channel,roi\n";
    for (int row = 0; row < 300; ++row) {
      absl::StrAppend(&csv, 10 + row * 7 % 90, row % 3 == 0 ? ",search," : ",social,", row * 7 % 90 / 50.0, "\n");
    }
    auto writer = store_.store->NewDataset("campaigns.csv", {});
    EXPECT_TRUE((*writer)->Append(csv).ok());
    digest_ = (*writer)->Finish()->digest;
    train_ = [this](const TrainRequest& request, TrainingObserver& observer) {
      PassingObserver passing(observer, [this](TrainingPhase phase, int poll) { on_poll_(phase, poll); });
      return TrainJob(request, TrainJobOptions(), passing);
    };
  }

  TrainingSpec RealSpec() const {
    TrainingSpec spec = Spec(5);
    spec.target.column = "roi";
    return spec;
  }

  // Called on the training thread.
  std::function<void(TrainingPhase, int)> on_poll_ = [](TrainingPhase, int) {};
};

TEST_F(CancellationTest, EndsAJobWhereverItAsksInEachPhaseAndTheWorkerTakesTheNext) {
  std::map<TrainingPhase, int> questions;
  on_poll_ = [&](TrainingPhase phase, int question) { questions[phase] = question; };
  Start();
  const v1::TrainingJob whole = AwaitEnd(Submit(RealSpec()));
  ASSERT_EQ(whole.state(), v1::JOB_STATE_SUCCEEDED) << whole.error().message();

  for (const TrainingPhase phase :
       {TrainingPhase::kReading, TrainingPhase::kPreparing, TrainingPhase::kTraining, TrainingPhase::kEvaluating}) {
    const int all = questions[phase];
    ASSERT_GE(all, 1) << v1::JobPhase_Name(PhaseToProto(phase));
    for (const int place : {1, (1 + all) / 2, all}) {
      SCOPED_TRACE(absl::StrCat(v1::JobPhase_Name(PhaseToProto(phase)), ", question ", place, " of ", all));
      bool cancelled = false;
      int later = 0;
      on_poll_ = [&](TrainingPhase now, int question) {
        later += cancelled ? 1 : 0;
        if (cancelled || now != phase || question != place) return;
        cancelled = true;
        EXPECT_TRUE(manager_->Cancel(manager_->List("", "", 1)->front().id()).ok());
      };
      const v1::TrainingJob job = AwaitEnd(Submit(RealSpec()));
      EXPECT_EQ(job.state(), v1::JOB_STATE_CANCELLED);
      EXPECT_EQ(job.progress().phase(), PhaseToProto(phase));
      // What is told so between two parts of its rows leaves the rest, and its callers ask once more each.
      EXPECT_LE(later, 4);
    }
  }

  on_poll_ = [](TrainingPhase, int) {};
  EXPECT_EQ(AwaitEnd(Submit(RealSpec())).version(), 2);
}

}  // namespace
}  // namespace roicast
