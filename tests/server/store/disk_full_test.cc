#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "tests/server/store/killed.h"
#include "tests/server/store/temp_folder.h"
#include "tests/testing/tiny_disk.h"

namespace roicast {
namespace {

using testing::Filler;
using testing::FreeBytes;
using testing::TinyDisk;
// Publishes until it is refused; then small things still work, and after making room, large ones as well.
void FillAndGoOn(TestStore& test, absl::string_view expected_message) {
  Store& store = test.Open();
  const auto running = store.CreateJob({"shop", "spec", "", ""});
  ASSERT_TRUE(running.ok()) << running.status();
  const std::string large(200'000, 'x');
  absl::Status full;
  int64_t published = 0;
  while (full.ok()) {
    full = store.Publish(NewVersion("shop", large)).status();
    if (full.ok()) ++published;
    ASSERT_LT(published, 1000);
  }
  EXPECT_EQ(full, StoreFull(expected_message));
  ASSERT_GE(published, 2);
  // Nothing was half-published: what is listed can be read.
  EXPECT_EQ(store.GetVersion("shop", 0)->version, published);
  for (int64_t version = 1; version <= published; ++version) {
    EXPECT_EQ(*store.ReadArtifact("shop", version), large);
  }
  test.Execute("DELETE FROM versions WHERE model = 'shop' AND version <= 2");
  const auto again = store.Publish(NewVersion("shop", large));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->version, published + 1);
  EXPECT_EQ(*test.Open().ReadArtifact("shop", again->version), large);
}

TEST(DiskFull, TheQuotaRefusesAPublicationWhole) {
  TempFolder folder;
  TestStore test(folder.path());
  test.options.max_database_bytes = 1 << 20;
  FillAndGoOn(test, "the disk or the store's quota is full: nothing was written");
}

TEST(DiskFull, ADatasetThatCannotBeRecordedLeavesNoFile) {
  TempFolder folder;
  TestStore test(folder.path());
  test.options.max_database_bytes = 1 << 18;
  Store& store = test.Open();
  absl::Status full;
  for (int i = 0; i < 5000 && full.ok(); ++i) {
    full = store.CreateJob({"shop", std::string(500, 's'), "", ""}).status();
  }
  ASSERT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  // A record takes little room: the last pages go with these.
  absl::Status refused;
  int64_t kept = 0;
  for (int i = 0; i < 5000 && refused.ok(); ++i) {
    auto writer = store.NewDataset(std::string(200, 'n'), {});
    ASSERT_TRUE((*writer)->Append(absl::StrCat("a,b\n", i, ",2\n")).ok());
    refused = (*writer)->Finish().status();
    if (refused.ok()) ++kept;
  }
  ASSERT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  const std::filesystem::directory_iterator files(folder.path() + "/datasets");
  EXPECT_EQ(std::distance(begin(files), end(files)), kept);
}

TEST(DiskFull, AFullDiskFailsTheWholeUploadAndTheStoreKeepsWorking) {
  TinyDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  TestStore test(disk.path());
  Store& store = test.Open();
  {
    auto writer = store.NewDataset("large.csv", {});
    const std::string piece(100'000, 'x');
    absl::Status status;
    while (status.ok()) status = (*writer)->Append(piece);
    EXPECT_EQ(status, StoreFull("cannot write the dataset: the disk is full"));
    const absl::Status publish = store.Publish(NewVersion("shop", piece)).status();
    EXPECT_EQ(ReasonOf(publish), v1::STORE_FULL) << publish;
  }
  // The failed upload was removed, so there is space again.
  EXPECT_TRUE(store.Publish(NewVersion("shop", "small")).ok());
  EXPECT_EQ(*test.Open().ReadArtifact("shop", 1), "small");
}

// Versions were published while the log could be moved in part only, and were gone with the log.
TEST(DiskFull, ALogThatIsLostOnAFullDiskTakesNoPublishedVersionWithIt) {
  TinyDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  TestStore test(disk.path());
  std::vector<std::string> warnings;
  test.options.warn = [&](const std::string& message) { warnings.push_back(message); };
  Store& store = test.Open();
  const std::string content(100'000, 'x');
  ASSERT_TRUE(store.Publish(NewVersion("shop", content)).ok());
  int64_t published = 1;
  int refused = 0;
  // Ever less is free, to meet the limit in each file.
  std::ofstream filler(disk.path() + "/filler");
  filler << std::string(1'500'000, 'f') << std::flush;
  while (refused < 20) {
    const auto version = store.Publish(NewVersion("shop", content));
    if (version.ok()) {
      EXPECT_EQ(version->version, ++published);
      // Who is told of a version can have it serve.
      ServingStep step;
      step.model = "shop";
      step.version = published;
      const auto recorded = store.RecordServing(step, "");
      EXPECT_TRUE(recorded.ok()) << recorded.status();
    } else {
      EXPECT_EQ(version.status().code(), absl::StatusCode::kResourceExhausted) << version.status();
      ++refused;
      filler << std::string(4096, 'f') << std::flush;
    }
    ASSERT_LT(published, 100);
  }
  ASSERT_GE(published, 5);
  EXPECT_EQ(store.GetVersion("shop", 0)->version, published);
  EXPECT_THAT(warnings, ::testing::IsEmpty());
  std::filesystem::remove(disk.path() + "/filler");
  Killed killed(test);
  std::filesystem::resize_file(killed.File("roicast.db-wal"), 0);
  Store& next = killed.test().Open();
  for (int64_t version = 1; version <= published; ++version) EXPECT_EQ(*next.ReadArtifact("shop", version), content);
}

constexpr size_t kArtifactBytes = 100'000, kSpecBytes = 300'000;

// A version that serves; a job that runs, with a checkpoint, and whose row is larger than what a restart frees; one
// that waits.
void PrepareForAFullDisk(Store& store) {
  ASSERT_TRUE(store.Publish(NewVersion("shop", std::string(kArtifactBytes, 'a'))).ok());
  ServingStep step;
  step.model = "shop";
  step.version = 1;
  ASSERT_TRUE(store.RecordServing(step, "").ok());
  ASSERT_TRUE(store.CreateJob({"shop", std::string(kSpecBytes, 's'), "first", ""}).ok());
  JobUpdate update;
  update.state = JobState::kRunning;
  ASSERT_TRUE(store.UpdateJob("job-000001", update).ok());
  update = JobUpdate();
  update.progress = "half";
  update.checkpoint = "weights";
  ASSERT_TRUE(store.UpdateJob("job-000001", update).ok());
  ASSERT_TRUE(store.CreateJob({"shop", "spec", "", ""}).ok());
}

void ExpectInterrupted(const absl::StatusOr<JobRecord>& job) {
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->id, "job-000001");
  EXPECT_EQ(job->state, JobState::kInterrupted);
  EXPECT_EQ(ReasonOf(job->error), v1::TRAINING_INTERRUPTED) << job->error;
  EXPECT_EQ(job->end_time, kTestTime + absl::Minutes(5));
  EXPECT_EQ(job->progress, "half");
  EXPECT_TRUE(job->has_checkpoint);
}

void ExpectJobsAreTold(const Store& store) {
  ExpectInterrupted(store.GetJob("job-000001"));
  ExpectInterrupted(store.FindJobByRequestId("first"));
  const auto listed = store.ListJobs("shop", "", 10);
  ASSERT_EQ(listed->size(), 2u);
  ExpectInterrupted(listed->back());
  EXPECT_EQ(listed->front().state, JobState::kQueued);
  const auto interrupted = store.JobsInState(JobState::kInterrupted);
  ASSERT_EQ(interrupted->size(), 1u);
  ExpectInterrupted(interrupted->front());
  EXPECT_THAT(*store.JobsInState(JobState::kRunning), ::testing::IsEmpty());
  EXPECT_EQ(store.JobsInState(JobState::kQueued)->size(), 1u);
  EXPECT_THAT(*store.CountJobs(), ::testing::ElementsAre(1, 0, 0, 0, 0, 1));
}

// The server did not start: "cannot start: … the disk or the store's quota is full: nothing was written".
TEST(DiskFull, AStoreOpensOnAFullDiskAfterAKillAndCatchesUpOnceThereIsRoom) {
  TinyDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  const std::string folder = disk.path() + "/store";
  {
    TempFolder before;
    TestStore running(before.path());
    PrepareForAFullDisk(running.Open());
    std::filesystem::copy(before.path(), folder, std::filesystem::copy_options::recursive);
  }
  // Worth nothing, and a page of room.
  std::ofstream(folder + "/datasets/.roicast-upload-abcdef") << "part";
  TestStore test(folder);
  std::vector<std::string> warnings;
  test.options.warn = [&](const std::string& message) { warnings.push_back(message); };
  test.clock.Advance(absl::Minutes(5));
  {
    const Filler filler(disk.path());
    ASSERT_EQ(FreeBytes(disk.path()), 0);
    // Twice: the first start must not use up what the second needs.
    for (int start = 0; start < 2; ++start) {
      warnings.clear();
      Store& store = test.Open();
      EXPECT_THAT(warnings,
                  ::testing::Contains(::testing::HasSubstr(
                      "until there is room, this server predicts, and refuses what has to be stored; jobs that "
                      "ran are told as interrupted: job-000001")));
      EXPECT_TRUE(store.behind());
      EXPECT_EQ(store.ReadArtifact("shop", 1)->size(), kArtifactBytes);
      EXPECT_EQ(store.ServingSteps("shop", 1)->front().version, 1);
      EXPECT_EQ(*store.ReadCheckpoint("job-000001"), "weights");
      ExpectJobsAreTold(store);
      const auto refused = store.Publish(NewVersion("shop", std::string(kArtifactBytes, 'b')));
      EXPECT_EQ(ReasonOf(refused.status()), v1::STORE_FULL) << refused.status();
      EXPECT_EQ(ReasonOf(store.CatchUp()), v1::STORE_FULL);
      // A write that there were room for, but not for what comes before it.
      JobUpdate run;
      run.state = JobState::kRunning;
      EXPECT_EQ(ReasonOf(store.UpdateJob("job-000002", run).status()), v1::STORE_FULL);
      ExpectJobsAreTold(store);
    }
  }
  Store& store = *test.store;
  warnings.clear();
  const absl::Status caught_up = store.CatchUp();
  EXPECT_TRUE(caught_up.ok()) << caught_up;
  EXPECT_FALSE(store.behind());
  EXPECT_TRUE(store.CatchUp().ok());
  ExpectJobsAreTold(store);
  EXPECT_TRUE(std::filesystem::exists(folder + "/roicast.db-shm"));
  EXPECT_THAT(warnings, ::testing::ElementsAre(::testing::HasSubstr("there is room on the disk again")));
  EXPECT_EQ(store.Publish(NewVersion("shop", std::string(kArtifactBytes, 'b')))->version, 2);
  // It is in the database, with the time of the start that found it.
  test.clock.Advance(absl::Hours(1));
  Store& next = test.Open();
  EXPECT_FALSE(next.behind());
  ExpectJobsAreTold(next);
  EXPECT_EQ(next.ReadArtifact("shop", 2)->size(), kArtifactBytes);
}

TEST(DiskFull, AStoreOpensOnAFullDiskAfterACleanStopAndWritesOnceThereIsRoom) {
  TinyDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  TestStore test(disk.path());
  PrepareForAFullDisk(test.Open());
  test.clock.Advance(absl::Minutes(5));
  test.Open();
  test.store.reset();
  ASSERT_FALSE(std::filesystem::exists(disk.path() + "/roicast.db-shm"));
  {
    const Filler filler(disk.path());
    ASSERT_EQ(FreeBytes(disk.path()), 0);
    Store& store = test.Open();
    EXPECT_TRUE(store.behind());
    EXPECT_EQ(store.ReadArtifact("shop", 1)->size(), kArtifactBytes);
    ExpectJobsAreTold(store);
    const auto refused = store.CreateJob({"shop", "spec", "", ""});
    EXPECT_EQ(ReasonOf(refused.status()), v1::STORE_FULL) << refused.status();
    // Nothing has to be written, but there is no room for what others need to read the database.
    EXPECT_TRUE(store.CatchUp().ok());
    EXPECT_TRUE(store.behind());
  }
  // Without waiting for CatchUp.
  EXPECT_EQ(test.store->CreateJob({"shop", "spec", "", ""})->id, "job-000003");
  EXPECT_TRUE(test.store->CatchUp().ok());
  EXPECT_FALSE(test.store->behind());
  EXPECT_EQ(test.Open().GetJob("job-000003")->state, JobState::kQueued);
}

// Each amount of room: SQLite's files fit in part, or the log does.
TEST(DiskFull, AStoreOpensWithLittleRoomAndEveryWriteIsDoneOrRefused) {
  TinyDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  TempFolder before;
  TestStore running(before.path());
  PrepareForAFullDisk(running.Open());
  for (int pages = 0; pages < 120; pages += pages < 24 ? 1 : 16) {
    const std::string folder = disk.path() + "/store";
    std::filesystem::remove_all(folder);
    std::filesystem::copy(before.path(), folder, std::filesystem::copy_options::recursive);
    std::ofstream(disk.path() + "/room") << std::string(static_cast<size_t>(pages) * 4096, 'r');
    const Filler filler(disk.path());
    std::filesystem::remove(disk.path() + "/room");
    TestStore test(folder);
    test.clock.Advance(absl::Minutes(5));
    Store& store = test.Open();
    ExpectJobsAreTold(store);
    EXPECT_EQ(store.ReadArtifact("shop", 1)->size(), kArtifactBytes) << pages;
    const auto created = store.CreateJob({"shop", "spec", "", ""});
    const size_t jobs = created.ok() ? 3 : 2;
    if (!created.ok()) {
      EXPECT_EQ(ReasonOf(created.status()), v1::STORE_FULL) << pages << ": " << created.status();
    }
    EXPECT_EQ(test.Open().ListJobs("shop", "", 10)->size(), jobs) << pages;
  }
}

}  // namespace
}  // namespace roicast
