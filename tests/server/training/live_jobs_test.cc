#include "server/training/live_jobs.h"

#include <gtest/gtest.h>

#include <thread>

#include "server/errors/errors.h"

namespace roicast {
namespace {

using Cancellation = LiveJobs::Cancellation;

v1::TrainingJob Job(const std::string& id, v1::JobState state = v1::JOB_STATE_QUEUED) {
  v1::TrainingJob job;
  job.set_id(id);
  job.set_state(state);
  return job;
}

TEST(LiveJobs, TakesTheOldestJobThatIsNotHeld) {
  LiveJobs jobs;
  for (const char* id : {"a", "b", "c"}) jobs.Add(Job(id));
  EXPECT_EQ(jobs.Cancel("a"), Cancellation::kHeld);
  EXPECT_EQ(jobs.Take(), "b");
  jobs.Release("a");
  EXPECT_EQ(jobs.Take(), "a");
  EXPECT_EQ(jobs.Take(), "c");
  EXPECT_EQ(jobs.queued(), 0);
}

TEST(LiveJobs, ASecondCancelWaitsForTheFirst) {
  LiveJobs jobs;
  jobs.Add(Job("a"));
  EXPECT_EQ(jobs.Cancel("a"), Cancellation::kHeld);
  Cancellation second = Cancellation::kHeld;
  std::thread other([&] { second = jobs.Cancel("a"); });
  jobs.End(Job("a", v1::JOB_STATE_CANCELLED), true);
  other.join();
  EXPECT_EQ(second, Cancellation::kUnknown);
  EXPECT_EQ(jobs.queued(), 0);
}

TEST(LiveJobs, ARunningJobIsToldToStop) {
  LiveJobs jobs;
  jobs.Add(Job("a"));
  ASSERT_EQ(jobs.Take(), "a");
  jobs.Update(Job("a", v1::JOB_STATE_RUNNING));
  EXPECT_EQ(jobs.StopReasonOf("a"), StopReason::kNone);
  EXPECT_EQ(jobs.Cancel("a"), Cancellation::kRequested);
  EXPECT_EQ(jobs.StopReasonOf("a"), StopReason::kCancelled);
}

TEST(LiveJobs, AnEndThatIsNotStoredIsKept) {
  LiveJobs jobs;
  for (const char* id : {"a", "b"}) {
    jobs.Add(Job(id));
    ASSERT_EQ(jobs.Take(), id);
    jobs.End(Job(id, v1::JOB_STATE_FAILED), *id == 'a');
  }
  EXPECT_FALSE(jobs.Find("a").has_value());
  EXPECT_EQ(jobs.Find("b")->state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(jobs.Cancel("b"), Cancellation::kUnknown);
  EXPECT_TRUE(jobs.Watch("b")->Wait(absl::InfinitePast()) != nullptr);
}

TEST(LiveJobs, StoppingKeepsTheQueueAndRefusesMore) {
  LiveJobs jobs;
  jobs.Add(Job("a"));
  EXPECT_TRUE(jobs.CheckRoom(2).ok());
  EXPECT_EQ(jobs.CheckRoom(1), ServerOverloaded("training jobs waiting", 1, 2));
  jobs.Stop();
  EXPECT_EQ(jobs.Take(), std::nullopt);
  EXPECT_EQ(jobs.queued(), 1);
  EXPECT_EQ(jobs.StopReasonOf("a"), StopReason::kShutdown);
  EXPECT_EQ(jobs.CheckRoom(2).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace roicast
