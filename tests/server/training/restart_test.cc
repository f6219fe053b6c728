#include "server/errors/errors.h"
#include "tests/server/training/manager_fixture.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;

class RestartTest : public ManagerFixture {};

TEST_F(RestartTest, ShutdownCheckpointsTheRunningJobAndResumingGivesTheSameArtifact) {
  Start();
  trainer_.AllowAll();
  TrainingSpec whole = Spec(20);
  whole.model = "whole";
  AwaitEnd(Submit(whole));

  trainer_.Forbid();
  const std::string id = Submit(Spec(20));
  trainer_.Allow(7);
  AwaitEpoch(id, 7);
  manager_->Shutdown();
  EXPECT_EQ(manager_->Submit(Spec(), "").status(), ServerDraining());
  const auto interrupted = manager_->Get(id);
  EXPECT_EQ(interrupted->state(), v1::JOB_STATE_INTERRUPTED);
  EXPECT_TRUE(interrupted->resumable());
  EXPECT_EQ(interrupted->error().message(), "the server was stopped while the job ran");
  EXPECT_GE(interrupted->progress().last_epoch().epoch(), 7);
  EXPECT_LE(interrupted->progress().last_epoch().epoch(), 8);

  Start(true);
  trainer_.AllowAll();
  const std::string second = manager_->Resume(id, "")->id();
  EXPECT_NE(second, id);
  const v1::TrainingJob job = AwaitEnd(second);
  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.spec().SerializeAsString(), interrupted->spec().SerializeAsString());
  EXPECT_EQ(*store_.store->ReadArtifact("default", 1), *store_.store->ReadArtifact("whole", 1));

  EXPECT_EQ(manager_->Resume(second, "").status(), JobNotResumable("job-000003", "it is succeeded, not interrupted"));
}

TEST_F(RestartTest, QueuedJobsRunAfterTheNextStart) {
  Start();
  AwaitTraining(Submit(Spec()));
  const std::string first = Submit(Spec());
  const std::string second = Submit(Spec());
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
  AwaitTraining(Submit(Spec()));
  auto watch = manager_->Watch(Submit(Spec()));
  EXPECT_EQ((*watch)->Wait(absl::ZeroDuration())->state(), v1::JOB_STATE_QUEUED);
  manager_->Shutdown();
  EXPECT_TRUE((*watch)->Done());
}

}  // namespace
}  // namespace roicast
