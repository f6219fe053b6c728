// `ulimit -f` gave INTERNAL "disk I/O error (errno 0)".
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "tests/server/store/killed.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::Contains;
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
    EXPECT_EQ(store.Publish(NewVersion("shop", std::string(2'000'000, 'b'))).status(), StoreFull(kCause));
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
    EXPECT_EQ(full, StoreFull(kCause));
    EXPECT_EQ(store.ReadArtifact("shop", newest)->size(), 50'000u);
  }
  EXPECT_TRUE(store.Publish(NewVersion("shop", std::string(2'000'000, 'b'))).ok());
}

// The log could be moved in part only: without the rest the database was "malformed", though each answer was a success.
TEST(FileLimitTest, ALogThatIsLostAtTheLimitTakesNoPublishedVersionWithIt) {
  TempFolder folder;
  TestStore test(folder.path());
  Store& store = test.Open();
  const std::string content(90'000, 'c');
  int64_t published = 0;
  {
    const FileLimit limit(1100 * 1024);
    absl::Status full;
    while (full.ok()) {
      full = store.Publish(NewVersion("shop", content)).status();
      if (!full.ok()) break;
      ServingStep step;
      step.model = "shop";
      step.version = ++published;
      const auto recorded = store.RecordServing(step, "");
      EXPECT_TRUE(recorded.ok()) << recorded.status();
      ASSERT_LT(published, 100);
    }
    EXPECT_EQ(full, StoreFull(kCause));
    // A log that a refused write left would keep others from writing.
    EXPECT_EQ(std::filesystem::file_size(folder.path() + "/roicast.db-wal"), 0u);
    const auto job = store.CreateJob({"shop", "spec", "", ""});
    ASSERT_TRUE(job.ok()) << job.status();
  }
  ASSERT_GE(published, 8);
  Killed killed(test);
  std::filesystem::resize_file(killed.File("roicast.db-wal"), 0);
  Store& next = killed.test().Open();
  EXPECT_EQ(next.GetVersion("shop", 0)->version, published);
  for (int64_t version = 1; version <= published; ++version) EXPECT_EQ(*next.ReadArtifact("shop", version), content);
  EXPECT_EQ(next.GetJob("job-000001")->state, JobState::kQueued);
}

// Of an older release, which reserved no room for what its log holds.
TEST(FileLimitTest, ALogThatFindsNoRoomInTheFileStaysAndTheFileStaysWhole) {
  TempFolder folder;
  TestStore test(folder.path());
  ASSERT_TRUE(test.Open().Publish(NewVersion("shop", std::string(100'000, 'a'))).ok());
  test.store.reset();
  sqlite3* older = nullptr;
  ASSERT_EQ(sqlite3_open((folder.path() + "/roicast.db").c_str(), &older), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(older,
                         "PRAGMA wal_autocheckpoint = 0; INSERT INTO jobs SELECT NULL, 'shop', 1, zeroblob(300000), "
                         "x'', x'', 0, '', 0, '', 0, NULL, NULL, '', '', 0",
                         nullptr, nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(older);
  Killed killed(test);
  sqlite3_close(older);
  const std::string file = killed.File("roicast.db");
  const auto file_bytes = std::filesystem::file_size(file);
  {
    const FileLimit limit(350'000);
    Store& limited = killed.test().Open();
    EXPECT_THAT(killed.warnings(), Contains(HasSubstr(kCause)));
    EXPECT_EQ(limited.GetJob("job-000001")->spec.size(), 300'000u);
    const absl::Status refused = limited.Publish(NewVersion("shop", "small")).status();
    EXPECT_EQ(ReasonOf(refused), v1::STORE_FULL) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(kCause));
    killed.test().store.reset();
  }
  EXPECT_EQ(std::filesystem::file_size(file), file_bytes);
  EXPECT_GT(std::filesystem::file_size(killed.File("roicast.db-wal")), 300'000u);
  EXPECT_EQ(killed.test().Open().GetJob("job-000001")->spec.size(), 300'000u);
}

TEST(FileLimitTest, AnUploadBeyondItIsResourceExhaustedWithTheCause) {
  TempFolder folder;
  TestStore test(folder.path());
  Store& store = test.Open();
  const FileLimit limit(1 << 20);
  auto writer = store.NewDataset("a.csv", {});
  absl::Status status;
  for (int i = 0; i < 30 && status.ok(); ++i) status = (*writer)->Append(std::string(100'000, 'x'));
  EXPECT_EQ(status, StoreFull("cannot write the dataset: the file is larger than this process may write (ulimit -f)"));
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
  EXPECT_EQ(ReasonOf(status), v1::STORE_FULL) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(kCause));
}

}  // namespace
}  // namespace roicast
