// `ulimit -f` gave INTERNAL "disk I/O error (errno 0)".
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

// This process may write files of so many bytes while it lives, and fails to beyond, as the server does.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    before_action_ = std::signal(SIGXFSZ, SIG_IGN);
    ROICAST_CHECK(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ROICAST_CHECK(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_action_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
  void (*before_action_)(int);
};

constexpr char kCause[] =
    "a file of the database would grow beyond what this process may write (ulimit -f, RLIMIT_FSIZE): nothing was "
    "written";

TEST(FileLimitTest, PublishingBeyondItIsResourceExhaustedWithTheCauseAndTheStoreGoesOn) {
  TempFolder folder;
  TestStore test(folder.path());
  Store& store = test.Open();
  ASSERT_TRUE(store.Publish(NewVersion("shop", std::string(100'000, 'a'))).ok());
  {
    const FileLimit limit(1 << 20);
    EXPECT_EQ(store.Publish(NewVersion("shop", std::string(2'000'000, 'b'))).status(),
              absl::ResourceExhaustedError(kCause));
    EXPECT_EQ(store.ReadArtifact("shop", 1)->size(), 100'000u);
    EXPECT_EQ(store.Publish(NewVersion("shop", "small"))->version, 2);
    // Fills the file up to the limit, page by page.
    absl::Status full;
    int64_t newest = 2;
    while (full.ok()) {
      const auto version = store.Publish(NewVersion("shop", std::string(50'000, 'c')));
      full = version.status();
      if (version.ok()) newest = version->version;
      ASSERT_LT(newest, 100);
    }
    EXPECT_EQ(full, absl::ResourceExhaustedError(kCause));
    EXPECT_EQ(store.ReadArtifact("shop", newest)->size(), 50'000u);
  }
  EXPECT_TRUE(store.Publish(NewVersion("shop", std::string(2'000'000, 'b'))).ok());
}

TEST(FileLimitTest, AnUploadBeyondItIsResourceExhaustedWithTheCause) {
  TempFolder folder;
  TestStore test(folder.path());
  Store& store = test.Open();
  const FileLimit limit(1 << 20);
  auto writer = store.NewDataset("a.csv", {});
  absl::Status status;
  for (int i = 0; i < 30 && status.ok(); ++i) status = (*writer)->Append(std::string(100'000, 'x'));
  EXPECT_EQ(status, absl::ResourceExhaustedError(
                        "cannot write the dataset: the file is larger than this process may write (ulimit -f)"));
}

// The log of progress reports met the limit, and nothing could be written from then on.
TEST(FileLimitTest, ALogAtItsLimitIsEmptiedAndTheWriteGoesOn) {
  TempFolder folder;
  TestStore test(folder.path());
  Store& store = test.Open();
  const auto job = store.CreateJob({"shop", "spec", "", ""});
  ASSERT_TRUE(job.ok());
  const FileLimit limit(1 << 20);
  for (int i = 0; i < 200; ++i) {
    JobUpdate update;
    update.progress = std::string(20'000, static_cast<char>('a' + i % 26));
    const auto updated = store.UpdateJob(job->id, update);
    ASSERT_TRUE(updated.ok()) << i << ": " << updated.status();
  }
}

TEST(FileLimitTest, AStoreThatCannotBeMadeSaysWhy) {
  TempFolder folder;
  TestStore test(folder.path());
  const FileLimit limit(8192);
  const absl::Status status = OpenSqliteStore(test.options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(kCause));
}

}  // namespace
}  // namespace roicast
