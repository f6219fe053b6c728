#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

absl::Status OpenStatus(const std::string& folder) {
  SqliteStoreOptions options;
  options.folder = folder;
  return OpenSqliteStore(options).status();
}

TEST(OpenStore, CreatesTheFolderWithItsParents) {
  TempFolder folder;
  EXPECT_TRUE(OpenStatus(folder.path() + "/a/b").ok());
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/a/b/roicast.db"));
}

TEST(OpenStore, ASecondServerIsRefusedWithThePidOfTheFirst) {
  TempFolder folder;
  {
    TestStore first(folder.path());
    first.Open();
    EXPECT_EQ(OpenStatus(folder.path()),
              absl::FailedPreconditionError(absl::StrCat(
                  "store \"", folder.path(), "\": the store is in use by process ", ::getpid(), ", which holds \"",
                  folder.path(), "/lock\": stop that server, or give this one another store folder")));
  }
  EXPECT_TRUE(OpenStatus(folder.path()).ok());
}

TEST(OpenStore, AFileIsNotAFolder) {
  TempFolder folder;
  const std::string path = folder.path() + "/file";
  std::ofstream(path) << "x";
  EXPECT_EQ(OpenStatus(path), absl::FailedPreconditionError(absl::StrCat("store \"", path, "\": it is not a folder")));
}

TEST(OpenStore, AForeignDatabaseFileIsDataLossAndStaysAsItIs) {
  TempFolder folder;
  const std::string path = folder.path() + "/roicast.db";
  const std::string content(8192, 'x');
  std::ofstream(path) << content;
  EXPECT_EQ(OpenStatus(folder.path()),
            absl::DataLossError(
                absl::StrCat("store \"", folder.path(), "\": roicast.db: the file is not a roicast database")));
  std::ifstream in(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), content);
}

TEST(OpenStore, ADatabaseOrLockFileOfAnotherProgramStaysAsItIs) {
  TempFolder folder;
  const std::string path = folder.path() + "/roicast.db";
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "CREATE TABLE invoices (number)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  EXPECT_EQ(OpenStatus(folder.path()),
            absl::FailedPreconditionError(
                absl::StrCat("store \"", folder.path(),
                             "\": roicast.db: it is a database of another program: give the store another folder")));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/datasets"));

  TempFolder locked;
  std::ofstream(locked.path() + "/lock") << "notes of somebody";
  EXPECT_EQ(OpenStatus(locked.path()),
            absl::FailedPreconditionError(absl::StrCat("store \"", locked.path(), "\": \"", locked.path(),
                                                       "/lock\" is a file of another program: give the store another "
                                                       "folder")));
  std::ifstream in(locked.path() + "/lock");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "notes of somebody");
}

