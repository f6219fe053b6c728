// Which version serves: by the rule, by hand, over a restart, and after a crash between two steps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "bench/campaign_artifact.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"
#include "server/errors/errors.h"
#include "server/serving/model_registry.h"
#include "tests/server/store/temp_folder.h"
#include "tests/testing/tiny_disk.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using testing::Filler;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TinyDisk;

class ServingChanges : public ::testing::Test {
 protected:
  ServingChanges() { Restart(); }

  // As a new process does.
  void Restart() {
    registry_.reset();
    store_.Open();
    registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{}, store_.store.get(), &metrics_);
    registry_->OnFallback([this](absl::string_view model, int64_t recorded, int64_t serving) {
      fallbacks_.push_back(absl::StrCat(model, " ", recorded, " → ", serving));
    });
    ASSERT_TRUE(registry_->LoadAll().ok());
  }
  int64_t Store(const std::string& bytes) { return store_.store->Publish(NewVersion("default", bytes))->version; }
  // Publishes, and decides as a job does.
  ModelRegistry::ServingChange Publish(const std::string& bytes) {
    auto change = registry_->Activate("default", Store(bytes), "job-000001");
    EXPECT_TRUE(change.ok()) << change.status();
    return change.ok() ? *change : ModelRegistry::ServingChange();
  }
  absl::StatusOr<ModelRegistry::ServingChange> Serve(int64_t version, bool force = false, bool follow = false) {
    ModelRegistry::ByHand by_hand;
    by_hand.force = force;
    by_hand.follow = follow;
    by_hand.actor = "ipv4:10.0.0.7:41022";
    by_hand.reason = "because";
    return registry_->Serve("default", version, by_hand);
  }
  int64_t Serving() const { return registry_->Snapshot()->ServingVersion("default"); }
  std::string NotServing(int64_t version) const { return store_.store->GetVersion("default", version)->not_serving; }
  std::vector<ServingStep> Steps() const { return *store_.store->ServingSteps("default", 100); }
  std::string Metrics() const { return prometheus::TextSerializer().Serialize(prometheus_.Collect()); }

  static std::string WithoutPrice() {
    Artifact artifact = bench::MakeCampaignArtifact(2);
    artifact.schema.features[static_cast<size_t>(artifact.schema.IndexOf("price"))].name = "prise";
    return SerializeArtifact(artifact);
  }
  static std::string WithHoldout(double r2, double standard_error) {
    Artifact artifact = bench::MakeCampaignArtifact(3);
    MetricsWithBaseline& holdout = artifact.report.holdout;
    holdout.model.rows = holdout.baseline.rows = 100;
    holdout.baseline.transformed.mse = 1;
    holdout.model.transformed.mse = 1 - r2;
    holdout.model.roi.r2 = 2 * r2;
    holdout.r2_standard_error = standard_error;
    return SerializeArtifact(artifact);
  }

  const std::string good_ = SerializeArtifact(bench::MakeCampaignArtifact(1));
  const std::string torn_ = good_.substr(0, good_.size() - 5);
  TempFolder folder_;
  TestStore store_{folder_.path()};
  prometheus::Registry prometheus_;
  ServerMetrics metrics_{prometheus_, {}};
  std::vector<std::string> fallbacks_;
  std::unique_ptr<ModelRegistry> registry_;
};

TEST_F(ServingChanges, ACompatibleVersionTakesOverAndIsRecorded) {
  EXPECT_EQ(Publish(good_).before, 0);
  const auto second = Publish(good_);
  EXPECT_EQ(second.before, 1);
  EXPECT_EQ(second.serving, 2);
  EXPECT_TRUE(second.recorded);
  EXPECT_EQ(second.not_serving, "");
  ASSERT_EQ(Steps().size(), 2u);
  const ServingStep last = Steps()[0];
  EXPECT_EQ(last.version, 2);
  EXPECT_EQ(last.from_version, 1);
  EXPECT_EQ(last.cause, ServingCause::kRule);
  EXPECT_EQ(last.actor, "job-000001");
  EXPECT_EQ(last.time, kTestTime);
  Restart();
  EXPECT_EQ(Serving(), 2);
  EXPECT_EQ(Steps().size(), 2u) << "a start is no step";
}

