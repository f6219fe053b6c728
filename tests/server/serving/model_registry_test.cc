#include "server/serving/model_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/campaign_artifact.h"
#include "model/artifact/artifact.h"
#include "prometheus/registry.h"
#include "server/store/sqlite_store.h"
#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ModelRegistryTest : public ::testing::Test {
 protected:
  ModelRegistryTest() : good_(SerializeArtifact(bench::MakeCampaignArtifact(1))) {
    SqliteStoreOptions options;
    options.folder = folder_.File("store");
    options.observer = [this](absl::string_view operation, absl::StatusCode, absl::Duration) {
      if (operation == "read_artifact") ++reads_;
    };
    store_ = *OpenSqliteStore(options);
    registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{}, store_.get(), &metrics_);
    registry_->OnLoadError([this](absl::string_view model, int64_t version, const absl::Status& error) {
      errors_.push_back(absl::StrCat(model, " ", version, " ", absl::StatusCodeToString(error.code())));
    });
  }
  int64_t Publish(const std::string& artifact) {
    PublishRequest request;
    request.model = "default";
    request.artifact = artifact;
    return store_->Publish(request)->version;
  }

  const std::string good_;
  testing::TempDir folder_;
  prometheus::Registry prometheus_;
  ServerMetrics metrics_{prometheus_, {}};
  int reads_ = 0;
  std::vector<std::string> errors_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ModelRegistry> registry_;
};

// The older version served, and only a counter and the list of versions told that the newest one did not.
TEST_F(ModelRegistryTest, TheNewestGoodVersionServesAndThoseThatDoNotAreTold) {
  Publish(good_);
  Publish(good_.substr(0, good_.size() - 5));
  Publish("no artifact at all, but long enough to have a header of fifty-six bytes");
  ASSERT_TRUE(registry_->LoadAll().ok());
  EXPECT_EQ((*registry_->Snapshot()->Serving("default"))->version(), 1);
  EXPECT_THAT(errors_, ElementsAre("default 3 INVALID_ARGUMENT", "default 2 DATA_LOSS"));
  EXPECT_THAT(store_->GetVersion("default", 2)->load_error, HasSubstr("torn"));
}

TEST_F(ModelRegistryTest, AVersionThatCannotBeServedIsReadOnceHoweverOftenItIsNamed) {
  Publish(good_);
  const int64_t torn = Publish(good_.substr(0, good_.size() - 5));
  Publish(good_);
  ASSERT_TRUE(registry_->LoadAll().ok());
  const int before = reads_;
  for (int i = 0; i < 5; ++i) {
    const absl::Status refused = registry_->Load("default", torn).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("version 2 cannot be loaded: artifact is truncated"));
  }
  EXPECT_EQ(reads_, before + 1);
  EXPECT_THAT(errors_, ElementsAre("default 2 DATA_LOSS"));
  EXPECT_TRUE(registry_->Load("default", 1).ok());
}

TEST_F(ModelRegistryTest, AVersionThatDoesNotVerifyLeavesTheOldOneServing) {
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  const auto activated = registry_->Activate("default", Publish(good_.substr(0, good_.size() - 5)));
  EXPECT_EQ(activated.status().code(), absl::StatusCode::kDataLoss) << activated.status();
  EXPECT_EQ((*registry_->Snapshot()->Serving("default"))->version(), 1);
  EXPECT_THAT(errors_, ElementsAre("default 2 DATA_LOSS"));
}

}  // namespace
}  // namespace roicast