// What another user than root, who may write anywhere, is told.
std::string OpenStatusOfAnotherUser(const std::string& folder) {
  int pipe_ends[2];
  ROICAST_CHECK(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(1);
    const std::string text = OpenStatus(folder).ToString();
    ::_exit(::write(pipe_ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(pipe_ends[1]);
  char buffer[512];
  const ssize_t size = ::read(pipe_ends[0], buffer, sizeof buffer);
  ::close(pipe_ends[0]);
  int status = 0;
  ROICAST_CHECK(::waitpid(child, &status, 0) == child && size > 0);
  return std::string(buffer, static_cast<size_t>(size));
}

TEST(OpenStore, AFolderThatMayNotBeWrittenIsPermissionDenied) {
  TempFolder folder;
  const std::string path = folder.path() + "/store";
  std::filesystem::create_directory(path);
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  std::filesystem::permissions(path, std::filesystem::perms{0555});
  EXPECT_EQ(OpenStatusOfAnotherUser(path),
            absl::StrCat("PERMISSION_DENIED: store \"", path, "\": cannot write to the folder: Permission denied"));
}

// It started, was ready, and refused each import with "attempt to write a readonly database".
TEST(OpenStore, EachFileThatMayNotBeWrittenIsPermissionDeniedWithItsPath) {
  TempFolder folder;
  const std::string path = folder.path() + "/store";
  TestStore test(path);
  ASSERT_TRUE(test.Open().Publish(NewVersion("shop", "x")).ok());
  test.store.reset();
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  std::filesystem::permissions(path, std::filesystem::perms{0777});
  std::filesystem::permissions(path + "/lock", std::filesystem::perms{0666});
  std::filesystem::permissions(path + "/promises", std::filesystem::perms{0666});
  std::ofstream(path + "/roicast.db-wal");
  std::ofstream(path + "/roicast.db-shm");
  const std::vector<std::pair<std::string, unsigned>> files = {
      {"/roicast.db", 0666}, {"/roicast.db-wal", 0666}, {"/roicast.db-shm", 0666}, {"/datasets", 0777}};
  for (const auto& [name, mode] : files) std::filesystem::permissions(path + name, std::filesystem::perms{mode});
  for (const auto& [name, mode] : files) {
    std::filesystem::permissions(path + name, std::filesystem::perms{mode & 0555});
    EXPECT_EQ(OpenStatusOfAnotherUser(path),
              absl::StrCat("PERMISSION_DENIED: store \"", path, "\": cannot read and write \"", path, name,
                           "\": Permission denied"));
    std::filesystem::permissions(path + name, std::filesystem::perms{mode});
  }
  EXPECT_EQ(OpenStatusOfAnotherUser(path), "OK");
}

// Two servers wrote one store, and served different versions of one model.
TEST(OpenStore, AServerWhoseLockWasDeletedWritesNothingMore) {
  TempFolder folder;
  TestStore first(folder.path());
  Store& store = first.Open();
  ASSERT_TRUE(store.Publish(NewVersion("shop", "one")).ok());
  auto upload = store.NewDataset("a.csv", {});
  ASSERT_TRUE((*upload)->Append("a\n1\n").ok());
  const std::string lock = folder.path() + "/lock";
  const absl::Status refused = absl::FailedPreconditionError(
      absl::StrCat("\"", lock,
                   "\" was deleted or replaced while this server held it, and another server may use the store: "
                   "nothing is written any more; stop the other one, and start this one again"));
  std::filesystem::remove(lock);
  EXPECT_EQ(store.Publish(NewVersion("shop", "two")).status(), refused);
  {
    TestStore second(folder.path());
    EXPECT_EQ(second.Open().Publish(NewVersion("shop", "two of the second"))->version, 2);
    EXPECT_EQ(store.Publish(NewVersion("shop", "two")).status(), refused);
    EXPECT_EQ(store.CreateJob({"shop", "spec", "", ""}).status(), refused);
    EXPECT_EQ(store.NewDataset("b.csv", {}).status(), refused);
    EXPECT_EQ((*upload)->Finish().status(), refused);
    upload->reset();
    // What is read is as the other one has written it.
    EXPECT_EQ(*store.ReadArtifact("shop", 2), "two of the second");
    first.store.reset();
    EXPECT_EQ(second.store->Publish(NewVersion("shop", "three"))->version, 3);
  }
  EXPECT_EQ(*first.Open().ReadArtifact("shop", 3), "three");
}

// Versions were published into a file without a name, and were gone with the process.
TEST(OpenStore, AServerWhoseDatabaseWasMovedWritesNothingMore) {
  TempFolder folder;
  TestStore test(folder.path());
  Store& store = test.Open();
  ASSERT_TRUE(store.Publish(NewVersion("shop", "one")).ok());
  const std::string database = folder.path() + "/roicast.db";
  const absl::Status refused = absl::FailedPreconditionError(
      absl::StrCat("\"", database,
                   "\" was deleted, moved or replaced while this server used it: nothing is written any more; put it "
                   "back, or stop this server, restore the newest backup and start again"));
  std::filesystem::rename(database, database + ".moved");
  EXPECT_EQ(store.Publish(NewVersion("shop", "two")).status(), refused);
  EXPECT_EQ(store.CreateJob({"shop", "spec", "", ""}).status(), refused);
  EXPECT_EQ(*store.ReadArtifact("shop", 1), "one") << "what is open can be read";
  std::ofstream(database) << "";
  EXPECT_EQ(store.Publish(NewVersion("shop", "two")).status(), refused) << "another file has its name";
  std::filesystem::rename(database + ".moved", database);
  EXPECT_EQ(store.Publish(NewVersion("shop", "two"))->version, 2);
  EXPECT_EQ(*test.Open().ReadArtifact("shop", 2), "two");
}

TEST(OpenStore, OptionsOutOfRangeAreNamed) {
  SqliteStoreOptions options;
  EXPECT_EQ(OpenSqliteStore(options).status(),
            absl::InvalidArgumentError("store: expected a folder, got an empty name"));
  options = SqliteStoreOptions{.folder = "x"};
  options.max_dataset_bytes = 0;
  EXPECT_EQ(OpenSqliteStore(options).status(), absl::InvalidArgumentError("max_dataset_bytes: expected > 0, got 0"));
}

}  // namespace
}  // namespace roicast
