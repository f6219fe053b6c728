#include "server/training/job_manager.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "base/status_macros.h"
#include "prometheus/text_serializer.h"
#include "server/errors/errors.h"
#include "server/training/idle_priority.h"
#include "server/training/job_conversion.h"
#include "tests/server/training/manager_fixture.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class JobManagerTest : public ManagerFixture {
 protected:
  // The job in the store once it is not RUNNING there any more, or after a minute.
  absl::StatusOr<JobRecord> AwaitStoredEnd(const std::string& id) const {
    absl::StatusOr<JobRecord> record = store_.store->GetJob(id);
    const absl::Time patience = absl::Now() + absl::Seconds(60);
    while (record.ok() && record->state == JobState::kRunning && absl::Now() < patience) {
      record = store_.store->GetJob(id);
    }
    return record;
  }
};

TEST_F(JobManagerTest, AJobTrainsAndPublishesAVersion) {
  Start();
  const auto submitted = manager_->Submit(Spec(), "");
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_EQ(submitted->id(), "job-000001");
  EXPECT_EQ(submitted->state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(submitted->spec().model(), "default");
  EXPECT_EQ(submitted->spec().training().epochs(), 3);
  EXPECT_EQ(submitted->create_time().seconds(), absl::ToUnixSeconds(kTestTime));

  trainer_.AllowAll();
  const v1::TrainingJob job = AwaitEnd("job-000001");
  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.version(), 1);
  EXPECT_EQ(job.report().epochs_run(), 3);
  EXPECT_EQ(job.progress().total_epochs(), 3);
  EXPECT_EQ(job.progress().last_epoch().epoch(), 3);
  EXPECT_EQ(job.progress().phase(), v1::JOB_PHASE_PUBLISHING);
  EXPECT_FALSE(job.has_error());
  const auto version = store_.store->GetVersion("default", 1);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->digest, job.artifact_digest());
  EXPECT_EQ(version->job_id, "job-000001");
  EXPECT_EQ(version->network, "1 → 1");
  EXPECT_EQ(version->holdout_r2, 0.75);
  // Swapped in before the job is reported as succeeded.
  EXPECT_THAT(published(), ElementsAre("default 1"));
  EXPECT_EQ(manager_->Get("job-000001")->SerializeAsString(), job.SerializeAsString());
}

