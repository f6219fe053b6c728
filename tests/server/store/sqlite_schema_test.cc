#include "server/store/sqlite_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<SqliteDatabase> OpenDatabase(const TempFolder& folder) {
  return *SqliteDatabase::Open(folder.path() + "/roicast.db", absl::Seconds(1));
}

int64_t One(SqliteDatabase& database, absl::string_view sql) {
  SqliteStatement statement = database.Prepare(sql);
  const auto row = statement.Step();
  EXPECT_TRUE(row.ok()) << row.status();
  return statement.Int(0);
}

TEST(Migrate, RunsOnlyTheStepsThatAreMissing) {
  TempFolder folder;
  const auto database = OpenDatabase(folder);
  const std::vector<std::string> first = {"CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)"};
  ASSERT_TRUE(Migrate(*database, first).ok());
  ASSERT_TRUE(Migrate(*database, first).ok());
  std::vector<std::string> both = first;
  both.push_back("ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 7; INSERT INTO t VALUES (2, 8)");
  ASSERT_TRUE(Migrate(*database, both).ok());
  EXPECT_EQ(One(*database, "SELECT SUM(b) FROM t"), 15);
  EXPECT_EQ(One(*database, "PRAGMA user_version"), 2);
}

TEST(Migrate, AFailingStepLeavesTheVersionBeforeIt) {
  TempFolder folder;
  const auto database = OpenDatabase(folder);
  const std::vector<std::string> steps = {"CREATE TABLE t (a INTEGER)",
                                          "INSERT INTO t VALUES (1); INSERT INTO none VALUES (1)"};
  const absl::Status status = Migrate(*database, steps);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("migration from schema version 1 to 2: sqlite: no such table: none"));
  EXPECT_EQ(One(*database, "PRAGMA user_version"), 1);
  EXPECT_EQ(One(*database, "SELECT COUNT(*) FROM t"), 0);
}

TEST(Migrate, AStoreOfANewerReleaseIsRefusedAndStaysAsItIs) {
  TempFolder folder;
  {
    const auto database = OpenDatabase(folder);
    ASSERT_TRUE(database->Execute("PRAGMA user_version = 99").ok());
  }
  TestStore test(folder.path());
  const absl::Status status = OpenSqliteStore(test.options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("roicast.db: the store has schema version 99, but this release knows versions up to 5 only"));
  EXPECT_EQ(One(*OpenDatabase(folder), "PRAGMA user_version"), 99);
}

TEST(Migrate, TheTablesAreThoseOfTheNewestVersion) {
  TempFolder folder;
  const auto database = OpenDatabase(folder);
  ASSERT_TRUE(Migrate(*database, SqliteMigrations()).ok());
  EXPECT_EQ(One(*database, "PRAGMA user_version"), 5);
  EXPECT_EQ(One(*database, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"), 7);
}

// Versions of a store that recorded no decisions were decided by the rule of their time.
TEST(Migrate, VersionsOfAnOlderStoreCountAsDecided) {
  TempFolder folder;
  {
    const auto database = OpenDatabase(folder);
    const std::vector<std::string> first(SqliteMigrations().begin(), SqliteMigrations().begin() + 1);
    ASSERT_TRUE(Migrate(*database, first).ok());
    ASSERT_TRUE(database
                    ->Execute("INSERT INTO models VALUES ('shop', 1); INSERT INTO versions VALUES "
                              "('shop', 1, 'digest', 3, 0, 'job-000001', '3 → 1', 0.5, 'torn')")
                    .ok());
  }
  TestStore test(folder.path());
  const auto version = test.Open().GetVersion("shop", 1);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->load_error, "torn");
  EXPECT_TRUE(version->decided);
  EXPECT_EQ(version->not_serving, "");
  EXPECT_TRUE(std::isnan(version->first_metric));
  EXPECT_EQ(version->first_metric_name, "");
  EXPECT_TRUE(test.store->UndecidedVersions()->empty());
  EXPECT_TRUE(test.store->ServingSteps("shop", 10)->empty());
}

}  // namespace
}  // namespace roicast