// Training on another table without --model took the place of the model that bidders use.
TEST_F(ServingChanges, AVersionWithAnotherSchemaDoesNotTakeOver) {
  Publish(good_);
  const auto other = Publish(WithoutPrice());
  EXPECT_EQ(other.serving, 1);
  EXPECT_FALSE(other.recorded);
  EXPECT_EQ(other.not_serving,
            "requests that version 1 takes would fail: feature \"price\" is missing. To serve it all the same: roicast "
            "models serve default 2 --force");
  EXPECT_EQ(NotServing(2), other.not_serving);
  EXPECT_EQ(Serving(), 1);
  EXPECT_EQ((*registry_->FindOrLoad("default", 2))->version(), 2) << "who names it gets it";
  EXPECT_THAT(Metrics(), HasSubstr("roicast_model_not_serving_total{why=\"incompatible\"} 1"));
  Restart();
  EXPECT_EQ(Serving(), 1);
  Publish(good_);
  EXPECT_EQ(Serving(), 3) << "the next good one does";
}

// Its requests stay valid and nothing is wrong with its holdout, but it answers 100 for 1.
TEST_F(ServingChanges, AVersionInPerCentWaitsForAPerson) {
  Publish(good_);
  Artifact artifact = bench::MakeCampaignArtifact(1);
  artifact.target.offset += 4.6;
  auto predictor = Predictor::CompileUnverified(artifact);
  ASSERT_TRUE(predictor.ok());
  (*predictor)
      ->Predict(artifact.golden.rows.data(), static_cast<int64_t>(artifact.golden.predictions.size()),
                absl::MakeSpan(artifact.golden.predictions), {});
  const auto per_cent = Publish(SerializeArtifact(artifact));
  EXPECT_EQ(per_cent.serving, 1);
  EXPECT_EQ(per_cent.not_serving,
            "a typical ROI is 18.3 to 135, and was -1.18 to 1.18 in version 1, as if it were another target, or in "
            "another unit, such "
            "as per cent. To serve it all the same: roicast models serve default 2");
  EXPECT_THAT(Metrics(), HasSubstr("roicast_model_not_serving_total{why=\"scale\"} 1"));
  const auto by_hand = Serve(2);
  ASSERT_TRUE(by_hand.ok()) << by_hand.status();
  EXPECT_FALSE(by_hand->forced);
  EXPECT_EQ(Publish(SerializeArtifact(artifact)).serving, 3) << "it is the new measure";
}

TEST_F(ServingChanges, AFirstVersionThatIsNoBetterThanAConstantDoesNotServe) {
  const auto bad = Publish(WithHoldout(-0.45, 0.1));
  EXPECT_EQ(bad.serving, 0);
  EXPECT_THAT(bad.not_serving, HasSubstr("worse than a constant"));
  for (int start = 0; start < 2; ++start) {
    const absl::Status none = registry_->Find(*registry_->Snapshot(), "", 0).status();
    EXPECT_EQ(ReasonOf(none), v1::NO_VERSION_READY);
    EXPECT_EQ(
        none.message(),
        "no version of model \"default\" is ready: version 1 is stored but does not serve: worse than a constant: R² "
        "−0.90 on the holdout's 100 rows; judged by R² -0.45 as transformed with a standard error of 0.1. To serve it "
        "all the same: roicast models serve default 1 --force");
    EXPECT_EQ(registry_->Snapshot()->serving(), 0);
    Restart();
  }
  EXPECT_THAT(Steps(), IsEmpty());
  ASSERT_TRUE(Serve(1, true).ok());
  EXPECT_EQ(Serving(), 1);
  EXPECT_TRUE(Steps()[0].forced);
  EXPECT_EQ(NotServing(1), "");
  EXPECT_EQ(Publish(WithHoldout(0.05, 0.1)).serving, 2) << "not shown to be better, but not refused";
}

