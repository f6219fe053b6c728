#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

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

TEST(OpenStore, AFolderThatMayNotBeWrittenIsPermissionDenied) {
  TempFolder folder;
  const std::string path = folder.path() + "/store";
  std::filesystem::create_directory(path);
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  std::filesystem::permissions(path, std::filesystem::perms{0555});
  // Root may write anywhere: another user tries.
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(1);
    const std::string text = OpenStatus(path).ToString();
    ::_exit(::write(pipe_ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(pipe_ends[1]);
  char buffer[512];
  const ssize_t size = ::read(pipe_ends[0], buffer, sizeof buffer);
  ::close(pipe_ends[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(buffer, static_cast<size_t>(size)),
            absl::StrCat("PERMISSION_DENIED: store \"", path, "\": cannot write to the folder: Permission denied"));
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
