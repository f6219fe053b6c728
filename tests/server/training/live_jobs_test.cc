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

TEST(LiveJobs, PeersHaveTheirTurns) {
  LiveJobs jobs;
  for (const char* id : {"a1", "a2", "a3"}) jobs.Add(Job(id), "a");
  jobs.Add(Job("b1"), "b");
  jobs.Add(Job("b2"), "b");
  jobs.Add(Job("c1"), "c");
  for (const char* id : {"a1", "b1", "c1", "a2"}) EXPECT_EQ(jobs.Take(), id);
  // It does not have to make up for the turns that it was not there.
  jobs.Add(Job("d1"), "d");
  for (const char* id : {"b2", "d1", "a3"}) EXPECT_EQ(jobs.Take(), id);
}

TEST(LiveJobs, NoPeerHasTheWholeQueue) {
  LiveJobs jobs;
  for (const char* id : {"a1", "a2"}) jobs.Add(Job(id), "a");
  EXPECT_EQ(jobs.CheckRoom(4, "a", 2), ServerOverloaded("training jobs waiting of one client", 2, 3));
  EXPECT_TRUE(jobs.CheckRoom(4, "b", 2).ok());
  EXPECT_EQ(jobs.CheckRoom(2, "b", 2), ServerOverloaded("training jobs waiting", 2, 3));
  EXPECT_TRUE(jobs.CheckRoom(4, "", 2).ok());
  EXPECT_EQ(jobs.Take(), "a1");
  EXPECT_TRUE(jobs.CheckRoom(4, "a", 2).ok());
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
  EXPECT_TRUE(jobs.Watch("b")->Wait(absl::ZeroDuration()) != nullptr);
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

TEST(LiveJobs, AJobThatIsPutBackIsTheNextOne) {
  LiveJobs jobs;
  for (const char* id : {"a", "b"}) {
    v1::TrainingJob job;
    job.set_id(id);
    jobs.Add(std::move(job), "peer");
  }
  EXPECT_EQ(jobs.Take(), "a");
  jobs.PutBack("a");
  EXPECT_EQ(jobs.queued(), 2);
  EXPECT_EQ(jobs.Take(), "a");
  EXPECT_EQ(jobs.Take(), "b");
}

}  // namespace
}  // namespace roicast
