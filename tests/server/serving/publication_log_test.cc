#include "server/serving/publication_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "bench/campaign_artifact.h"
#include "model/artifact/artifact.h"
#include "prometheus/registry.h"
#include "server/store/sqlite_store.h"
#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class PublicationLogTest : public ::testing::Test {
 protected:
  PublicationLogTest() {
    SqliteStoreOptions options;
    options.folder = folder_.File("store");
    store_ = *OpenSqliteStore(options);
    registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{}, store_.get(), &metrics_);
    EXPECT_TRUE(registry_->LoadAll().ok());
    LogOptions log;
    log.out = &lines_;
    logger_ = std::make_unique<Logger>(log);
    publications_ = std::make_unique<PublicationLog>(registry_.get(), logger_.get());
  }
  ModelVersion Publish(const std::string& artifact, const std::string& job) {
    PublishRequest request;
    request.model = "shop";
    request.artifact = artifact;
    request.holdout_r2 = 0.5;
    request.first_metric = -2.25;
    request.first_metric_name = "R²";
    ModelVersion version = *store_->Publish(request);
    version.job_id = job;
    return version;
  }
  // The lines that were logged since the last call.
  std::string Lines() {
    logger_->Flush();
    std::string lines = lines_.str();
    lines_.str("");
    return lines;
  }

  testing::TempDir folder_;
  prometheus::Registry prometheus_;
  ServerMetrics metrics_{prometheus_, {}};
  std::ostringstream lines_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ModelRegistry> registry_;
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<PublicationLog> publications_;
};

TEST_F(PublicationLogTest, SaysWhoPublishedWhatAndWhatServesSince) {
  const std::string good = SerializeArtifact(bench::MakeCampaignArtifact(1));
  const ModelVersion first = Publish(good, "job-000001");
  ASSERT_TRUE(publications_->ActivateTrained(first).ok());
  EXPECT_THAT(Lines(), HasSubstr(absl::StrCat(
                           "version published job=job-000001 model=shop version=1 replaces=0 digest=", first.digest,
                           " holdout_r2=-2.25 holdout_r2_transformed=0.5 serving=1\n")));
  ASSERT_TRUE(publications_->ActivateImported(Publish(good, ""), "ipv4:10.0.0.7:41022").ok());
  EXPECT_THAT(Lines(), HasSubstr("version imported peer=ipv4:10.0.0.7:41022 model=shop version=2 replaces=1 "));
}

TEST_F(PublicationLogTest, SaysThatAVersionThatCannotBeLoadedDoesNotServe) {
  const std::string good = SerializeArtifact(bench::MakeCampaignArtifact(1));
  ASSERT_TRUE(publications_->ActivateTrained(Publish(good, "job-000001")).ok());
  Lines();
  const ModelVersion torn = Publish(good.substr(0, good.size() - 5), "job-000002");
  EXPECT_EQ(publications_->ActivateTrained(torn).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Lines(), AllOf(HasSubstr("job=job-000002 model=shop version=2 replaces=1 "), HasSubstr(" serving=1\n"),
                             HasSubstr("warning version not serving model=shop version=2 serving=1 reason="),
                             HasSubstr("DATA_LOSS: artifact is truncated")));
}

TEST_F(PublicationLogTest, AClientCannotFillTheLogWithRefusals) {
  const std::string good = SerializeArtifact(bench::MakeCampaignArtifact(1));
  ASSERT_TRUE(publications_->ActivateTrained(Publish(good, "job-000001")).ok());
  Publish(good.substr(0, good.size() - 5), "job-000002");
  Lines();
  ModelRegistry::ByHand by_hand;
  by_hand.actor = "ipv4:10.0.0.7:41022";
  const absl::Time begin = absl::Now();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(publications_->Serve("shop", 2, by_hand).status().code(), absl::StatusCode::kFailedPrecondition);
  }
  const std::string lines = Lines();
  EXPECT_THAT(lines,
              AllOf(HasSubstr("warning version not served by hand peer=ipv4:10.0.0.7:41022 model=shop from=1 to=2 "
                              "error=\"FAILED_PRECONDITION: model \\\"shop\\\" version 2 cannot be loaded"),
                    HasSubstr(" suppressed=0\n")));
  // Of each second that the calls took, and of those in which they began and ended.
  const int64_t seconds = absl::ToInt64Seconds(absl::Now() - begin) + 2;
  EXPECT_LE(std::count(lines.begin(), lines.end(), '\n'), seconds * PublicationLog::kRefusalLinesPerSecond);
}

