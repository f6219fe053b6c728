#include "server/services/models/shared_artifacts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/errors/errors.h"
#include "server/store/sqlite_store.h"
#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

class SharedArtifactsTest : public ::testing::Test {
 protected:
  SharedArtifactsTest() {
    SqliteStoreOptions options;
    options.folder = folder_.File("store");
    options.observer = [this](absl::string_view operation, absl::StatusCode, absl::Duration) {
      if (operation == "read_artifact") ++reads_;
    };
    store_ = *OpenSqliteStore(options);
  }
  ModelVersion Publish(const std::string& bytes) {
    PublishRequest request;
    request.model = "default";
    request.artifact = bytes;
    return *store_->Publish(request);
  }

  testing::TempDir folder_;
  int reads_ = 0;
  std::unique_ptr<Store> store_;
};

TEST_F(SharedArtifactsTest, ThoseWhoReadTheSameVersionShareItsBytes) {
  const ModelVersion version = Publish(std::string(1000, 'a'));
  MemoryBudget memory(10000, 0);
  SharedArtifacts artifacts(store_.get(), &memory);
  auto first = artifacts.Read(version);
  const auto second = artifacts.Read(version);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(**first, std::string(1000, 'a'));
  EXPECT_EQ(first->get(), second->get());
  EXPECT_EQ(reads_, 1);
  EXPECT_EQ(memory.held(MemoryUse::kAnswers), 1000u);
}

TEST_F(SharedArtifactsTest, TheBytesAreFreedWithTheirLastReader) {
  const ModelVersion version = Publish(std::string(1000, 'a'));
  MemoryBudget memory(10000, 0);
  SharedArtifacts artifacts(store_.get(), &memory);
  { const auto read = artifacts.Read(version); }
  EXPECT_EQ(memory.held(), 0u);
  EXPECT_EQ((*artifacts.Read(version))->size(), 1000u);
  EXPECT_EQ(reads_, 2);
}

TEST_F(SharedArtifactsTest, VersionsBeyondTheBudgetAreRefusedBeforeTheyAreRead) {
  const ModelVersion one = Publish(std::string(1000, 'a'));
  const ModelVersion other = Publish(std::string(1000, 'b'));
  MemoryBudget memory(1999, 0);
  SharedArtifacts artifacts(store_.get(), &memory);
  const auto read = artifacts.Read(one);
  const absl::Status refused = artifacts.Read(other).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("memory for answers: 1 kB more are needed, 999 bytes of"));
  EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED);
  EXPECT_EQ(reads_, 1);
}

TEST_F(SharedArtifactsTest, WhatTheStoreRefusesHoldsNothing) {
  ModelVersion unknown = Publish("x");
  unknown.version = 9;
  MemoryBudget memory(1000, 0);
  SharedArtifacts artifacts(store_.get(), &memory);
  EXPECT_TRUE(absl::IsNotFound(artifacts.Read(unknown).status()));
  EXPECT_EQ(memory.held(), 0u);
}

}  // namespace
}  // namespace roicast
