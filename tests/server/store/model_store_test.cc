#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "server/errors/errors.h"
#include "tests/server/store/temp_folder.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ModelStore : public ::testing::Test {
 protected:
  TempFolder folder_;
  TestStore test_{folder_.path()};
  Store& store_ = test_.Open();
};

TEST_F(ModelStore, PublishGivesTheNextVersionWithSizeDigestAndTime) {
  PublishRequest request = NewVersion("shop", "abc");
  const auto first = store_.Publish(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->version, 1);
  EXPECT_EQ(first->size_bytes, 3);
  // FIPS 180-4's example.
  EXPECT_EQ(first->digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(first->publish_time, kTestTime);
  EXPECT_EQ(store_.Publish(request)->version, 2);
  EXPECT_EQ(store_.Publish(NewVersion("other", "x"))->version, 1);

  const auto read = store_.GetVersion("shop", 0);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->version, 2);
  EXPECT_EQ(read->network, "3 → 1");
  EXPECT_EQ(read->holdout_r2, 0.5);
  EXPECT_EQ(read->first_metric, -2.25);
  EXPECT_EQ(read->first_metric_name, "R²");
  EXPECT_EQ(*store_.ReadArtifact("shop", 1), "abc");
}

TEST_F(ModelStore, BytesOfAllValuesAndNanSurvive) {
  std::string bytes;
  for (int i = 0; i < 256 * 4096; ++i) bytes.push_back(static_cast<char>(i * 7));
  PublishRequest request = NewVersion("shop", bytes);
  request.holdout_r2 = request.first_metric = std::numeric_limits<double>::quiet_NaN();
  ASSERT_TRUE(store_.Publish(request).ok());
  Store& again = test_.Open();
  EXPECT_EQ(*again.ReadArtifact("shop", 1), bytes);
  EXPECT_TRUE(std::isnan(again.GetVersion("shop", 1)->holdout_r2));
  EXPECT_TRUE(std::isnan(again.GetVersion("shop", 1)->first_metric));
}

TEST_F(ModelStore, VersionsAreNeverReusedAfterDeletion) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(store_.Publish(NewVersion("shop", absl::StrCat("v", i))).ok());
  test_.Execute("DELETE FROM versions WHERE model = 'shop'");
  EXPECT_EQ(store_.GetVersion("shop", 0).status(), ModelNotFound("shop", ": train or import it first"));
  EXPECT_THAT(*store_.ListModels("", 10), SizeIs(0));
  EXPECT_EQ(test_.Open().Publish(NewVersion("shop", "again"))->version, 4);
}

TEST_F(ModelStore, UnknownModelsAndVersionsAreNotFoundByName) {
  ASSERT_TRUE(store_.Publish(NewVersion("shop", "x")).ok());
  EXPECT_EQ(store_.GetVersion("shop", 7).status(), VersionNotFound("shop", 7));
  EXPECT_EQ(store_.ReadArtifact("shop", 7).status(), VersionNotFound("shop", 7));
  EXPECT_EQ(store_.SetLoadError("none", 1, "x"), VersionNotFound("none", 1));
  EXPECT_EQ(store_.ListVersions("none", 0, 5).status(), ModelNotFound("none"));
}

TEST_F(ModelStore, EmptyAndOversizedArtifactsAreRefused) {
  EXPECT_EQ(store_.Publish(NewVersion("", "x")).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store_.Publish(NewVersion("shop", "")).status(),
            absl::InvalidArgumentError("publish: the artifact is empty"));
  test_.options.max_artifact_bytes = 4;
  EXPECT_EQ(test_.Open().Publish(NewVersion("shop", "12345")).status(), RequestTooLarge("artifact bytes", 4, 5));
}

TEST_F(ModelStore, ListsAreCutByKey) {
  for (const char* model : {"b", "a", "c"}) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(store_.Publish(NewVersion(model, "x")).ok());
  }
  const auto names = [](const std::vector<ModelVersion>& versions) {
    std::vector<std::string> out;
    for (const ModelVersion& version : versions) out.push_back(absl::StrCat(version.model, version.version));
    return out;
  };
  EXPECT_THAT(names(*store_.ListModels("", 2)), ElementsAre("a3", "b3"));
  EXPECT_THAT(names(*store_.ListModels("b", 2)), ElementsAre("c3"));
  EXPECT_THAT(names(*store_.ListVersions("b", 0, 2)), ElementsAre("b3", "b2"));
  EXPECT_THAT(names(*store_.ListVersions("b", 2, 2)), ElementsAre("b1"));
}

TEST_F(ModelStore, LoadErrorIsKeptAndCleared) {
  ASSERT_TRUE(store_.Publish(NewVersion("shop", "x")).ok());
  ASSERT_TRUE(store_.SetLoadError("shop", 1, "golden row 3").ok());
  EXPECT_EQ(test_.Open().GetVersion("shop", 1)->load_error, "golden row 3");
  ASSERT_TRUE(test_.store->SetLoadError("shop", 1, "").ok());
  EXPECT_EQ(test_.store->GetVersion("shop", 1)->load_error, "");
}

TEST_F(ModelStore, AFlippedArtifactIsDataLoss) {
  ASSERT_TRUE(store_.Publish(NewVersion("shop", "abc")).ok());
  test_.store.reset();
  test_.Execute("UPDATE artifacts SET bytes = x'616264'");
  const absl::Status status = test_.Open().ReadArtifact("shop", 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("model \"shop\" version 1: the artifact was published with digest ba78"));
}

TEST_F(ModelStore, ConcurrentPublishersGetDistinctVersions) {
  constexpr int kThreads = 4, kEach = 10;
  std::vector<std::thread> threads;
  absl::Mutex mutex;
  std::vector<int64_t> versions;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        const auto published = store_.Publish(NewVersion("shop", "x"));
        ASSERT_TRUE(published.ok()) << published.status();
        ASSERT_TRUE(store_.ReadArtifact("shop", published->version).ok());
        absl::MutexLock lock(&mutex);
        versions.push_back(published->version);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int64_t> expected;
  for (int i = 1; i <= kThreads * kEach; ++i) expected.push_back(i);
  EXPECT_THAT(versions, ::testing::UnorderedElementsAreArray(expected));
}

TEST(StoreObserver, SeesEachOperationWithItsOutcome) {
  TempFolder folder;
  TestStore test(folder.path());
  std::vector<std::string> seen;
  test.options.observer = [&](absl::string_view operation, absl::StatusCode outcome, absl::Duration latency) {
    EXPECT_GT(latency, absl::ZeroDuration());
    seen.push_back(absl::StrCat(operation, " ", absl::StatusCodeToString(outcome)));
  };
  Store& store = test.Open();
  ASSERT_TRUE(store.Publish(NewVersion("shop", "x")).ok());
  ASSERT_FALSE(store.GetVersion("shop", 9).ok());
  EXPECT_THAT(seen, ElementsAre("recover OK", "publish OK", "get_version NOT_FOUND"));
}

}  // namespace
}  // namespace roicast
