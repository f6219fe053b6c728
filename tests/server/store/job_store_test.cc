#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;

class JobStore : public ::testing::Test {
 protected:
  std::string Create(const std::string& model, const std::string& request_id = "") {
    const auto created = test_.store->CreateJob({model, "spec of " + model, request_id, ""});
    EXPECT_TRUE(created.ok()) << created.status();
    return created->id;
  }
  JobRecord Update(const std::string& id, const JobUpdate& update) {
    const auto job = test_.store->UpdateJob(id, update);
    EXPECT_TRUE(job.ok()) << job.status();
    return *job;
  }
  void Start(const std::string& id) {
    JobUpdate update;
    update.state = JobState::kRunning;
    Update(id, update);
  }
  static std::vector<std::string> Ids(const absl::StatusOr<std::vector<JobRecord>>& jobs) {
    std::vector<std::string> out;
    for (const JobRecord& job : jobs.value()) out.push_back(job.id);
    return out;
  }

  TempFolder folder_;
  TestStore test_{folder_.path()};
  Store& store_ = test_.Open();
};

TEST_F(JobStore, ANewJobIsQueuedWithItsSpecAndTime) {
  EXPECT_EQ(Create("shop"), "job-000001");
  const auto job = store_.GetJob("job-000001");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->state, JobState::kQueued);
  EXPECT_EQ(job->model, "shop");
  EXPECT_EQ(job->spec, "spec of shop");
  EXPECT_EQ(job->create_time, kTestTime);
  EXPECT_FALSE(job->start_time.has_value());
  EXPECT_FALSE(job->has_checkpoint);
}

// The clock went back an hour while a job ran: it ended before it began.
TEST_F(JobStore, NoJobEndsBeforeItStartsOrStartsBeforeItWasCreated) {
  const std::string id = Create("shop");
  test_.clock.Advance(-absl::Hours(1));
  Start(id);
  EXPECT_EQ(store_.GetJob(id)->start_time, kTestTime);
  test_.clock.Advance(absl::Hours(2));
  const std::string later = Create("shop");
  Start(later);
  test_.clock.Advance(-absl::Hours(3));
  JobUpdate update;
  update.state = JobState::kFailed;
  EXPECT_EQ(Update(later, update).end_time, kTestTime + absl::Hours(1));
  const std::string cancelled = Create("shop");
  test_.clock.Advance(-absl::Hours(1));
  update.state = JobState::kCancelled;
  EXPECT_EQ(Update(cancelled, update).end_time, store_.GetJob(cancelled)->create_time);
}