TEST_F(PublicationLogTest, SaysThatTheRuleRefusesAVersion) {
  Artifact bad = bench::MakeCampaignArtifact(1);
  bad.report.holdout.model.rows = 100;
  bad.report.holdout.model.transformed.mse = 1.45;
  bad.report.holdout.model.roi.r2 = -2.25;
  bad.report.holdout.baseline.transformed.mse = 1.0;
  bad.report.holdout.r2_standard_error = 0.1;
  const auto change = publications_->ActivateTrained(Publish(SerializeArtifact(bad), "job-000001"));
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(change->serving, 0);
  EXPECT_THAT(
      Lines(),
      HasSubstr("warning version not serving model=shop version=1 serving=0 reason=\"worse than a "
                "constant: R² −2.25 on the holdout's 100 rows; judged by R² -0.45 as transformed with a standard "
                "error of 0.1. To serve it all the same: roicast models serve shop 1 --force\"\n"));
}

// It served ten seconds later, and the log had said that it does not.
TEST_F(PublicationLogTest, SaysWhatIsDecidedLater) {
  MemoryBudget memory(64 << 20, 0);
  registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{.memory = &memory}, store_.get(), &metrics_);
  publications_ = std::make_unique<PublicationLog>(registry_.get(), logger_.get());
  registry_->OnDecided([this](const ModelRegistry::ServingChange& change, absl::string_view actor) {
    publications_->LogDecided(change, actor);
  });
  ASSERT_TRUE(registry_->LoadAll().ok());
  Artifact other = bench::MakeCampaignArtifact(1);
  other.schema.features[static_cast<size_t>(other.schema.IndexOf("price"))].name = "prise";
  auto used = memory.Claim(MemoryUse::kTables, 64 << 20);
  const std::string good = SerializeArtifact(bench::MakeCampaignArtifact(1));
  EXPECT_FALSE(publications_->ActivateTrained(Publish(good, "job-000001")).ok());
  EXPECT_FALSE(publications_->ActivateImported(Publish(SerializeArtifact(other), ""), "ipv4:10.0.0.7:41022").ok());
  EXPECT_THAT(Lines(), HasSubstr("warning version not serving model=shop version=1 serving=0 "));
  used->Clear();
  ASSERT_TRUE(registry_->CatchUp().ok());
  const std::string lines = Lines();
  EXPECT_THAT(lines,
              HasSubstr("info version decided later publisher=job-000001 model=shop version=1 replaces=0 serving=1\n"));
  EXPECT_THAT(lines,
              HasSubstr("info version decided later publisher=ipv4:10.0.0.7:41022 model=shop version=2 replaces=1 "
                        "serving=1\n"));
  EXPECT_THAT(lines,
              HasSubstr("warning version not serving model=shop version=2 serving=1 reason=\"requests that version 1 "
                        "takes would fail"));
  registry_.reset();
}

TEST_F(PublicationLogTest, SaysWhatAStartDecides) {
  const std::string good = SerializeArtifact(bench::MakeCampaignArtifact(1));
  Publish(good, "");
  registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{}, store_.get(), &metrics_);
  publications_ = std::make_unique<PublicationLog>(registry_.get(), logger_.get());
  registry_->OnDecided([this](const ModelRegistry::ServingChange& change, absl::string_view actor) {
    publications_->LogDecided(change, actor);
  });
  ASSERT_TRUE(registry_->LoadFirst().ok());
  EXPECT_THAT(Lines(), HasSubstr("info version decided later publisher=\"\" model=shop version=1 replaces="));
}

TEST_F(PublicationLogTest, SaysWhoChoseWhichVersionAndWhy) {
  const std::string good = SerializeArtifact(bench::MakeCampaignArtifact(1));
  ASSERT_TRUE(publications_->ActivateTrained(Publish(good, "job-000001")).ok());
  ASSERT_TRUE(publications_->ActivateTrained(Publish(good, "job-000002")).ok());
  Lines();
  ModelRegistry::ByHand by_hand;
  by_hand.actor = "ipv4:10.0.0.7:41022";
  by_hand.reason = "answers 6.78 for everything";
  ASSERT_TRUE(publications_->Serve("shop", 1, by_hand).ok());
  EXPECT_THAT(Lines(), HasSubstr("info version served by hand peer=ipv4:10.0.0.7:41022 model=shop from=2 to=1 "
                                 "forced=false holds=true objections=\"\" reason=\"answers 6.78 for everything\"\n"));
  ASSERT_TRUE(publications_->Serve("shop", 1, by_hand).ok());
  EXPECT_EQ(Lines(), "") << "nothing has changed";
  EXPECT_EQ(publications_->Serve("shop", 9, by_hand).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Lines(), "") << "the access log has it";
}

}  // namespace
}  // namespace roicast