TEST_F(ServingChanges, OneCommandGoesBackAtOnceAndForGood) {
  Publish(good_);
  Publish(good_);
  const auto back = Serve(1);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->before, 2);
  EXPECT_EQ(back->serving, 1);
  EXPECT_TRUE(back->holds);
  EXPECT_FALSE(back->forced);
  EXPECT_EQ(Serving(), 1);
  const ServingStep step = Steps()[0];
  EXPECT_EQ(step.version, 1);
  EXPECT_EQ(step.from_version, 2);
  EXPECT_EQ(step.cause, ServingCause::kHand);
  EXPECT_EQ(step.actor, "ipv4:10.0.0.7:41022");
  EXPECT_EQ(step.reason, "because");
  EXPECT_TRUE(step.holds);
  EXPECT_EQ(
      NotServing(2),
      "version 1 was made to serve by hand in its place. To serve it all the same: roicast models serve default 2");
  Restart();
  EXPECT_EQ(Serving(), 1);
  EXPECT_EQ(Publish(good_).not_serving,
            "version 1 was made to serve by hand and holds its place. To serve it all the same: roicast models serve "
            "default 3");
  Restart();
  EXPECT_EQ(Serving(), 1) << "it holds over a restart, too";
  EXPECT_THAT(Metrics(), HasSubstr("roicast_model_served_by_hand_total{forced=\"false\"} 1"));
  ASSERT_TRUE(Serve(3).ok());
  EXPECT_EQ(Publish(good_).serving, 4) << "the newest one was chosen: newer ones take over again";
}

TEST_F(ServingChanges, AnOlderVersionCanBeFollowedByNewerOnes) {
  Publish(good_);
  Publish(good_);
  ASSERT_TRUE(Serve(1).ok());
  ASSERT_TRUE(Serve(1, false, true).ok());
  ASSERT_EQ(Steps().size(), 4u);
  EXPECT_FALSE(Steps()[0].holds);
  EXPECT_EQ(Publish(good_).serving, 3);
}

TEST_F(ServingChanges, MakingTheServingVersionServeChangesNothing) {
  Publish(good_);
  const auto again = Serve(1);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->recorded);
  EXPECT_EQ(Steps().size(), 1u);
}

TEST_F(ServingChanges, ByHandTheRuleIsKeptUnlessForced) {
  Publish(good_);
  Publish(WithoutPrice());
  const absl::Status refused = Serve(2).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(refused), v1::VERSION_REFUSED);
  EXPECT_EQ(refused.message(),
            "model \"default\" version 2 is refused: requests that version 1 takes would fail: feature \"price\" is "
            "missing. To serve it all the same: roicast models serve default 2 --force");
  EXPECT_EQ(Serving(), 1);
  const auto forced = Serve(2, true);
  ASSERT_TRUE(forced.ok()) << forced.status();
  EXPECT_TRUE(forced->forced);
  EXPECT_FALSE(forced->holds);
  EXPECT_EQ(Serving(), 2);
  EXPECT_THAT(Metrics(), HasSubstr("roicast_model_served_by_hand_total{forced=\"true\"} 1"));
}

// Whoever goes back at night wants one command.
TEST_F(ServingChanges, TheWayBackNeedsNoForce) {
  Publish(good_);
  Publish(WithoutPrice());
  ASSERT_TRUE(Serve(2, true).ok());
  const auto back = Serve(1);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->serving, 1);
  EXPECT_FALSE(back->forced);
  EXPECT_EQ(back->objections, "requests that version 2 takes would fail: feature \"prise\" is missing");
  EXPECT_FALSE(Steps()[0].forced);
  EXPECT_EQ(ReasonOf(Serve(2).status()), v1::VERSION_REFUSED) << "that is no way back";
  ASSERT_TRUE(Serve(2, true).ok());
  EXPECT_TRUE(Serve(1).ok()) << "again";
}