TEST_F(JobStore, TheSameRequestIdGivesTheFirstJob) {
  const auto first = store_.CreateJob({"shop", "a", "request-1", ""});
  const auto second = store_.CreateJob({"other", "b", "request-1", ""});
  EXPECT_EQ(second->id, first->id);
  EXPECT_EQ(second->spec, "a");
  EXPECT_EQ(store_.FindJobByRequestId("request-1")->id, first->id);
  EXPECT_EQ(store_.FindJobByRequestId("").status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(Create("shop"), Create("shop"));
}

TEST_F(JobStore, UpdatesWriteOnlyWhatIsSetAndTheTimesOfTheStates) {
  const std::string id = Create("shop");
  test_.clock.Advance(absl::Seconds(5));
  Start(id);
  test_.clock.Advance(absl::Seconds(7));
  JobUpdate progress;
  progress.progress = "half";
  Update(id, progress);
  JobUpdate fail;
  fail.state = JobState::kFailed;
  fail.error = absl::InvalidArgumentError("loss is NaN at epoch 3");
  const JobRecord job = Update(id, fail);
  EXPECT_EQ(job.progress, "half");
  EXPECT_EQ(job.error, absl::InvalidArgumentError("loss is NaN at epoch 3"));
  EXPECT_EQ(job.start_time, kTestTime + absl::Seconds(5));
  EXPECT_EQ(job.end_time, kTestTime + absl::Seconds(12));
}

TEST_F(JobStore, AnUnexpectedStateIsAbortedAndNothingIsWritten) {
  const std::string id = Create("shop");
  JobUpdate update;
  update.expected_state = JobState::kRunning;
  update.state = JobState::kCancelled;
  EXPECT_EQ(store_.UpdateJob(id, update).status(),
            absl::AbortedError("job \"job-000001\": expected to be running, is queued"));
  EXPECT_EQ(store_.GetJob(id)->state, JobState::kQueued);
}

TEST_F(JobStore, PublishingEndsTheJobInTheSameTransaction) {
  const std::string id = Create("shop");
  PublishRequest request = NewVersion("shop", "abc");
  request.job_id = id;
  EXPECT_EQ(store_.Publish(request).status(),
            absl::FailedPreconditionError("job \"job-000001\" is queued: only a running job can publish"));
  EXPECT_EQ(store_.GetVersion("shop", 0).status().code(), absl::StatusCode::kNotFound);
  Start(id);
  JobUpdate checkpoint;
  checkpoint.checkpoint = "weights";
  Update(id, checkpoint);
  request.job_report = "report";
  request.job_progress = "all";
  ASSERT_TRUE(store_.Publish(request).ok());
  const auto job = store_.GetJob(id);
  EXPECT_EQ(job->state, JobState::kSucceeded);
  EXPECT_EQ(job->version, 1);
  EXPECT_EQ(job->artifact_digest, store_.GetVersion("shop", 1)->digest);
  EXPECT_EQ(job->report, "report");
  EXPECT_FALSE(job->has_checkpoint);
  EXPECT_EQ(store_.GetVersion("shop", 1)->job_id, id);
}

TEST_F(JobStore, ListsAreNewestFirstCutByKeyAndFilteredByModel) {
  for (const char* model : {"a", "b", "a", "a"}) Create(model);
  EXPECT_THAT(Ids(store_.ListJobs("", "", 3)), ElementsAre("job-000004", "job-000003", "job-000002"));
  EXPECT_THAT(Ids(store_.ListJobs("", "job-000002", 3)), ElementsAre("job-000001"));
  EXPECT_THAT(Ids(store_.ListJobs("a", "job-000004", 3)), ElementsAre("job-000003", "job-000001"));
  EXPECT_EQ(store_.ListJobs("", "x", 3).status(),
            absl::InvalidArgumentError("expected a job id such as \"job-000017\", got \"x\""));
  EXPECT_THAT(*store_.CountJobs(), ElementsAre(4, 0, 0, 0, 0, 0));
}

// Three jobs with specs of 40 MB kept everybody from listing jobs.
TEST_F(JobStore, ListsLeaveOutSpecsThatAreTooLarge) {
  const std::string large(static_cast<size_t>(kMaxSpecBytes) + 1, 'x');
  const std::string largest(static_cast<size_t>(kMaxSpecBytes), 'x');
  ASSERT_TRUE(store_.CreateJob({"shop", large, "", ""}).ok());
  ASSERT_TRUE(store_.CreateJob({"shop", largest, "", ""}).ok());
  for (const auto& jobs : {store_.ListJobs("", "", 9), store_.JobsInState(JobState::kQueued)}) {
    ASSERT_TRUE(jobs.ok()) << jobs.status();
    ASSERT_EQ(jobs->size(), 2u);
    for (const JobRecord& job : *jobs) EXPECT_EQ(job.spec.size(), job.id == "job-000001" ? 0 : largest.size());
  }
  EXPECT_EQ(store_.GetJob("job-000001")->spec, large);
}

TEST_F(JobStore, ListsEndWithTheJobThatHasMoreThanAListMayHave) {
  const std::string spec(static_cast<size_t>(kMaxSpecBytes), 'x');
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(store_.CreateJob({"shop", spec, "", ""}).ok());
  EXPECT_EQ(store_.ListJobs("", "", 100)->size(), static_cast<size_t>(kMaxListBytes / kMaxSpecBytes) + 1);
  EXPECT_EQ(store_.ListJobs("", "", 2)->size(), 2u);
  EXPECT_THAT(Ids(store_.ListJobs("", "job-000003", 100)), ElementsAre("job-000002", "job-000001"));
}

TEST_F(JobStore, OpeningInterruptsRunningJobsAndKeepsQueuedOnes) {
  const std::string running = Create("shop");
  const std::string queued = Create("shop");
  Start(running);
  JobUpdate update;
  update.checkpoint = "weights";
  update.progress = "epoch 4";
  Update(running, update);
  Store& again = test_.Open();
  const auto job = again.GetJob(running);
  EXPECT_EQ(job->state, JobState::kInterrupted);
  EXPECT_EQ(
      job->error,
      WithReason(absl::AbortedError("the server stopped while the job ran, or before it could store how the job ended"),
                 v1::TRAINING_INTERRUPTED, {}));
  EXPECT_EQ(job->progress, "epoch 4");
  EXPECT_TRUE(job->has_checkpoint);
  EXPECT_THAT(Ids(again.JobsInState(JobState::kQueued)), ElementsAre(queued));
}

TEST_F(JobStore, AResumedJobStartsWithACopyOfTheCheckpoint) {
  const std::string id = Create("shop");
  EXPECT_EQ(store_.CreateJob({"shop", "s", "", id}).status(), JobNotResumable("job-000001", "it has no checkpoint"));
  EXPECT_EQ(store_.CreateJob({"shop", "s", "", "job-000009"}).status(), JobNotFound("job-000009"));
  JobUpdate update;
  update.checkpoint = "weights";
  Update(id, update);
  const auto resumed = store_.CreateJob({"shop", "s", "", id});
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(resumed->resume_of, id);
  EXPECT_EQ(*store_.ReadCheckpoint(resumed->id), "weights");
  EXPECT_EQ(*store_.ReadCheckpoint(id), "weights");
  update.checkpoint = "";
  Update(id, update);
  EXPECT_EQ(store_.ReadCheckpoint(id).status(), absl::NotFoundError("job \"job-000001\" has no checkpoint"));
}

TEST_F(JobStore, UnknownIdsAreNotFound) {
  for (const char* id : {"", "job-", "job-1", "job-000001", "17", "job-00000000000000000000001"}) {
    EXPECT_EQ(store_.GetJob(id).status(), JobNotFound(id));
  }
}

}  // namespace
}  // namespace roicast
