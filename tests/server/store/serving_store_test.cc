#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/errors/errors.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

ServingStep Step(int64_t version) {
  ServingStep step;
  step.model = "shop";
  step.version = version;
  return step;
}

class ServingStore : public ::testing::Test {
 protected:
  ServingStore() {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(test_.store->Publish(NewVersion("shop", "x")).ok());
  }
  std::string NotServing(int64_t version) { return test_.store->GetVersion("shop", version)->not_serving; }

  TempFolder folder_;
  TestStore test_{folder_.path()};
  Store& opened_ = test_.Open();
};

TEST_F(ServingStore, AStepIsKeptWithAllThatWasSaidOfIt) {
  ServingStep step = Step(2);
  step.cause = ServingCause::kHand;
  step.forced = true;
  step.holds = true;
  step.actor = "ipv4:10.0.0.7:41022";
  step.reason = "because";
  ASSERT_TRUE(test_.store->RecordServing(Step(3), "").ok());
  test_.clock.Advance(absl::Seconds(5));
  const auto recorded = test_.store->RecordServing(step, "2 serves in its place");
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->from_version, 3);
  const auto steps = test_.Open().ServingSteps("shop", 10);
  ASSERT_THAT(*steps, SizeIs(2));
  const ServingStep& last = (*steps)[0];
  EXPECT_EQ(last.model, "shop");
  EXPECT_EQ(last.version, 2);
  EXPECT_EQ(last.from_version, 3);
  EXPECT_EQ(last.time, kTestTime + absl::Seconds(5));
  EXPECT_EQ(last.cause, ServingCause::kHand);
  EXPECT_TRUE(last.forced);
  EXPECT_TRUE(last.holds);
  EXPECT_EQ(last.actor, "ipv4:10.0.0.7:41022");
  EXPECT_EQ(last.reason, "because");
  EXPECT_EQ((*steps)[1].from_version, 0);
  EXPECT_EQ((*steps)[1].cause, ServingCause::kRule);
  EXPECT_FALSE((*steps)[1].holds);
  EXPECT_EQ(NotServing(3), "2 serves in its place");
  EXPECT_THAT(*test_.store->ServingSteps("shop", 1), SizeIs(1));
  EXPECT_THAT(*test_.store->ServingSteps("other", 10), IsEmpty());
}

TEST_F(ServingStore, VersionsAreUndecidedUntilADecisionIsRecorded) {
  EXPECT_EQ(NotServing(1), kUndecided);
  ASSERT_THAT(*test_.store->UndecidedVersions(), SizeIs(3));
  ASSERT_TRUE(test_.store->RecordServing(Step(1), "").ok());
  ASSERT_TRUE(test_.store->RecordNotServing("shop", 2, "worse than a constant").ok());
  EXPECT_EQ(NotServing(1), "");
  EXPECT_EQ(NotServing(2), "worse than a constant");
  const auto open = test_.Open().UndecidedVersions();
  ASSERT_THAT(*open, SizeIs(1));
  EXPECT_EQ((*open)[0].version, 3);
  ASSERT_TRUE(test_.store->RecordServing(Step(2), "").ok());
  EXPECT_EQ(NotServing(2), "") << "it serves now";
}

TEST_F(ServingStore, AnUnknownVersionChangesNothing) {
  EXPECT_EQ(test_.store->RecordServing(Step(9), "").status(), VersionNotFound("shop", 9));
  EXPECT_EQ(test_.store->RecordNotServing("shop", 9, "x"), VersionNotFound("shop", 9));
  EXPECT_THAT(*test_.store->ServingSteps("shop", 10), IsEmpty());
}

TEST_F(ServingStore, TheVersionThatServedMayBeDeleted) {
  ASSERT_TRUE(test_.store->RecordServing(Step(1), "").ok());
  test_.Execute("DELETE FROM versions WHERE version = 1");
  const auto next = test_.store->RecordServing(Step(2), "2 serves in its place");
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->from_version, 1);
}

TEST_F(ServingStore, AJobSaysWhyItsVersionDoesNotServe) {
  const auto job = test_.store->CreateJob({"shop", "spec", "", ""});
  JobUpdate update;
  update.state = JobState::kRunning;
  ASSERT_TRUE(test_.store->UpdateJob(job->id, update).ok());
  EXPECT_EQ(test_.store->GetJob(job->id)->not_serving, "");
  PublishRequest request = NewVersion("shop", "x");
  request.job_id = job->id;
  ASSERT_TRUE(test_.store->Publish(request).ok());
  EXPECT_EQ(test_.store->GetJob(job->id)->not_serving, kUndecided);
  ASSERT_TRUE(test_.store->RecordNotServing("shop", 4, "worse than a constant").ok());
  EXPECT_EQ(test_.store->GetJob(job->id)->not_serving, "worse than a constant");
  EXPECT_EQ((*test_.store->ListJobs("shop", "", 10))[0].not_serving, "worse than a constant");
  ASSERT_TRUE(test_.store->RecordServing(Step(4), "").ok());
  EXPECT_EQ(test_.store->GetJob(job->id)->not_serving, "");
  test_.Execute("DELETE FROM versions WHERE version = 4");
  EXPECT_EQ(test_.store->GetJob(job->id)->not_serving, "");
}

}  // namespace
}  // namespace roicast
