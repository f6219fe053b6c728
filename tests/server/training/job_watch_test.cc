#include "server/training/job_watch.h"

#include <thread>

#include "prometheus/text_serializer.h"
#include "tests/server/training/manager_fixture.h"

namespace roicast {
namespace {

class JobWatchTest : public ManagerFixture {};

v1::TrainingJob Job(int epoch) {
  v1::TrainingJob job;
  job.set_id("job-000001");
  job.mutable_progress()->mutable_last_epoch()->set_epoch(epoch);
  return job;
}

// What there is to take, without waiting.
std::shared_ptr<const v1::TrainingJob> Take(JobWatch& watch) { return watch.Wait(absl::ZeroDuration()); }

TEST(JobWatchHub, ASlowReaderGetsTheLatestStateAndTheEnd) {
  auto hub = std::make_shared<JobWatchHub>();
  const auto watch = hub->Add(Job(0), false);
  EXPECT_EQ(Take(*watch)->progress().last_epoch().epoch(), 0);
  EXPECT_EQ(Take(*watch), nullptr);
  EXPECT_FALSE(watch->Done());
  for (int epoch = 1; epoch <= 5; ++epoch) hub->Publish(Job(epoch), false);
  hub->Publish(Job(6), true);
  EXPECT_FALSE(watch->Done());
  EXPECT_EQ(Take(*watch)->progress().last_epoch().epoch(), 6);
  EXPECT_TRUE(watch->Done());
  EXPECT_EQ(watch->Wait(absl::InfiniteDuration()), nullptr);
}

TEST(JobWatchHub, WaitingEndsAtTheDeadline) {
  auto hub = std::make_shared<JobWatchHub>();
  const auto watch = hub->Add(Job(0), false);
  EXPECT_NE(watch->Wait(absl::ZeroDuration()), nullptr);
  EXPECT_EQ(watch->Wait(absl::ZeroDuration()), nullptr);
  EXPECT_FALSE(watch->Done());
}

TEST(JobWatchHub, LeavingOneWatchLeavesTheOthers) {
  auto hub = std::make_shared<JobWatchHub>();
  auto first = hub->Add(Job(0), false);
  const auto second = hub->Add(Job(0), false);
  first.reset();
  hub->Publish(Job(1), false);
  EXPECT_EQ(Take(*second)->progress().last_epoch().epoch(), 1);
}

TEST(JobWatchHub, ClosingEndsAllWatches) {
  auto hub = std::make_shared<JobWatchHub>();
  const auto watch = hub->Add(Job(0), false);
  Take(*watch);
  std::thread closer([&] { hub->Close(); });
  EXPECT_EQ(watch->Wait(absl::InfiniteDuration()), nullptr);
  EXPECT_TRUE(watch->Done());
  closer.join();
}

TEST_F(JobWatchTest, JoinedEarlyItSeesTheStatesInOrderUpToTheEnd) {
  Start();
  const std::string id = Submit(Spec(2));
  auto watch = manager_->Watch(id);
  ASSERT_TRUE(watch.ok()) << watch.status();
  trainer_.AllowAll();
  v1::TrainingJob last;
  while (!(*watch)->Done()) {
    const auto job = (*watch)->Wait(absl::InfiniteDuration());
    ASSERT_NE(job, nullptr);
    EXPECT_GE(job->state(), last.state());
    EXPECT_GE(job->progress().last_epoch().epoch(), last.progress().last_epoch().epoch());
    last = *job;
  }
  EXPECT_EQ(last.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(last.version(), 1);
}

// Watchers heard of the end before it was counted.
TEST_F(JobWatchTest, TheMetricsHaveTheEndBeforeTheWatchers) {
  Start();
  const std::string id = Submit(Spec());
  trainer_.AllowAll();
  AwaitEnd(id);
  const std::string exported = prometheus::TextSerializer().Serialize(metrics_.Collect());
  EXPECT_THAT(exported, ::testing::HasSubstr("roicast_training_duration_seconds_count{outcome=\"succeeded\"} 1\n"));
  EXPECT_THAT(exported, ::testing::HasSubstr("roicast_training_jobs{state=\"succeeded\"} 1\n"));
}

TEST_F(JobWatchTest, JoinedAfterTheEndItGivesOnlyTheFinalState) {
  Start();
  trainer_.AllowAll();
  const std::string id = Submit(Spec());
  AwaitEnd(id);
  auto watch = manager_->Watch(id);
  EXPECT_EQ(Take(**watch)->state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_TRUE((*watch)->Done());
}

TEST_F(JobWatchTest, LeavingDoesNotHarmTheJobAndAWatchMayOutliveTheManager) {
  Start();
  const std::string id = Submit(Spec());
  manager_->Watch(id)->reset();
  trainer_.AllowAll();
  EXPECT_EQ(AwaitEnd(id).state(), v1::JOB_STATE_SUCCEEDED);
  auto watch = manager_->Watch(id);
  manager_.reset();
  EXPECT_EQ(Take(**watch)->state(), v1::JOB_STATE_SUCCEEDED);
}

}  // namespace
}  // namespace roicast