TEST_F(JobManagerTest, AFailureHasItsReasonAndPublishesNothing) {
  Start();
  trainer_.AllowAll();
  trainer_.FailWith(absl::FailedPreconditionError("the loss is NaN at epoch 1: lower the learning rate"));
  const v1::TrainingJob job = AwaitEnd(Submit(Spec()));
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(job.error().code(), static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(job.error().reason(), v1::TRAINING_DIVERGED);
  EXPECT_EQ(manager_->Get(job.id())->error().reason(), v1::TRAINING_DIVERGED) << "as the store has it";
  EXPECT_EQ(job.error().message(), "the loss is NaN at epoch 1: lower the learning rate");
  EXPECT_EQ(job.version(), 0);
  EXPECT_EQ(store_.store->GetVersion("default", 0).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(published(), IsEmpty());
}

TEST_F(JobManagerTest, AFullDiskFailsTheJobAndTheNextOneSucceeds) {
  store_.options.max_database_bytes = 400'000;
  store_.Open();
  int64_t fillers = 0;
  while (store_.store->Publish(NewVersion("filler", std::string(20'000, 'x'))).ok()) ASSERT_LT(++fillers, 100);
  // Room for the rows of jobs, and not for an artifact as long as the one that it starts from.
  while (store_.store->Publish(NewVersion("small", std::string(3'000, 'x'))).ok()) ASSERT_LT(++fillers, 200);
  store_.Execute("DELETE FROM versions WHERE model = 'small' AND version <= 2");
  Start();
  trainer_.AllowAll();
  TrainingSpec large = Spec();
  large.model = "filler";
  large.warm_start_version = 1;
  const v1::TrainingJob failed = AwaitEnd(Submit(large));
  EXPECT_EQ(failed.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(failed.error().code(), static_cast<int>(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(failed.error().message(), "the disk or the store's quota is full: nothing was written");
  EXPECT_EQ(AwaitEnd(Submit(Spec())).state(), v1::JOB_STATE_SUCCEEDED);
}

// As on a full disk.
constexpr char kStoreNoEnds[] =
    "CREATE TRIGGER full BEFORE UPDATE OF state ON jobs WHEN NEW.state > 2 BEGIN SELECT RAISE(ABORT, 'full'); END";

// The next start told a cancelled job as an interrupted one, though the disk had room again for hours.
TEST_F(JobManagerTest, AnEndThatCouldNotBeStoredIsStoredLater) {
  options_.end_retry_interval = absl::Milliseconds(5);
  Start();
  store_.Execute(kStoreNoEnds);
  const std::string id = Submit(Spec());
  AwaitTraining(id);
  ASSERT_TRUE(manager_->Cancel(id).ok());
  const v1::TrainingJob ended = AwaitEnd(id);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(store_.store->GetJob(id)->state, JobState::kRunning);
  store_.clock.Advance(absl::Hours(1));
  store_.Execute("DROP TRIGGER full");
  const absl::StatusOr<JobRecord> record = AwaitStoredEnd(id);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->state, JobState::kCancelled);
  EXPECT_EQ(TimeToProto(*record->end_time).seconds(), ended.end_time().seconds());
  manager_->Shutdown();
  EXPECT_THAT(log_.str(), HasSubstr("end of job written at last"));
  Start(true);
  EXPECT_EQ(manager_->Get(id)->state(), v1::JOB_STATE_CANCELLED);
}

// It failed, and all jobs behind it one after the other.
TEST_F(JobManagerTest, AJobThatCannotBeStartedForWantOfRoomWaitsForIt) {
  absl::Notification refused;
  store_.options.observer = [&](absl::string_view operation, absl::StatusCode code, absl::Duration) {
    const bool full = operation == "update_job" && code == absl::StatusCode::kResourceExhausted;
    if (full && !refused.HasBeenNotified()) refused.Notify();
  };
  store_.options.max_database_bytes = 1 << 20;
  store_.Open();
  // Long enough for what this test does meanwhile.
  options_.end_retry_interval = absl::Seconds(1);
  Start();
  store_.Execute(
      "CREATE TABLE ballast (bytes BLOB); CREATE TRIGGER full BEFORE UPDATE OF state ON jobs WHEN NEW.state = 2 "
      "BEGIN INSERT INTO ballast VALUES (zeroblob(4000000)); END");
  trainer_.AllowAll();
  const std::string id = Submit(Spec());
  refused.WaitForNotification();
  const std::string next = Submit(Spec()), cancelled = Submit(Spec());
  store_.Execute("DROP TRIGGER full");
  EXPECT_EQ(manager_->Get(id)->state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(manager_->Cancel(cancelled)->state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(AwaitEnd(id).state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(AwaitEnd(next).state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(store_.store->GetJob(id)->version, 1);
  manager_->Shutdown();
  EXPECT_THAT(log_.str(), HasSubstr("training waits for room in the store"));
}

// The next job took hours, and a server that died in them told the cancelled one as an interrupted one.
TEST_F(JobManagerTest, AnEndThatCouldNotBeStoredIsStoredWhileTheNextJobRuns) {
  options_.end_retry_interval = absl::Hours(1);
  Start();
  store_.Execute(kStoreNoEnds);
  const std::string id = Submit(Spec());
  AwaitTraining(id);
  const std::string next = Submit(Spec());
  ASSERT_TRUE(manager_->Cancel(id).ok());
  EXPECT_EQ(AwaitEnd(id).state(), v1::JOB_STATE_CANCELLED);
  // Its phases are written by then.
  trainer_.Allow(1);
  AwaitEpoch(next, 1);
  store_.Execute("DROP TRIGGER full");
  EXPECT_EQ(store_.store->GetJob(id)->state, JobState::kRunning) << "tried again before its interval";
  steady_clock_.Advance(absl::Hours(1));
  const absl::StatusOr<JobRecord> record = AwaitStoredEnd(id);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->state, JobState::kCancelled);
  EXPECT_EQ(manager_->Get(next)->state(), v1::JOB_STATE_RUNNING);
}

TEST_F(JobManagerTest, AnEndThatCouldNotBeStoredIsTriedOnceMoreAtAShutdown) {
  options_.end_retry_interval = absl::Hours(1);
  Start();
  store_.Execute(kStoreNoEnds);
  const std::string id = Submit(Spec());
  AwaitTraining(id);
  ASSERT_TRUE(manager_->Cancel(id).ok());
  EXPECT_EQ(AwaitEnd(id).state(), v1::JOB_STATE_CANCELLED);
  store_.Execute("DROP TRIGGER full");
  manager_->Shutdown();
  EXPECT_EQ(store_.store->GetJob(id)->state, JobState::kCancelled);
}

// `jobs list` said that it failed, and `jobs resume` that it ran.
TEST_F(JobManagerTest, AJobWhoseEndCouldNotBeStoredIsResumedAsItIsListed) {
  Start();
  store_.Execute(
      "CREATE TRIGGER full BEFORE UPDATE OF state ON jobs WHEN NEW.state = 4 "
      "BEGIN SELECT RAISE(ABORT, 'full'); END");
  trainer_.AllowAll();
  trainer_.FailWith(absl::FailedPreconditionError("the loss is NaN at epoch 1: lower the learning rate"));
  const std::string id = Submit(Spec());
  EXPECT_EQ(AwaitEnd(id).state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(store_.store->GetJob(id)->state, JobState::kRunning);
  EXPECT_EQ(manager_->Get(id)->state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(manager_->List("", "", 10)->front().state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(manager_->Resume(id, "").status(), JobNotResumable(id, "it is failed, not interrupted"));
}

TEST_F(JobManagerTest, RequestsThatCannotBeServedAreNamed) {
  Start();
  const auto status = [&](const TrainingSpec& spec) { return manager_->Submit(spec, "").status(); };
  TrainingSpec spec = Spec();
  spec.model = "Shop 1";
  EXPECT_EQ(status(spec).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status(spec).message(), HasSubstr("got \"Shop 1\""));
  spec = Spec();
  spec.dataset_digest = "";
  EXPECT_EQ(status(spec),
            absl::InvalidArgumentError("spec.dataset_digest: expected the digest of an uploaded dataset, got none"));
  spec.dataset_digest = "abc";
  EXPECT_EQ(status(spec), WithContext(DatasetNotFound("abc"), "spec.dataset_digest"));
  spec = Spec();
  spec.warm_start_version = 4;
  EXPECT_EQ(status(spec), WithContext(VersionNotFound("default", 4), "spec.training.warm_start_version"));
  EXPECT_EQ(status(Spec(-1)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status(Spec(-1)).message(), HasSubstr("training.epochs: expected 1 to 100000, got -1"));
  spec = Spec();
  spec.time_limit = absl::Hours(7);
  EXPECT_EQ(status(spec), absl::InvalidArgumentError("spec.training.time_limit: expected > 0 and at most 6h, got 7h"));
  EXPECT_EQ(manager_->Submit(Spec(), std::string(101, 'x')).status(),
            absl::InvalidArgumentError("request_id: expected at most 100 bytes, got 101"));
  EXPECT_EQ(manager_->Get("job-000001").status(), JobNotFound("job-000001"));
  EXPECT_EQ(manager_->Cancel("x").status(), JobNotFound("x"));
  EXPECT_EQ(manager_->Watch("x").status(), JobNotFound("x"));
}

// The process died of it, and again when it was resumed.
TEST_F(JobManagerTest, ANetworkThatDoesNotFitIsRefusedWhenItComes) {
  options_.limits = {.artifact_bytes = 100'000'000, .memory_bytes = 10'000'000};
  Start();
  TrainingSpec spec = Spec();
  spec.network.hidden.assign(16, 4096);
  const absl::Status artifact = manager_->Submit(spec, "").status();
  EXPECT_EQ(artifact.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(artifact.message(),
            "spec: network.hidden (--hidden): 16 hidden layers with 251.7 million parameters give an artifact of at "
            "least 1 GB, expected at most 100 MB; fewer or smaller layers take less");
  spec.network.hidden.assign(2, 1024);
  const absl::Status memory = manager_->Submit(spec, "").status();
  EXPECT_EQ(memory.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(memory), v1::REQUEST_TOO_LARGE);
  EXPECT_THAT(std::string(memory.message()),
              HasSubstr("take at least 109 MB of memory to train, expected at most 10 MB"));
  spec.network.hidden.assign(2, 64);
  EXPECT_TRUE(manager_->Submit(spec, "").ok());
}

// An imported network of gigabytes was trained on for the few megabytes of the spec's default layers.
TEST_F(JobManagerTest, AWarmStartFromANetworkThatDoesNotFitIsRefusedWhenItComes) {
  options_.limits = {.artifact_bytes = 100'000'000, .memory_bytes = 10'000'000};
  PublishRequest version = NewVersion("default", "artifact");
  for (const char* network : {"500 → 1024 SiLU → 1024 SiLU → 1", "500 → 64 SiLU → 1", "500 → 5 × 64 SiLU → 1"}) {
    version.network = network;
    ASSERT_TRUE(store_.store->Publish(version).ok());
  }
  Start();
  TrainingSpec spec = Spec();
  spec.warm_start_version = 1;
  const absl::Status memory = manager_->Submit(spec, "").status();
  EXPECT_EQ(memory.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(memory), v1::REQUEST_TOO_LARGE);
  EXPECT_EQ(memory.message(),
            "spec: training.warm_start_version (--warm-start): 2 hidden layers with 1.6 million parameters take at "
            "least 163 MB of memory to train, expected at most 10 MB (the server's --memory_budget); a version with "
            "fewer or smaller layers takes less");
  // What the spec says of layers does not count.
  spec.warm_start_version = 2;
  spec.network.hidden.assign(2, 4096);
  EXPECT_TRUE(manager_->Submit(spec, "").ok());
  // Training says that it is none to start from.
  spec.warm_start_version = 3;
  spec.network.hidden.assign(1, 16);
  EXPECT_TRUE(manager_->Submit(spec, "").ok());
}

TEST_F(JobManagerTest, TheArtifactOfAWarmStartDrawsFromTheBudgetWhileTheJobRuns) {
  MemoryBudget small(1'000'000, 0), large(4'000'000, 0);
  ASSERT_TRUE(store_.store->Publish(NewVersion("default", std::string(1'000'000, 'x'))).ok());
  TrainingSpec spec = Spec();
  spec.warm_start_version = 1;
  memory_ = &small;
  Start();
  const v1::TrainingJob refused = AwaitEnd(Submit(spec));
  EXPECT_EQ(refused.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(refused.error().code(), static_cast<int>(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(refused.error().reason(), v1::SERVER_OVERLOADED);
  EXPECT_EQ(refused.error().message(),
            "the version of the warm start: memory for training: 3 MB more are needed, 1 MB of the budget of 1 MB are "
            "free (the server's --memory_budget)");
  EXPECT_EQ(trainer_.runs(), 0);
  memory_ = &large;
  Start();
  const std::string id = Submit(spec);
  AwaitTraining(id);
  EXPECT_EQ(large.held(MemoryUse::kTraining), 3'000'000u);
  trainer_.AllowAll();
  EXPECT_EQ(AwaitEnd(id).state(), v1::JOB_STATE_SUCCEEDED);
  manager_->Shutdown();
  EXPECT_EQ(large.held(), 0u);
  manager_.reset();
}

TEST_F(JobManagerTest, OneClientDoesNotHaveTheWholeQueue) {
  options_.max_queued = 4;
  Start();
  AwaitTraining(Submit(Spec()));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(manager_->Submit(Spec(), "", "ipv4:192.0.2.1").ok());
  EXPECT_EQ(manager_->Submit(Spec(), "", "ipv4:192.0.2.1").status(),
            ServerOverloaded("training jobs waiting of one client", 3, 4));
  EXPECT_TRUE(manager_->Submit(Spec(), "", "ipv4:192.0.2.2").ok());
  trainer_.AllowAll();
  EXPECT_EQ(AwaitEnd("job-000005").version(), 3);
}

TEST_F(JobManagerTest, TheQueueIsBounded) {
  options_.max_queued = 2;
  Start();
  AwaitTraining(Submit(Spec()));
  Submit(Spec());
  Submit(Spec());
  EXPECT_EQ(manager_->Submit(Spec(), "").status(), ServerOverloaded("training jobs waiting", 2, 3));
  trainer_.AllowAll();
  EXPECT_EQ(AwaitEnd("job-000003").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(AwaitEnd(Submit(Spec())).version(), 4);
}

TEST_F(JobManagerTest, TheSameRequestIdGivesTheSameJob) {
  Start();
  trainer_.AllowAll();
  const std::string id = Submit(Spec(), "nightly-17");
  EXPECT_EQ(Submit(Spec(), "nightly-17"), id);
  AwaitEnd(id);
  EXPECT_EQ(manager_->Submit(Spec(), "nightly-17")->state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(trainer_.runs(), 1);
}

// With OK it got the job of another model.
TEST_F(JobManagerTest, TheSameRequestIdWithAnotherSpecIsRefused) {
  Start();
  trainer_.AllowAll();
  TrainingSpec spec = Spec();
  spec.model = "shop";
  const std::string id = Submit(spec, "nightly");
  EXPECT_EQ(Submit(spec, "nightly"), id);
  const auto expect_refused = [](const absl::Status& status, const std::string& why) {
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(status.message(), "request_id \"nightly\" is of job-000001, " + why);
    EXPECT_EQ(ReasonOf(status), v1::REQUEST_ID_USED);
  };
  TrainingSpec travel = spec;
  travel.model = "travel";
  expect_refused(manager_->Submit(travel, "nightly").status(), "with another spec (model \"shop\")");
  ++spec.training.epochs;
  expect_refused(manager_->Submit(spec, "nightly").status(), "with another spec (model \"shop\")");
  expect_refused(manager_->Resume("job-000009", "nightly").status(), "which resumes no job");
  AwaitEnd(id);
  EXPECT_EQ(trainer_.runs(), 1);
}

TEST_F(JobManagerTest, AQueuedJobIsCancelledAtOnceAndNeverRuns) {
  Start();
  const std::string running = Submit(Spec());
  AwaitTraining(running);
  const std::string queued = Submit(Spec());
  const auto cancelled = manager_->Cancel(queued);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->state(), v1::JOB_STATE_CANCELLED);
  trainer_.AllowAll();
  EXPECT_EQ(AwaitEnd(running).state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(AwaitEnd(Submit(Spec())).version(), 2);
  EXPECT_EQ(trainer_.runs(), 2);
  EXPECT_EQ(manager_->Get(queued)->state(), v1::JOB_STATE_CANCELLED);
}

// It went to the front of the queue.
TEST_F(JobManagerTest, ACancellationThatCannotBeStoredKeepsTheJobsPlaceInTheQueue) {
  Start();
  AwaitTraining(Submit(Spec()));
  const std::string first = Submit(Spec());
  const std::string second = Submit(Spec());
  const auto set_state = [&](JobState state) {
    JobUpdate update;
    update.state = state;
    ASSERT_TRUE(store_.store->UpdateJob(second, update).ok());
  };
  set_state(JobState::kRunning);
  EXPECT_EQ(manager_->Cancel(second).status(),
            absl::AbortedError("job \"job-000003\": expected to be queued, is running"));
  set_state(JobState::kQueued);
  trainer_.AllowAll();
  EXPECT_EQ(AwaitEnd(second).version(), 3);
  EXPECT_EQ(manager_->Get(first)->version(), 2);
}

TEST_F(JobManagerTest, ARunningJobIsCancelledWithinAnEpoch) {
  Start();
  const std::string id = Submit(Spec(1000));
  trainer_.Allow(5);
  AwaitEpoch(id, 5);
  ASSERT_TRUE(manager_->Cancel(id).ok());
  trainer_.Allow(1);
  const v1::TrainingJob job = AwaitEnd(id);
  EXPECT_EQ(job.state(), v1::JOB_STATE_CANCELLED);
  EXPECT_LE(job.progress().last_epoch().epoch(), 6);
  EXPECT_FALSE(job.has_error());
  EXPECT_THAT(published(), IsEmpty());
  // A job that has ended stays as it is.
  EXPECT_EQ(manager_->Cancel(id)->SerializeAsString(), job.SerializeAsString());
}

TEST_F(JobManagerTest, ListsNewestFirstWithoutReports) {
  Start();
  trainer_.AllowAll();
  for (int i = 0; i < 5; ++i) {
    TrainingSpec spec = Spec();
    spec.model = i % 2 == 0 ? "even" : "odd";
    AwaitEnd(Submit(spec));
  }
  const auto ids = [&](const std::string& model, const std::string& before, int limit) {
    std::vector<std::string> out;
    const auto jobs = manager_->List(model, before, limit);
    EXPECT_TRUE(jobs.ok()) << jobs.status();
    for (const v1::TrainingJob& job : *jobs) {
      EXPECT_FALSE(job.has_report());
      out.push_back(job.id());
    }
    return out;
  };
  EXPECT_THAT(ids("", "", 2), ElementsAre("job-000005", "job-000004"));
  EXPECT_THAT(ids("", "job-000004", 9), ElementsAre("job-000003", "job-000002", "job-000001"));
  EXPECT_THAT(ids("odd", "", 9), ElementsAre("job-000004", "job-000002"));
  EXPECT_EQ(manager_->List("", "x", 1).status(),
            absl::InvalidArgumentError("expected a job id such as \"job-000017\", got \"x\""));
}

TEST_F(JobManagerTest, ASpecThatIsTooLargeIsRefusedWithLimitAndSize) {
  Start();
  TrainingSpec spec = Spec();
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = "spend";
  spec.split.value = std::string(static_cast<size_t>(kMaxSpecBytes), 'x');
  const absl::Status refused = manager_->Submit(spec, "").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), v1::REQUEST_TOO_LARGE);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("spec bytes: limit 1048576, got 1048"));
  EXPECT_THAT(*manager_->List("", "", 9), IsEmpty());
}

// Older releases took them: an answer with one of 40 MB was more than a client of gRPC receives.
TEST_F(JobManagerTest, AJobHasTheModelAndTheSizeOfASpecThatIsTooLarge) {
  trainer_.AllowAll();
  TrainingSpec spec = Spec();
  spec.model = "shop";
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = "town";
  spec.split.value = std::string(static_cast<size_t>(kMaxSpecBytes), 'x');
  const auto created = store_.store->CreateJob({"shop", SpecToBytes(spec), "", ""});
  ASSERT_TRUE(created.ok()) << created.status();
  const auto expect_listed = [&] {
    const auto jobs = manager_->List("", "", 9);
    ASSERT_TRUE(jobs.ok()) << jobs.status();
    ASSERT_EQ(jobs->size(), 1u);
    EXPECT_EQ(jobs->front().spec().model(), "shop");
    EXPECT_LT(jobs->front().ByteSizeLong(), 10000u);
    const auto got = manager_->Get(created->id);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(got->spec().model(), "shop");
    EXPECT_LT(got->ByteSizeLong(), 10000u);
  };
  Start();
  expect_listed();
  AwaitEnd(created->id);
  expect_listed();
  EXPECT_EQ(manager_->Get(created->id)->spec_bytes_left_out(), static_cast<int64_t>(SpecToBytes(spec).size()));
}

// The wall clock counted, and a jump of it ended jobs at their time limit, or held back checkpoints.
TEST_F(JobManagerTest, TimeLeftIsTheMeanEpochTimeTimesTheEpochsLeftWhateverTheWallClockDoes) {
  Start();
  const std::string id = Submit(Spec(10));
  AwaitTraining(id);
  store_.clock.Advance(-absl::Hours(1));
  steady_clock_.Advance(absl::Seconds(8));
  trainer_.Allow(2);
  const v1::TrainingJob job = AwaitEpoch(id, 2);
  EXPECT_EQ(job.progress().time_left().seconds(), 32);
  trainer_.AllowAll();
  EXPECT_FALSE(AwaitEnd(id).progress().has_time_left());
}

TEST_F(JobManagerTest, MetricsShowStatesLossAndDuration) {
  Start();
  trainer_.AllowAll();
  AwaitEnd(Submit(Spec()));
  trainer_.FailWith(absl::InternalError("x"));
  AwaitEnd(Submit(Spec()));
  manager_->Shutdown();
  const std::string text = prometheus::TextSerializer().Serialize(metrics_.Collect());
  EXPECT_THAT(text, HasSubstr("roicast_training_jobs{state=\"succeeded\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_jobs{state=\"failed\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_jobs{state=\"queued\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_queue_length 0\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_duration_seconds_count{outcome=\"failed\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("roicast_training_validation_loss{worker=\"0\"} 0.66"));
}

TEST(IdlePriority, OnlyTheThreadItselfIsScheduledBehindAllOthers) {
  std::string reached;
  int policy = -1, nice_value = -1;
  std::thread([&] {
    reached = EnterIdlePriority();
    policy = ::sched_getscheduler(0);
    nice_value = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)));
  }).join();
  // Where the machine allows SCHED_IDLE, it is taken.
  if (reached != "nice 19") {
    EXPECT_EQ(reached, "SCHED_IDLE");
    EXPECT_EQ(policy, SCHED_IDLE);
  } else {
    EXPECT_EQ(nice_value, 19);
  }
  EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
}

}  // namespace
}  // namespace roicast