TEST_F(ServingChanges, AnOlderVersionThatNeverServedIsNoWayBack) {
  Publish(WithHoldout(-0.45, 0.1));
  Publish(good_);
  EXPECT_EQ(ReasonOf(Serve(1).status()), v1::VERSION_REFUSED);
}

TEST_F(ServingChanges, ByHandWhatIsNotThereIsNamed) {
  Publish(good_);
  EXPECT_FALSE(registry_->Activate("default", Store(torn_)).ok());
  EXPECT_EQ(ReasonOf(Serve(9, true).status()), v1::VERSION_NOT_FOUND);
  EXPECT_EQ(ReasonOf(registry_->Serve("nowhere", 1, {}).status()), v1::VERSION_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Serve(2, true).status()), v1::VERSION_NOT_LOADABLE);
  EXPECT_EQ(Serve(0).status(), absl::InvalidArgumentError("model.version: expected ≥ 1, got 0"));
  EXPECT_THAT(NotServing(2), HasSubstr("it cannot be loaded: artifact is truncated"));
  EXPECT_EQ(Serving(), 1);
}

TEST_F(ServingChanges, ARecordedVersionThatIsDamagedIsReplacedByTheNewestOlderOneThatServed) {
  Publish(good_);
  Publish(WithHoldout(-0.45, 0.1));
  Publish(good_);
  store_.store.reset();
  store_.Execute("UPDATE artifacts SET bytes = x'616264' WHERE version = 3");
  Restart();
  EXPECT_EQ(Serving(), 1) << "2 was refused";
  EXPECT_THAT(fallbacks_, ElementsAre("default 3 → 1"));
  EXPECT_THAT(Metrics(), HasSubstr("roicast_model_fallbacks 1"));
  EXPECT_EQ(Steps()[0].version, 3) << "the record stays, for the day on which the file is back";
  Publish(good_);
  EXPECT_EQ(Serving(), 4);
  EXPECT_THAT(Metrics(), HasSubstr("roicast_model_fallbacks 0"));
}

TEST_F(ServingChanges, AVersionThatAPersonTookBackIsNoFallback) {
  for (int i = 0; i < 2; ++i) Publish(good_);
  ASSERT_TRUE(Serve(1, false, true).ok());
  Publish(good_);
  ASSERT_EQ(Serving(), 3);
  store_.store.reset();
  store_.Execute("UPDATE artifacts SET bytes = x'616264' WHERE version = 3");
  Restart();
  EXPECT_EQ(Serving(), 1);
}

TEST_F(ServingChanges, TheSearchForAFallbackGoesBeyondAPageOfTheStore) {
  Publish(good_);
  for (int i = 0; i < 120; ++i) {
    ServingStep step;
    step.model = "default";
    step.version = Store("no artifact at all, but long enough to have a header of fifty-six bytes");
    ASSERT_TRUE(store_.store->RecordServing(step, "").ok());
  }
  Restart();
  EXPECT_EQ(Serving(), 1);
  EXPECT_THAT(fallbacks_, ElementsAre("default 121 → 1"));
}

TEST_F(ServingChanges, WithoutAFallbackNothingServes) {
  Publish(good_);
  store_.store.reset();
  store_.Execute("UPDATE artifacts SET bytes = x'616264'");
  Restart();
  EXPECT_EQ(Serving(), 0);
  EXPECT_THAT(fallbacks_, ElementsAre("default 1 → 0"));
  EXPECT_EQ(ReasonOf(registry_->Find(*registry_->Snapshot(), "", 0).status()), v1::NO_VERSION_READY);
}

