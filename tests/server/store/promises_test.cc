// Published versions survive whatever becomes of the write-ahead log, and a start notices when they did not.
#include "server/store/promises.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/server/store/killed.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

std::string Content(int64_t version) { return absl::StrCat("version ", version, std::string(40'000, 'v')); }

ServingStep Step(int64_t version) {
  ServingStep step;
  step.model = "shop";
  step.version = version;
  return step;
}

class PromisesTest : public ::testing::Test {
 protected:
  void Publish(int64_t versions) {
    for (int64_t i = 0; i < versions; ++i) {
      const auto version = test_.store->Publish(NewVersion("shop", Content(++published_)));
      ROICAST_CHECK(version.ok() && version->version == published_);
    }
  }

  TempFolder folder_;
  TestStore test_{folder_.path()};
  Store& store_ = test_.Open();
  int64_t published_ = 0;
};

// A log that was cut took 55 of 55 versions with it, and the server started as if there had never been any.
TEST_F(PromisesTest, ALogThatIsCutAnywhereTakesNoPublishedVersionWithIt) {
  Publish(8);
  ASSERT_TRUE(store_.RecordServing(Step(8), "").ok());
  const auto job = store_.CreateJob({"shop", "spec", "", ""});
  ASSERT_TRUE(job.ok()) << job.status();
  // These alone live in the log.
  for (int i = 0; i < 20; ++i) {
    JobUpdate update;
    update.progress = std::string(5000, static_cast<char>('a' + i));
    ASSERT_TRUE(store_.UpdateJob(job->id, update).ok());
  }
  const auto log_bytes = fs::file_size(folder_.path() + "/roicast.db-wal");
  ASSERT_GT(log_bytes, 50'000u);
  for (const uintmax_t left : {uintmax_t{0}, uintmax_t{20}, log_bytes / 3, log_bytes - 100}) {
    Killed killed(test_);
    fs::resize_file(killed.File("roicast.db-wal"), left);
    Store& store = killed.test().Open();
    for (int64_t version = 1; version <= 8; ++version)
      EXPECT_EQ(*store.ReadArtifact("shop", version), Content(version));
    EXPECT_EQ(store.ServingSteps("shop", 1)->front().version, 8);
    EXPECT_EQ(store.GetJob(job->id)->state, JobState::kQueued);
    EXPECT_THAT(killed.warnings(), IsEmpty());
  }
  for (const uintmax_t at : {uintmax_t{10}, uintmax_t{40}, log_bytes / 2}) {
    Killed killed(test_);
    std::fstream log(killed.File("roicast.db-wal"), std::ios::in | std::ios::out | std::ios::binary);
    log.seekp(static_cast<std::streamoff>(at));
    log << "damage";
    log.close();
    EXPECT_EQ(*killed.test().Open().ReadArtifact("shop", 8), Content(8));
  }
}

// Another process reads an older state: SQLite would copy a part of the log, and the file was damaged without the rest.
TEST_F(PromisesTest, ALogThatIsLostWhileABackupReadsCostsWhatCameSinceAndTheStartNamesIt) {
  Publish(2);
  sqlite3* backup = nullptr;
  ASSERT_EQ(sqlite3_open((folder_.path() + "/roicast.db").c_str(), &backup), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(backup, "BEGIN; SELECT * FROM versions", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto file_bytes = fs::file_size(folder_.path() + "/roicast.db");
  // The first finds the file alone read, the others an older part of the log.
  Publish(1);
  ASSERT_EQ(sqlite3_exec(backup, "COMMIT; BEGIN; SELECT * FROM versions", nullptr, nullptr, nullptr), SQLITE_OK);
  Publish(3);
  EXPECT_GT(fs::file_size(folder_.path() + "/roicast.db-wal"), 0u);
  {
    Killed whole(test_);
    EXPECT_EQ(*whole.test().Open().ReadArtifact("shop", 6), Content(6));
  }
  Killed killed(test_);
  fs::resize_file(killed.File("roicast.db-wal"), 0);
  const absl::Status refused = killed.OpenStatus();
  EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("not there any more: model \"shop\" versions 3 to 6: "));
  killed.test().options.accept_lost_versions = true;
  Store& rest = killed.test().Open();
  EXPECT_EQ(*rest.ReadArtifact("shop", 2), Content(2));
  EXPECT_EQ(rest.Publish(NewVersion("shop", "new"))->version, 7);
  // The room of what is not moved yet is there.
  EXPECT_GT(fs::file_size(folder_.path() + "/roicast.db"), file_bytes);
  sqlite3_close(backup);
  Publish(1);
  EXPECT_EQ(fs::file_size(folder_.path() + "/roicast.db-wal"), 0u);
}

TEST_F(PromisesTest, TheLogIsEmptyAfterWhatAClientIsTold) {
  const std::string log = folder_.path() + "/roicast.db-wal";
  Publish(1);
  EXPECT_EQ(fs::file_size(log), 0u);
  ASSERT_TRUE(store_.RecordServing(Step(1), "").ok());
  EXPECT_EQ(fs::file_size(log), 0u);
  const auto job = store_.CreateJob({"shop", "spec", "", ""});
  EXPECT_EQ(fs::file_size(log), 0u);
  JobUpdate update;
  update.state = JobState::kRunning;
  ASSERT_TRUE(store_.UpdateJob(job->id, update).ok());
  EXPECT_GT(fs::file_size(log), 0u);
  update.state = JobState::kFailed;
  ASSERT_TRUE(store_.UpdateJob(job->id, update).ok());
  EXPECT_EQ(fs::file_size(log), 0u);
}

TEST_F(PromisesTest, AnOlderDatabaseIsRefusedWithTheNamesOfWhatIsMissing) {
  Publish(2);
  Killed killed(test_);
  ASSERT_TRUE(store_.Publish(NewVersion("ads", "x")).ok());
  Publish(3);
  ASSERT_TRUE(store_.RecordServing(Step(5), "").ok());
  fs::copy_file(folder_.path() + "/promises", killed.File("promises"), fs::copy_options::overwrite_existing);
  const std::string missing =
      "published, and not there any more: model \"ads\" version 1, model \"shop\" versions 3 to 5, the last 1 choices "
      "of "
      "the version that serves";
  EXPECT_EQ(killed.OpenStatus(),
            absl::DataLossError(absl::StrCat(
                "store \"", killed.File("").substr(0, killed.File("").size() - 1), "\": roicast.db: ", missing,
                ": the database is damaged, or an older one was put in its place. Put the newest backup back, or start "
                "with --accept_lost_versions true to go on without them")));
  // The refusal has changed nothing, so it stays one.
  EXPECT_EQ(killed.OpenStatus().code(), absl::StatusCode::kDataLoss);

  killed.test().options.accept_lost_versions = true;
  Store& store = killed.test().Open();
  ASSERT_EQ(killed.warnings().size(), 1u);
  EXPECT_THAT(killed.warnings()[0], HasSubstr(missing));
  EXPECT_EQ(*store.ReadArtifact("shop", 2), Content(2));
  // A number that was given is not given again.
  EXPECT_EQ(store.Publish(NewVersion("shop", "new"))->version, 6);
  EXPECT_EQ(store.Publish(NewVersion("ads", "new"))->version, 2);
  killed.test().options.accept_lost_versions = false;
  EXPECT_EQ(*killed.test().Open().ReadArtifact("shop", 6), "new");
}

TEST_F(PromisesTest, AMissingDatabaseIsRefusedAndNothingIsTouched) {
  Publish(2);
  auto writer = store_.NewDataset("a.csv", {});
  ASSERT_TRUE((*writer)->Append("a\n1\n").ok());
  const DatasetRecord dataset = *(*writer)->Finish();
  writer->reset();  // It must not outlive its store.
  test_.store.reset();
  fs::remove(folder_.path() + "/roicast.db");
  const absl::Status refused = OpenSqliteStore(test_.options).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("model \"shop\" versions 1 to 2: the database is damaged"));
  EXPECT_FALSE(fs::exists(folder_.path() + "/roicast.db"));
  EXPECT_TRUE(fs::exists(dataset.path));
  test_.options.accept_lost_versions = true;
  EXPECT_EQ(test_.Open().Publish(NewVersion("shop", "new"))->version, 3);
}

// A start waited for a pipe for ever, and filled the memory from /dev/zero.
TEST_F(PromisesTest, AFileThatIsNoneIsRefused) {
  Publish(1);
  Killed killed(test_);
  fs::remove(killed.File("promises"));
  fs::create_symlink("/dev/zero", killed.File("promises"));
  const absl::Status refused = killed.OpenStatus();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("promises\": expected a regular file"));
  fs::remove(killed.File("promises"));
  ASSERT_EQ(::mkfifo(killed.File("promises").c_str(), 0600), 0);
  EXPECT_THAT(std::string(killed.OpenStatus().message()), HasSubstr("promises\": expected a regular file"));
}

// Each write of the store waited for it, for ever.
TEST_F(PromisesTest, WhatIsInTheWayOfTheNextFileIsNotWaitedFor) {
  const std::string next = folder_.path() + "/promises.new";
  const absl::Status refused = absl::FailedPreconditionError(
      absl::StrCat("\"", next, "\" has to be removed, for it is no regular file: nothing was written"));
  ASSERT_EQ(::mkfifo(next.c_str(), 0600), 0);
  EXPECT_EQ(store_.Publish(NewVersion("shop", "a")).status(), refused);
  {
    // With somebody who reads it, it can be opened.
    const int reader = ::open(next.c_str(), O_RDONLY | O_NONBLOCK);
    EXPECT_EQ(store_.Publish(NewVersion("shop", "a")).status(), refused);
    ::close(reader);
  }
  fs::remove(next);
  fs::create_symlink(folder_.path() + "/elsewhere", next);
  EXPECT_EQ(store_.Publish(NewVersion("shop", "a")).status(), refused);
  fs::remove(next);
  Publish(1);
  EXPECT_FALSE(fs::exists(folder_.path() + "/elsewhere"));
}

TEST_F(PromisesTest, ALogWithoutItsDatabaseIsKept) {
  JobUpdate update;
  update.progress = "some";
  ASSERT_TRUE(store_.UpdateJob(store_.CreateJob({"shop", "spec", "", ""})->id, update).ok());
  Killed killed(test_);
  fs::remove(killed.File("roicast.db"));
  const auto log_bytes = fs::file_size(killed.File("roicast.db-wal"));
  ASSERT_GT(log_bytes, 0u);
  const absl::Status refused = killed.OpenStatus();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("roicast.db is missing, but its log roicast.db-wal is there"));
  EXPECT_EQ(fs::file_size(killed.File("roicast.db-wal")), log_bytes);
}

// It was published, and only the log knew that the next start might miss it.
TEST_F(PromisesTest, WhatCannotBePromisedIsNotWritten) {
  Publish(1);
  const std::string next = folder_.path() + "/promises.new";
  fs::create_directory(next);
  const std::string error = absl::StrCat("cannot create \"", next, "\": Is a directory: nothing was written");
  EXPECT_EQ(store_.Publish(NewVersion("shop", "more")).status(), absl::InternalError(error));
  EXPECT_EQ(store_.RecordServing(Step(1), "").status(), absl::InternalError(error));
  EXPECT_EQ(store_.GetVersion("shop", 0)->version, 1);
  EXPECT_THAT(*store_.ServingSteps("shop", 1), IsEmpty());
  fs::remove(next);
  Publish(1);
  EXPECT_EQ(ReadPromises(folder_.path() + "/promises")->value().last_version.at("shop"), 2);
}

TEST_F(PromisesTest, AVersionThatAnOperatorDeletedIsNotMissed) {
  Publish(3);
  test_.store.reset();
  test_.Execute("DELETE FROM versions WHERE version = 3");
  EXPECT_EQ(test_.Open().Publish(NewVersion("shop", "new"))->version, 4);
}

TEST_F(PromisesTest, ADamagedFileOfPromisesIsSaidAndWrittenAgain) {
  Publish(2);
  Killed killed(test_);
  std::ofstream(killed.File("promises")) << "roicast promises 1\n0 steps\n";
  killed.test().Open();
  EXPECT_THAT(killed.warnings(), ElementsAre(HasSubstr("promises: it is damaged: whether versions are missing")));
  const auto promises = ReadPromises(killed.File("promises"));
  ASSERT_TRUE(promises.ok() && promises->has_value()) << promises.status();
  EXPECT_EQ((*promises)->last_version.at("shop"), 2);
}

TEST_F(PromisesTest, AStoreOfAnOlderReleaseHasNoneAndGetsThem) {
  Publish(2);
  Killed killed(test_);
  fs::remove(killed.File("promises"));
  killed.test().Open();
  EXPECT_THAT(killed.warnings(), IsEmpty());
  EXPECT_EQ((*ReadPromises(killed.File("promises")))->last_version.at("shop"), 2);
}

TEST(MissingOf, NamesTwentyModelsAndCountsTheOthers) {
  Promises promised;
  for (int i = 10; i < 40; ++i) promised.last_version[absl::StrCat("m", i)] = 1;
  const std::string text = MissingOf(promised, Promises());
  EXPECT_THAT(text, HasSubstr("model \"m29\" version 1, and of 10 more models"));
  EXPECT_EQ(MissingOf(promised, promised), "");
}

}  // namespace
}  // namespace roicast
