#include "server/training/job_run.h"

#include <iterator>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/training/job_conversion.h"
#include "tests/server/training/manager_fixture.h"

namespace roicast {
namespace {

class JobRunTest : public ManagerFixture {
 protected:
  JobRunTest() {
    run_options_.id = store_.store->CreateJob({"default", "", "", ""})->id;
    run_options_.total_epochs = 10;
    run_options_.time_limit = absl::Minutes(1);
    run_options_.checkpoint_interval = absl::Seconds(30);
    run_options_.progress_interval = absl::Seconds(1);
    run_options_.clock = &store_.clock;
    run_options_.store = store_.store.get();
    run_options_.logger = logger_.get();
    run_options_.metrics = metrics_.AddTrainingWorker(0);
    run_options_.jobs = &jobs_;
    v1::TrainingJob job;
    job.set_id(run_options_.id);
    job.set_state(v1::JOB_STATE_RUNNING);
    jobs_.Add(job);
    EXPECT_EQ(jobs_.Take(), run_options_.id);
  }
  static EpochRecord Epoch(int epoch) {
    EpochRecord record;
    record.epoch = epoch;
    return record;
  }
  v1::JobProgress Written() {
    v1::JobProgress progress;
    EXPECT_TRUE(progress.ParseFromString(store_.store->GetJob(run_options_.id)->progress));
    return progress;
  }

  LiveJobs jobs_;
  JobRun::Options run_options_;
};

TEST_F(JobRunTest, TheTimeLimitFailsThePreparationButOnlyEndsTheEpochs) {
  JobRun run(run_options_);
  run.OnPhase(TrainingPhase::kPreparing);
  store_.clock.Advance(absl::Minutes(1));
  EXPECT_EQ(run.Poll(), TrainingSignal::kContinue);
  store_.clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(run.Poll(), TrainingSignal::kCancel);
  EXPECT_TRUE(run.timed_out());
  EXPECT_EQ(run.stop_reason(), StopReason::kNone);

  // The epochs have the whole limit for themselves.
  JobRun late(run_options_);
  store_.clock.Advance(absl::Seconds(50));
  late.OnPhase(TrainingPhase::kTraining);
  EXPECT_EQ(late.TimeUsed(), 0.0);
  store_.clock.Advance(absl::Seconds(59));
  EXPECT_EQ(late.Poll(), TrainingSignal::kContinue);
  EXPECT_DOUBLE_EQ(late.TimeUsed(), 59.0 / 60.0);
  store_.clock.Advance(absl::Seconds(1));
  EXPECT_EQ(late.Poll(), TrainingSignal::kTimeLimit);
  late.OnPhase(TrainingPhase::kEvaluating);
  EXPECT_EQ(late.Poll(), TrainingSignal::kContinue);
  EXPECT_FALSE(late.timed_out());
}

TEST_F(JobRunTest, CheckpointsAreWrittenAtTheirInterval) {
  JobRun run(run_options_);
  EXPECT_FALSE(run.WantsCheckpoint());
  store_.clock.Advance(absl::Seconds(30));
  EXPECT_TRUE(run.WantsCheckpoint());
  Checkpoint checkpoint;
  checkpoint.epoch = 4;
  run.OnCheckpoint(checkpoint);
  EXPECT_FALSE(run.WantsCheckpoint());
  EXPECT_EQ(ParseCheckpoint(*store_.store->ReadCheckpoint(run_options_.id))->epoch, 4);
}

TEST_F(JobRunTest, ProgressNamesTheScaleOfTheTarget) {
  JobRun run(run_options_);
  run.OnTargetScale("asinh(target)");
  run.OnPhase(TrainingPhase::kTraining);
  EXPECT_EQ(Written().target_scale(), "asinh(target)");
}

TEST_F(JobRunTest, ProgressIsWrittenAtItsInterval) {
  JobRun run(run_options_);
  run.OnPhase(TrainingPhase::kTraining);
  run.OnEpoch(Epoch(1));
  EXPECT_FALSE(Written().has_last_epoch());
  store_.clock.Advance(absl::Seconds(1));
  run.OnEpoch(Epoch(2));
  EXPECT_EQ(Written().last_epoch().epoch(), 2);
  EXPECT_EQ(run.progress().last_epoch().epoch(), 2);
}

TEST_F(JobRunTest, TimeLeftOfAResumedRunCountsItsOwnEpochs) {
  JobRun run(run_options_);
  run.OnPhase(TrainingPhase::kTraining);
  store_.clock.Advance(absl::Seconds(3));
  run.OnEpoch(Epoch(7));
  EXPECT_EQ(run.progress().time_left().seconds(), 9);
}

// A shutdown between the question for a checkpoint and the end of the epoch once took another epoch.
TEST_F(JobRunTest, AShutdownThatTrainingNoticesAsksForACheckpoint) {
  JobRun run(run_options_);
  run.OnPhase(TrainingPhase::kTraining);
  EXPECT_EQ(run.Poll(), TrainingSignal::kContinue);
  jobs_.Stop();
  EXPECT_FALSE(run.WantsCheckpoint());
  EXPECT_EQ(run.Poll(), TrainingSignal::kCancel);
  EXPECT_TRUE(run.WantsCheckpoint());
  EXPECT_EQ(run.stop_reason(), StopReason::kShutdown);
}

TEST_F(JobRunTest, ACancelledJobNeedsNoCheckpoint) {
  JobRun run(run_options_);
  EXPECT_EQ(jobs_.Cancel(run_options_.id), LiveJobs::Cancellation::kRequested);
  EXPECT_EQ(run.Poll(), TrainingSignal::kCancel);
  EXPECT_FALSE(run.WantsCheckpoint());
  // The first reason stays.
  jobs_.Stop();
  EXPECT_EQ(run.Poll(), TrainingSignal::kCancel);
  EXPECT_EQ(run.stop_reason(), StopReason::kCancelled);
}

TEST(JobConversion, TimesAndDurationsKeepTheirNanoseconds) {
  EXPECT_EQ(TimeToProto(absl::FromUnixMillis(-1500)).seconds(), -2);
  EXPECT_EQ(TimeToProto(absl::FromUnixMillis(-1500)).nanos(), 500'000'000);
  for (const absl::Duration duration : {absl::ZeroDuration(), absl::Milliseconds(1500), absl::Hours(100)}) {
    const google::protobuf::Duration proto = DurationToProto(duration);
    EXPECT_EQ(absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos()), duration);
  }
}

// A new state that a page of jobs or a watch shows as another one would mislead clients without an error.
TEST(JobConversion, EachStateOfTheStoreHasItsOwnInTheApi) {
  std::set<v1::JobState> states;
  for (const JobState state : kAllJobStates) {
    v1::TrainingJob job;
    job.set_state(StateToProto(state));
    states.insert(job.state());
    EXPECT_EQ(absl::AsciiStrToLower(v1::JobState_Name(job.state())), absl::StrCat("job_state_", JobStateName(state)));
    EXPECT_EQ(HasEnded(job), IsFinal(state)) << JobStateName(state);
  }
  EXPECT_EQ(states.size(), std::size(kAllJobStates));
}

}  // namespace
}  // namespace roicast