// The process dies after the version is stored and before the decision.
TEST_F(ServingChanges, AStartDecidesWhatACrashLeftOpen) {
  Publish(good_);
  Store(WithoutPrice());
  Store(good_);
  EXPECT_EQ(NotServing(2), kUndecided);
  Restart();
  EXPECT_EQ(Serving(), 3);
  EXPECT_THAT(NotServing(2), HasSubstr("feature \"price\" is missing"));
  EXPECT_EQ(NotServing(3), "");
  EXPECT_THAT(*store_.store->UndecidedVersions(), IsEmpty());
}

// Stores of releases that served the newest version that could be loaded.
TEST_F(ServingChanges, AStoreWithoutRecordsKeepsWhatServed) {
  Store(good_);
  Store(WithoutPrice());
  Store(torn_);
  registry_.reset();
  store_.store.reset();
  store_.Execute("UPDATE versions SET decided = 1");
  Restart();
  EXPECT_EQ(Serving(), 2) << "as before, whatever the rule would say today";
  ASSERT_EQ(Steps().size(), 1u);
  EXPECT_EQ(Steps()[0].version, 2);
  EXPECT_EQ(Steps()[0].cause, ServingCause::kUpgrade);
  EXPECT_THAT(fallbacks_, IsEmpty());
}

TEST_F(ServingChanges, AVersionThatWasPublishedFirstAndIsDecidedLastDoesNotTakeOver) {
  const int64_t first = Store(good_), second = Store(good_);
  ASSERT_TRUE(registry_->Activate("default", second).ok());
  const auto late = registry_->Activate("default", first);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->not_serving,
            "version 2 is newer and serves. To serve it all the same: roicast models serve default 1");
  EXPECT_EQ(Serving(), 2);
}

// The record comes first: what could not be written does not serve, and the next start decides.
TEST_F(ServingChanges, ADatabaseThatFailsChangesNothing) {
  Publish(good_);
  const int64_t second = Store(good_);
  registry_.reset();
  store_.store.reset();
  store_.Execute("CREATE TRIGGER full BEFORE INSERT ON serving_steps BEGIN SELECT RAISE(ABORT, 'no'); END");
  store_.Open();
  registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{}, store_.store.get(), &metrics_);
  EXPECT_FALSE(registry_->LoadAll().ok());
  store_.store.reset();
  store_.Execute("DROP TRIGGER full");
  Restart();
  EXPECT_EQ(Serving(), second);
}

// No version of any model was decided, and nobody could make one serve by hand, as long as that one could not be
// recorded.
TEST_F(ServingChanges, WhatCannotBeRecordedKeepsNoOthersFromIt) {
  Publish(good_);
  const auto store_other = [&] { return store_.store->Publish(NewVersion("other", good_))->version; };
  const int64_t other = store_other();
  registry_.reset();
  store_.store.reset();
  store_.Execute(
      "CREATE TRIGGER broken BEFORE INSERT ON serving_steps WHEN NEW.model = 'other' "
      "BEGIN SELECT RAISE(ABORT, 'no'); END");
  store_.Open();
  registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{}, store_.store.get(), &metrics_);
  std::vector<std::string> errors;
  registry_->OnLoadError([&](absl::string_view model, int64_t version, const absl::Status&) {
    errors.push_back(absl::StrCat(model, " ", version));
  });
  ASSERT_FALSE(registry_->LoadAll().ok());
  EXPECT_FALSE(registry_->Activate("other", other).ok());
  EXPECT_EQ(registry_->behind(), 0) << "it cannot pass: the next start decides";
  EXPECT_EQ(Publish(good_).serving, 2);
  EXPECT_TRUE(Serve(1).ok());
}

