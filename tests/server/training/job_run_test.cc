#include "server/training/job_run.h"

#include "server/training/job_conversion.h"
#include "tests/server/training/manager_fixture.h"

namespace roicast {
namespace {

class JobRunTest : public ManagerFixture {
 protected:
  JobRunTest() {
    run_options_.id = store_.store->CreateJob({"default", "", "", ""})->job.id;
    run_options_.total_epochs = 10;
    run_options_.time_limit = absl::Minutes(1);
    run_options_.checkpoint_interval = absl::Seconds(30);
    run_options_.progress_interval = absl::Seconds(1);
    run_options_.clock = &store_.clock;
    run_options_.store = store_.store.get();
    run_options_.logger = logger_.get();
    run_options_.metrics = metrics_.AddTrainingWorker(0);
    run_options_.stop = [this] { return stop_; };
    run_options_.on_progress = [](const v1::JobProgress&) {};
  }
  static v1::EpochRecord Epoch(int epoch) {
    v1::EpochRecord record;
    record.set_epoch(epoch);
    return record;
  }
  v1::JobProgress Written() {
    v1::JobProgress progress;
    EXPECT_TRUE(progress.ParseFromString(store_.store->GetJob(run_options_.id)->progress));
    return progress;
  }

  StopReason stop_ = StopReason::kNone;
  JobRun::Options run_options_;
};

TEST_F(JobRunTest, TheTimeLimitEndsOnlyWhatComesBeforeTheEpochs) {
  JobRun run(run_options_);
  run.OnPhase(v1::JOB_PHASE_PREPARING);
  store_.clock.Advance(absl::Minutes(1));
  EXPECT_FALSE(run.StopRequested());
  store_.clock.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(run.StopRequested());
  EXPECT_TRUE(run.timed_out());
  JobRun late(run_options_);
  late.OnPhase(v1::JOB_PHASE_EVALUATING);
  store_.clock.Advance(absl::Minutes(2));
  EXPECT_FALSE(late.StopRequested());
}

TEST_F(JobRunTest, CheckpointsAreWrittenAtTheirInterval) {
  JobRun run(run_options_);
  EXPECT_FALSE(run.WantsCheckpoint());
  store_.clock.Advance(absl::Seconds(30));
  EXPECT_TRUE(run.WantsCheckpoint());
  run.OnCheckpoint({4, "weights"});
  EXPECT_FALSE(run.WantsCheckpoint());
  EXPECT_EQ(*store_.store->ReadCheckpoint(run_options_.id), "4\nweights");
}

TEST_F(JobRunTest, ProgressIsWrittenAtItsInterval) {
  JobRun run(run_options_);
  run.OnPhase(v1::JOB_PHASE_TRAINING);
  EXPECT_TRUE(run.OnEpoch(Epoch(1)));
  EXPECT_FALSE(Written().has_last_epoch());
  store_.clock.Advance(absl::Seconds(1));
  EXPECT_TRUE(run.OnEpoch(Epoch(2)));
  EXPECT_EQ(Written().last_epoch().epoch(), 2);
  EXPECT_EQ(run.progress().last_epoch().epoch(), 2);
}

TEST_F(JobRunTest, TimeLeftOfAResumedRunCountsItsOwnEpochs) {
  JobRun run(run_options_);
  run.OnPhase(v1::JOB_PHASE_TRAINING);
  store_.clock.Advance(absl::Seconds(3));
  EXPECT_TRUE(run.OnEpoch(Epoch(7)));
  EXPECT_EQ(DurationFromProto(run.progress().time_left()), absl::Seconds(9));
}

TEST_F(JobRunTest, AShutdownThatComesTooLateForACheckpointGetsOneAfterTheNextEpoch) {
  JobRun run(run_options_);
  EXPECT_FALSE(run.WantsCheckpoint());
  stop_ = StopReason::kShutdown;
  EXPECT_TRUE(run.OnEpoch(Epoch(1)));
  EXPECT_TRUE(run.WantsCheckpoint());
  run.OnCheckpoint({2, "weights"});
  EXPECT_FALSE(run.OnEpoch(Epoch(2)));
  EXPECT_EQ(run.stop_reason(), StopReason::kShutdown);
}

TEST(JobConversion, TimesAndDurationsRoundTrip) {
  EXPECT_EQ(TimeToProto(absl::FromUnixMillis(-1500)).seconds(), -2);
  EXPECT_EQ(TimeToProto(absl::FromUnixMillis(-1500)).nanos(), 500'000'000);
  for (const absl::Duration duration : {absl::ZeroDuration(), absl::Milliseconds(1500), absl::Hours(100)}) {
    EXPECT_EQ(DurationFromProto(DurationToProto(duration)), duration);
  }
}

TEST(JobConversion, AForeignCheckpointIsDataLoss) {
  int epoch = 0;
  std::string bytes;
  ASSERT_TRUE(DecodeCheckpoint(EncodeCheckpoint(12, "a\nb"), epoch, bytes).ok());
  EXPECT_EQ(epoch, 12);
  EXPECT_EQ(bytes, "a\nb");
  EXPECT_EQ(DecodeCheckpoint("x\n", epoch, bytes), absl::DataLossError("the checkpoint cannot be read"));
}

}  // namespace
}  // namespace roicast
