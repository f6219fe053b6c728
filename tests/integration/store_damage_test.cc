// What happens to a store behind its server's back, and what one client may put into it: predictions go on, or the
// start says what is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class StoreDamage : public ::testing::Test {
 protected:
  // A server with one version that serves.
  void Start(std::vector<std::string> flags = {}) {
    auto server = ServerProcess::Start(store(), std::move(flags));
    ASSERT_TRUE(server.ok()) << server.status();
    server_.emplace(*std::move(server));
    api_.emplace(server_->NewChannel());
  }
  void Train() {
    const auto job = TrainCampaignModel(*api_, 300);
    ASSERT_TRUE(job.ok()) << job.status();
    artifact_ = *api_->Export();
  }
  void Kill() {
    server_->process().Signal(SIGKILL);
    ASSERT_TRUE(server_->process().Wait(absl::Seconds(20)).ok());
  }
  float Roi() {
    v1::PredictRequest request;
    *request.mutable_campaign() = SomeCampaign();
    const auto response = api_->Predict(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->roi() : 0.0F;
  }
  std::string store() const { return folder_.File("store"); }

  TempDir folder_;
  std::optional<ServerProcess> server_;
  std::optional<Api> api_;
  std::string artifact_;
};

TEST_F(StoreDamage, AKilledServersLogMayBeLostAndItsVersionsServe) {
  Start();
  Train();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(api_->Import(absl::StrCat("copy", i), artifact_).ok());
  const float roi = Roi();
  Kill();
  fs::resize_file(store() + "/roicast.db-wal", 0);
  Start();
  EXPECT_EQ(Roi(), roi);
  // Models other than the default one are loaded after the start, or by the first request that names them.
  for (int i = 4; i >= 0; --i) {
    v1::PredictRequest request;
    *request.mutable_campaign() = SomeCampaign();
    request.mutable_model()->set_name(absl::StrCat("copy", i));
    const auto response = api_->Predict(request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->roi(), roi);
  }
  EXPECT_THAT(server_->log(), Not(HasSubstr("not there any more")));
}

TEST_F(StoreDamage, ALostDatabaseIsNamedItsDatasetsStayAndTheNumbersAreNotGivenAgain) {
  Start();
  Train();
  const std::string digest = api_->GetJob("job-000001")->spec().dataset_digest();
  std::ofstream(store() + "/datasets/customers.csv") << "of somebody else";
  Kill();
  for (const char* name : {"roicast.db", "roicast.db-wal", "roicast.db-shm"}) fs::remove(store() + "/" + name);
  const auto refused = ServerProcess::Start(store());
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.status().message()),
              AllOf(HasSubstr("code 1:"), HasSubstr("published, and not there any more: model \"default\" version 1"),
                    HasSubstr("--accept_lost_versions true")));
  EXPECT_TRUE(fs::exists(absl::StrCat(store(), "/datasets/", digest, ".csv")));
  Start({"--accept_lost_versions", "true"});
  EXPECT_THAT(server_->LogWith("were moved to"),
              AllOf(HasSubstr("warning"), HasSubstr("not there any more: model \"default\" version 1"),
                    HasSubstr("were moved to")));
  EXPECT_TRUE(fs::exists(absl::StrCat(store(), "/datasets/orphaned/", digest, ".csv")));
  EXPECT_TRUE(fs::exists(store() + "/datasets/customers.csv"));
  const auto again = api_->Import("default", artifact_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->version(), 2);
  Roi();
}

TEST_F(StoreDamage, AFullQuotaIsNamedAndPredictionsGoOn) {
  Start({"--max_versions", "2", "--max_models", "2", "--max_store_bytes", "2000000"});
  Train();
  ASSERT_TRUE(api_->Import("default", artifact_).ok());
  const absl::Status versions = api_->Import("default", artifact_).status();
  EXPECT_EQ(versions.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(versions.message(), "versions of a model: limit 2, got 3 (the server's --max_versions)");
  ASSERT_TRUE(api_->Import("second", artifact_).ok());
  const absl::Status models = api_->Import("third", artifact_).status();
  EXPECT_EQ(models.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(models.message(), "models: limit 2, got 3 (the server's --max_models)");
  const auto bytes = api_->Upload(CampaignCsv(20000));
  EXPECT_EQ(bytes.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(bytes.status().message()),
              AllOf(HasSubstr("stored bytes: limit 2000000, got "), HasSubstr("(the server's --max_store_bytes)")));
  Roi();
}

TEST_F(StoreDamage, AFileSizeLimitIsNamedAndPredictionsGoOn) {
  Start();
  Train();
  const int pid = static_cast<int>(server_->process().pid());
  rlimit before{};
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, nullptr, &before), 0);
  rlimit limit = before;
  limit.rlim_cur = fs::file_size(store() + "/roicast.db") + 200'000;
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, &limit, nullptr), 0);
  absl::Status full;
  for (int i = 0; i < 100 && full.ok(); ++i) full = api_->Import("default", artifact_).status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  EXPECT_THAT(std::string(full.message()),
              HasSubstr("a file of the database would grow beyond what this process may write (ulimit -f"));
  Roi();
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, &before, nullptr), 0);
  EXPECT_TRUE(api_->Import("default", artifact_).ok());
  Roi();
}

}  // namespace
}  // namespace roicast::testing
