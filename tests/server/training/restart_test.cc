#include "tests/server/training/manager_fixture.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;

class RestartTest : public ManagerFixture {};

TEST_F(RestartTest, ShutdownCheckpointsTheRunningJobAndResumingGivesTheSameArtifact) {
  Start();
  trainer_.AllowAll();
  v1::CreateTrainingJobRequest whole = Request(20);
  whole.mutable_spec()->set_model("whole");
  AwaitEnd(Submit(whole));

  trainer_.Forbid();
  const std::string id = Submit(Request(20));
  trainer_.Allow(7);
  AwaitEpoch(id, 7);
  manager_->Shutdown();
  EXPECT_EQ(manager_->Submit(Request()).status(),
            absl::UnavailableError("the server stops: ask another one, or later"));
  const auto interrupted = manager_->Get(id);
  EXPECT_EQ(interrupted->state(), v1::JOB_STATE_INTERRUPTED);
  EXPECT_TRUE(interrupted->resumable());
  EXPECT_EQ(interrupted->error().message(), "the server was stopped while the job ran");
  EXPECT_GE(interrupted->progress().last_epoch().epoch(), 7);
  EXPECT_LE(interrupted->progress().last_epoch().epoch(), 8);

  Start(true);
  v1::CreateTrainingJobRequest resume;
  resume.set_resume_job(id);
  trainer_.AllowAll();
  const std::string second = Submit(resume);
  EXPECT_NE(second, id);
  const v1::TrainingJob job = AwaitEnd(second);
  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.spec().SerializeAsString(), interrupted->spec().SerializeAsString());
  EXPECT_EQ(*store_.store->ReadArtifact("default", 1), *store_.store->ReadArtifact("whole", 1));

  // Only interrupted jobs can be resumed, and their spec is taken.
  resume.set_resume_job(second);
  EXPECT_EQ(manager_->Submit(resume).status(),
            absl::FailedPreconditionError("resume_job: expected an interrupted job, but \"job-000003\" is succeeded"));
  resume = Request();
  resume.set_resume_job(id);
  EXPECT_EQ(manager_->Submit(resume).status(),
            absl::InvalidArgumentError("spec: expected none beside resume_job, whose spec is taken"));
}

TEST_F(RestartTest, QueuedJobsRunAfterTheNextStart) {
  Start();
  AwaitTraining(Submit(Request()));
  const std::string first = Submit(Request());
  const std::string second = Submit(Request());
  manager_->Shutdown();
  EXPECT_EQ(manager_->Get(first)->state(), v1::JOB_STATE_QUEUED);
  trainer_.AllowAll();
  Start(true);
  EXPECT_EQ(AwaitEnd(second).state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(manager_->Get(first)->version(), 1);
  EXPECT_EQ(manager_->Get(second)->version(), 2);
  EXPECT_THAT(published(), ElementsAre("default 1", "default 2"));
}

TEST_F(RestartTest, ShutdownEndsWatchesOfJobsThatWait) {
  Start();
  AwaitTraining(Submit(Request()));
  auto watch = manager_->Watch(Submit(Request()));
  EXPECT_EQ((*watch)->Next()->state(), v1::JOB_STATE_QUEUED);
  manager_->Shutdown();
  EXPECT_TRUE((*watch)->Done());
}

}  // namespace
}  // namespace roicast