// A version that was published when no descriptor was left was given up until a restart.
TEST(MayPass, WhatIsNoFaultOfTheVersionMayPass) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kResourceExhausted, absl::StatusCode::kAborted, absl::StatusCode::kInternal,
        absl::StatusCode::kUnavailable, absl::StatusCode::kPermissionDenied,
        // The database was moved away, and is put back.
        absl::StatusCode::kFailedPrecondition}) {
    EXPECT_TRUE(ModelRegistry::MayPass(absl::Status(code, "")));
  }
  for (const absl::StatusCode code : {absl::StatusCode::kDataLoss, absl::StatusCode::kNotFound,
                                      absl::StatusCode::kInvalidArgument, absl::StatusCode::kAlreadyExists}) {
    EXPECT_FALSE(ModelRegistry::MayPass(absl::Status(code, "")));
  }
}

// There was no memory for it just then. It stayed undecided until a restart.
TEST_F(ServingChanges, AVersionThatCouldNotBeLoadedForALackOfMemoryIsDecidedLater) {
  Publish(good_);
  MemoryBudget memory(64 << 20, 0);
  registry_.reset();
  registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{.memory = &memory}, store_.store.get(), &metrics_);
  ASSERT_TRUE(registry_->LoadAll().ok());
  auto all = memory.Claim(MemoryUse::kTables, (64 << 20) - memory.held());
  ASSERT_TRUE(all.ok()) << all.status();
  const int64_t second = Store(good_);
  EXPECT_EQ(registry_->Activate("default", second, "job-000001").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(registry_->behind(), 1);
  EXPECT_FALSE(registry_->Activate("default", second).ok());
  EXPECT_EQ(registry_->behind(), 1) << "once is enough";
  ASSERT_TRUE(registry_->CatchUp().ok()) << "others need not wait for it";
  EXPECT_EQ(registry_->behind(), 1);
  all->Clear();
  ASSERT_TRUE(registry_->CatchUp().ok());
  EXPECT_EQ(registry_->behind(), 0);
  EXPECT_EQ(Serving(), second);
  EXPECT_EQ(Steps()[0].actor, "job-000001");
  registry_.reset();
}

// A server that stops waited for all that could be decided at last.
TEST_F(ServingChanges, WhatIsDecidedLaterStopsBetweenTwoVersions) {
  Publish(good_);
  MemoryBudget memory(256 << 20, 0);
  registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{.memory = &memory}, store_.store.get(), &metrics_);
  ASSERT_TRUE(registry_->LoadAll().ok());
  auto used = memory.Claim(MemoryUse::kTables, (256 << 20) - memory.held());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(registry_->Activate("default", Store(good_)).ok());
  EXPECT_EQ(registry_->behind(), 3);
  used->Clear();
  int asked = 0;
  ASSERT_TRUE(registry_->CatchUp([&] { return ++asked > 2; }).ok());
  EXPECT_EQ(registry_->behind(), 1);
  EXPECT_EQ(Serving(), 3);
  ASSERT_TRUE(registry_->CatchUp().ok());
  EXPECT_EQ(Serving(), 4);
  registry_.reset();
}

