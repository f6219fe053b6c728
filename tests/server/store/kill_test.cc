#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

// What version i of the model holds.
std::string Content(int64_t version) {
  return absl::StrCat("version ", version, ":", std::string(static_cast<size_t>(version * 7919 % 60'000), 'v'));
}

// In the child: uploads, runs jobs and publishes until it is killed. Writes each version to the pipe once Publish has
// returned.
[[noreturn]] void PublishForever(const std::string& folder, int pipe_end) {
  TestStore test(folder);
  Store& store = test.Open();
  int64_t next = store.GetVersion("shop", 0).ok() ? store.GetVersion("shop", 0)->version + 1 : 1;
  while (true) {
    auto writer = store.NewDataset("data.csv", {});
    ROICAST_CHECK(writer.ok());
    ROICAST_CHECK((*writer)->Append(absl::StrCat("a\n", next, "\n")).ok());
    ROICAST_CHECK((*writer)->Finish().ok());
    const auto job = store.CreateJob({"shop", "spec", "", ""});
    ROICAST_CHECK(job.ok());
    JobUpdate update;
    update.state = JobState::kRunning;
    update.checkpoint = Content(next);
    ROICAST_CHECK(store.UpdateJob(job->id, update).ok());
    PublishRequest request = NewVersion("shop", Content(next));
    request.job_id = job->id;
    const auto published = store.Publish(request);
    ROICAST_CHECK(published.ok() && published->version == next);
    ROICAST_CHECK(::write(pipe_end, &next, sizeof next) == sizeof next);
    ++next;
  }
}

// No sleep decides the outcome: a longer or shorter delay only moves the moment at which the child dies.
void Wait(absl::Duration delay) {
  const timespec time = absl::ToTimespec(delay);
  ::nanosleep(&time, nullptr);
}

TEST(Kill, AfterKillNineEveryPublishedVersionLoadsAndRunningJobsAreInterrupted) {
  TempFolder folder;
  Random random(20);
  int64_t known = 0;
  for (int round = 0; round < 24; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) PublishForever(folder.path(), ends[1]);
    ::close(ends[1]);
    int64_t told = 0;
    // Lives at least until its first publication, so that each round has something to lose.
    ASSERT_EQ(::read(ends[0], &told, sizeof told), static_cast<ssize_t>(sizeof told)) << "the child failed by itself";
    Wait(absl::Microseconds(random.Uniform(0, 60'000)));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (::read(ends[0], &told, sizeof told) == static_cast<ssize_t>(sizeof told)) {
    }
    ::close(ends[0]);

    TestStore test(folder.path());
    Store& store = test.Open();
    const int64_t newest = store.GetVersion("shop", 0)->version;
    // The last one may have been published and not told.
    ASSERT_GE(newest, told);
    ASSERT_LE(newest, told + 1);
    for (int64_t version = known + 1; version <= newest; ++version) {
      const auto artifact = store.ReadArtifact("shop", version);
      ASSERT_TRUE(artifact.ok()) << artifact.status();
      ASSERT_EQ(*artifact, Content(version));
      const auto job = store.GetJob(store.GetVersion("shop", version)->job_id);
      ASSERT_TRUE(job.ok()) << job.status();
      ASSERT_EQ(job->state, JobState::kSucceeded);
      ASSERT_EQ(job->version, version);
    }
    known = newest;
    ASSERT_TRUE(store.JobsInState(JobState::kRunning)->empty());
    const auto interrupted = store.JobsInState(JobState::kInterrupted);
    for (const JobRecord& job : *interrupted) ASSERT_TRUE(job.has_checkpoint);
    // Each file is a dataset that the store knows, under its digest.
    for (const auto& file : std::filesystem::directory_iterator(folder.path() + "/datasets")) {
      // A crash came between a file and its record: the file was set aside.
      if (file.is_directory()) continue;
      const absl::Status verified = store.VerifyDataset(file.path().stem().string());
      ASSERT_TRUE(verified.ok()) << verified;
    }
  }
  EXPECT_GE(known, 24);
}

}  // namespace
}  // namespace roicast
