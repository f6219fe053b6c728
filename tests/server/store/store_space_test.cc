// What one client may store at most, and that the store goes on beyond it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

class StoreSpaceTest : public ::testing::Test {
 protected:
  absl::Status Put(const std::string& content) {
    auto writer = test_.store->NewDataset("a.csv", {});
    if (!writer.ok()) return writer.status();
    if (const absl::Status added = (*writer)->Append(content); !added.ok()) return added;
    return (*writer)->Finish().status();
  }
  absl::Status Publish(const std::string& model, size_t bytes) {
    return test_.store->Publish(NewVersion(model, std::string(bytes, 'x'))).status();
  }

  TempFolder folder_;
  TestStore test_{folder_.path()};
};

TEST_F(StoreSpaceTest, UploadsStopAtTheLimitAndGiveTheirSpaceBack) {
  test_.options.max_store_bytes = 1 << 20;
  test_.Open();
  ASSERT_TRUE(Put(std::string(400'000, 'a')).ok());
  // Two that do not fit together: the one under way counts.
  auto writer = test_.store->NewDataset("b.csv", {});
  ASSERT_TRUE((*writer)->Append(std::string(300'000, 'b')).ok());
  const absl::Status full = Put(std::string(300'000, 'c'));
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(full), v1::REQUEST_TOO_LARGE);
  EXPECT_THAT(std::string(full.message()), HasSubstr("stored bytes: limit 1048576, got "));
  EXPECT_THAT(std::string(full.message()), HasSubstr(" (the server's --max_store_bytes)"));
  writer->reset();
  EXPECT_TRUE(Put(std::string(300'000, 'c')).ok());
}

TEST_F(StoreSpaceTest, TheSameDatasetAgainTakesNoMoreSpace) {
  test_.options.max_store_bytes = 1 << 20;
  test_.Open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Put(std::string(400'000, 'a')).ok()) << i;
  EXPECT_TRUE(Put(std::string(400'000, 'b')).ok());
}

TEST_F(StoreSpaceTest, ModelsJobsAndDatasetsShareTheLimit) {
  test_.options.max_store_bytes = 1 << 20;
  Store& store = test_.Open();
  ASSERT_TRUE(Put(std::string(500'000, 'a')).ok());
  ASSERT_TRUE(Publish("shop", 300'000).ok());
  const absl::Status full = Publish("shop", 300'000);
  EXPECT_EQ(ReasonOf(full), v1::REQUEST_TOO_LARGE) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("stored bytes: limit 1048576, got "));
  EXPECT_EQ(store.GetVersion("shop", 0)->version, 1);
  EXPECT_EQ(store.ReadArtifact("shop", 1)->size(), 300'000u);
  // Small things go on, and a deleted file makes room at once.
  ASSERT_TRUE(store.CreateJob({"shop", "spec", "", ""}).ok());
  for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/datasets")) {
    std::filesystem::remove(file.path());
  }
  EXPECT_TRUE(Publish("shop", 300'000).ok());
}

TEST_F(StoreSpaceTest, WhatIsThereCountsAfterARestart) {
  test_.Open();
  ASSERT_TRUE(Put(std::string(700'000, 'a')).ok());
  test_.options.max_store_bytes = 1 << 20;
  test_.Open();
  EXPECT_EQ(Put(std::string(400'000, 'b')).code(), absl::StatusCode::kResourceExhausted);
  test_.options.max_store_bytes = 0;
  test_.Open();
  EXPECT_TRUE(Put(std::string(400'000, 'b')).ok());
}

TEST_F(StoreSpaceTest, AJobThatCouldNotPublishIsRefusedAndAKnownOneIsReturned) {
  test_.options.max_models = 1;
  Store& store = test_.Open();
  ASSERT_TRUE(Publish("shop", 10).ok());
  const auto known = store.CreateJob({"shop", "spec", "request", ""});
  ASSERT_TRUE(known.ok());
  EXPECT_EQ(store.CreateJob({"ads", "spec", "", ""}).status(), RequestTooLarge("models", 1, 2));
  EXPECT_EQ(store.CreateJob({"ads", "spec", "request", ""})->id, known->id);
  EXPECT_EQ(Publish("ads", 10), RequestTooLarge("models", 1, 2));
  EXPECT_TRUE(Publish("shop", 10).ok());
}

TEST_F(StoreSpaceTest, VersionsOfAModelAreLimitedAndDeletedOnesDoNotCount) {
  test_.options.max_versions = 2;
  Store& store = test_.Open();
  ASSERT_TRUE(Publish("shop", 10).ok());
  ASSERT_TRUE(Publish("shop", 10).ok());
  const absl::Status full = Publish("shop", 10);
  EXPECT_EQ(full, RequestTooLarge("versions of a model", 2, 3));
  EXPECT_EQ(std::string(full.message()), "versions of a model: limit 2, got 3 (the server's --max_versions)");
  EXPECT_EQ(store.CreateJob({"shop", "spec", "", ""}).status(), full);
  EXPECT_TRUE(Publish("ads", 10).ok());
  test_.Execute("DELETE FROM versions WHERE model = 'shop' AND version = 1");
  EXPECT_EQ(store.Publish(NewVersion("shop", "x"))->version, 3);
}

TEST_F(StoreSpaceTest, LimitsOfAnOpenStoreCanBeChanged) {
  test_.options.max_versions = 1;
  Store& store = test_.Open();
  ASSERT_TRUE(Publish("shop", 10).ok());
  ASSERT_FALSE(Publish("shop", 10).ok());
  store.SetLimits({.max_bytes = 0, .max_models = 1, .max_versions = 2});
  EXPECT_TRUE(Publish("shop", 10).ok());
  EXPECT_EQ(Publish("ads", 10), RequestTooLarge("models", 1, 2));
  store.SetLimits({.max_bytes = 1000, .max_models = 0, .max_versions = 0});
  EXPECT_THAT(std::string(Publish("ads", 10).message()), HasSubstr("stored bytes: limit 1000, got "));
  EXPECT_EQ(Put("a\n1\n").code(), absl::StatusCode::kResourceExhausted);
  store.SetLimits({});
  EXPECT_TRUE(Publish("ads", 10).ok());
}

TEST_F(StoreSpaceTest, LimitsBelowZeroAreNamed) {
  test_.options.max_models = -1;
  EXPECT_EQ(OpenSqliteStore(test_.options).status(), absl::InvalidArgumentError("max_models: expected ≥ 0, got -1"));
}

}  // namespace
}  // namespace roicast