// Whoever came while one of them waited for its model found nothing to do before it.
TEST_F(ServingChanges, WhatWaitsKeepsItsPlaceWhileItsModelIsRead) {
  Publish(good_);
  const auto store_other = [&] { return store_.store->Publish(NewVersion("ads", good_))->version; };
  ASSERT_TRUE(registry_->Activate("ads", store_other()).ok());
  const int64_t waits = store_other();
  MemoryBudget memory(256 << 20, 0);
  auto used = memory.Claim(MemoryUse::kTables, 256 << 20);
  absl::Notification reading, go;
  const auto attach = [&](const ServedModel& model) -> std::unique_ptr<const ModelAttachment> {
    if (model.name() == "ads" && !reading.HasBeenNotified()) {
      reading.Notify();
      go.WaitForNotification();
    }
    return nullptr;
  };
  registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{.attach = attach, .memory = &memory},
                                              store_.store.get(), &metrics_);
  ASSERT_TRUE(registry_->LoadFirst().ok());
  ASSERT_EQ(registry_->behind(), 1);
  used->Clear();
  std::thread rest([&] { EXPECT_TRUE(registry_->LoadRest([] { return false; }).ok()); });
  reading.WaitForNotification();
  absl::Notification caught_up, activated;
  std::thread late([&] {
    EXPECT_TRUE(registry_->CatchUp().ok());
    caught_up.Notify();
  });
  // Time to come to the wrong result; that is not there to be waited for.
  EXPECT_FALSE(caught_up.WaitForNotificationWithTimeout(absl::Milliseconds(100)));
  const int64_t published = Store(good_);
  bool decided = false;
  std::thread next([&] {
    EXPECT_TRUE(registry_->Activate("default", published).ok());
    decided = store_.store->GetVersion("ads", waits)->decided;
    activated.Notify();
  });
  EXPECT_FALSE(activated.WaitForNotificationWithTimeout(absl::Milliseconds(100))) << "what waits comes first";
  go.Notify();
  for (std::thread* const thread : {&rest, &late, &next}) thread->join();
  EXPECT_TRUE(decided);
  EXPECT_EQ(registry_->behind(), 0);
  registry_.reset();
}

// An older version served until the next restart, although there was room a moment later.
TEST_F(ServingChanges, AShortageOfMemoryAtTheStartIsNoReasonForAnOlderVersion) {
  Publish(good_);
  Publish(good_);
  const int64_t third = Store(good_);
  MemoryBudget memory(64 << 20, 0);
  auto all = memory.Claim(MemoryUse::kTables, 64 << 20);
  registry_.reset();
  registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{.memory = &memory}, store_.store.get(), &metrics_);
  registry_->OnFallback([this](absl::string_view, int64_t, int64_t) { fallbacks_.emplace_back("fallback"); });
  ASSERT_TRUE(registry_->LoadFirst().ok());
  EXPECT_EQ(registry_->Snapshot()->Serving("default"), nullptr);
  EXPECT_EQ(registry_->Snapshot()->Pending("default"), 2);
  EXPECT_EQ(registry_->behind(), 1) << "what was published last can only be compared with what serves";
  EXPECT_EQ(registry_->FindOrLoad("", 0).status().code(), absl::StatusCode::kResourceExhausted);
  all->Clear();
  const auto found = registry_->FindOrLoad("", 0);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->version(), 2);
  EXPECT_THAT(fallbacks_, IsEmpty());
  ASSERT_TRUE(registry_->CatchUp().ok());
  EXPECT_EQ(Serving(), third);
  registry_.reset();
}

// A start that finds no room on the disk.
class OnAFullDisk : public ServingChanges {
 protected:
  OnAFullDisk() {
    store_.options.folder = disk_.path() + "/store";
    if (disk_.mounted()) Restart();
  }
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  }
  void RestartWithoutRoom() {
    registry_.reset();
    store_.Open();
    Fill();
    registry_ = std::make_unique<ModelRegistry>(ModelRegistry::Options{}, store_.store.get(), &metrics_);
    const absl::Status loaded = registry_->LoadAll();
    EXPECT_TRUE(loaded.ok()) << loaded;
  }
  // Also what a refused write has given back.
  void Fill() {
    MakeRoom();
    filler_ = std::make_unique<Filler>(disk_.path());
  }
  void MakeRoom() { filler_.reset(); }

  TinyDisk disk_;
  std::unique_ptr<Filler> filler_;
};

// The server did not start: `cannot start: the disk or the store's quota is full`.
TEST_F(OnAFullDisk, TheFormerVersionServesUntilTheNewOneCanBeDecided) {
  Publish(good_);
  const int64_t second = Store(good_), third = Store(WithoutPrice());
  for (int start = 0; start < 2; ++start) {
    RestartWithoutRoom();
    EXPECT_EQ(Serving(), 1);
    EXPECT_EQ(registry_->behind(), 2);
    Fill();
    EXPECT_EQ(ReasonOf(registry_->CatchUp()), v1::STORE_FULL);
    Fill();
    EXPECT_EQ(ReasonOf(Serve(second).status()), v1::STORE_FULL);
    EXPECT_EQ(Serving(), 1);
    EXPECT_EQ(NotServing(second), kUndecided);
  }
  MakeRoom();
  ASSERT_TRUE(registry_->CatchUp().ok());
  EXPECT_EQ(registry_->behind(), 0);
  EXPECT_EQ(Serving(), second);
  EXPECT_THAT(NotServing(third), HasSubstr("price"));
  EXPECT_THAT(*store_.store->UndecidedVersions(), IsEmpty());
  Restart();
  EXPECT_EQ(registry_->behind(), 0);
  EXPECT_EQ(Serving(), second);
}

TEST_F(OnAFullDisk, AnotherPublicationDecidesFirstWhatWaits) {
  Publish(good_);
  const int64_t second = Store(good_);
  RestartWithoutRoom();
  EXPECT_EQ(registry_->behind(), 1);
  MakeRoom();
  const auto change = Publish(good_);
  EXPECT_EQ(change.before, second);
  EXPECT_EQ(Serving(), 3);
  EXPECT_EQ(registry_->behind(), 0);
  EXPECT_EQ(NotServing(second), "");
}

TEST_F(OnAFullDisk, WhatIsPublishedMeanwhileIsDecidedOnceThereIsRoom) {
  Publish(good_);
  const int64_t second = Store(good_), third = Store(good_);
  Fill();
  EXPECT_EQ(ReasonOf(registry_->Activate("default", second, "job-000002").status()), v1::STORE_FULL);
  EXPECT_EQ(registry_->behind(), 1);
  Fill();
  EXPECT_EQ(ReasonOf(registry_->Activate("default", third, "job-000003").status()), v1::STORE_FULL);
  EXPECT_EQ(registry_->behind(), 2);
  MakeRoom();
  ASSERT_TRUE(registry_->CatchUp().ok());
  EXPECT_EQ(registry_->behind(), 0);
  EXPECT_EQ(Serving(), third);
  EXPECT_THAT(*store_.store->UndecidedVersions(), IsEmpty());
}

TEST_F(OnAFullDisk, AStoreWithoutRecordsKeepsWhatServedAndRecordsItLater) {
  Store(good_);
  registry_.reset();
  store_.store.reset();
  store_.Execute("UPDATE versions SET decided = 1");
  RestartWithoutRoom();
  EXPECT_EQ(Serving(), 1);
  EXPECT_THAT(Steps(), IsEmpty());
  EXPECT_EQ(registry_->behind(), 1);
  MakeRoom();
  ASSERT_TRUE(registry_->CatchUp().ok());
  EXPECT_EQ(Serving(), 1);
  ASSERT_EQ(Steps().size(), 1u);
  EXPECT_EQ(Steps()[0].cause, ServingCause::kUpgrade);
}

TEST_F(ServingChanges, ReadersSeeWholeChangesWhileVersionsComeAndGo) {
  Publish(good_);
  Publish(good_);
  std::atomic<bool> stop{false};
  std::atomic<int64_t> reads{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      ModelRegistry::Reader reader(registry_.get());
      while (!stop) {
        const auto found = registry_->Find(reader.Get(), "", 0);
        ASSERT_TRUE(found.ok()) << found.status();
        const int64_t version = (**found)->version();
        ASSERT_TRUE(version == 1 || version == 2) << version;
        ++reads;
      }
    });
  }
  for (int i = 0; i < 50 || reads < 100; ++i) {
    ASSERT_TRUE(Serve(1 + i % 2).ok());
    registry_->FreeRetired();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace roicast
