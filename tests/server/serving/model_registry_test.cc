#include "server/serving/model_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/campaign_artifact.h"
#include "model/artifact/artifact.h"
#include "prometheus/registry.h"
#include "server/errors/errors.h"
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
    MakeRegistry({});
  }
  void MakeRegistry(const ModelRegistry::Options& registry) {
    registry_ = std::make_unique<ModelRegistry>(registry, store_.get(), &metrics_);
    registry_->OnLoadError([this](absl::string_view model, int64_t version, const absl::Status& error) {
      errors_.push_back(absl::StrCat(model, " ", version, " ", absl::StatusCodeToString(error.code())));
    });
  }
  int64_t Publish(const std::string& artifact, const std::string& model = "default") {
    PublishRequest request;
    request.model = model;
    request.artifact = artifact;
    return store_->Publish(request)->version;
  }

  bool InMemory(int64_t version) const { return registry_->Snapshot()->Find("default", version) != nullptr; }
  int64_t Serving() const { return registry_->Snapshot()->ServingVersion("default"); }

  const std::string good_;
  testing::TempDir folder_;
  prometheus::Registry prometheus_;
  ServerMetrics metrics_{prometheus_, {}};
  std::atomic<int> reads_{0};
  std::vector<std::string> errors_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ModelRegistry> registry_;
};

// The older version served, and only a counter and the list of versions told that the newest one did not.
TEST_F(ModelRegistryTest, TheNewestGoodVersionServesAndFailuresAreReported) {
  Publish(good_);
  Publish(good_.substr(0, good_.size() - 5));
  Publish("no artifact at all, but long enough to have a header of fifty-six bytes");
  ASSERT_TRUE(registry_->LoadAll().ok());
  EXPECT_EQ((*registry_->Snapshot()->Serving("default"))->version(), 1);
  EXPECT_THAT(errors_, ElementsAre("default 2 DATA_LOSS", "default 3 INVALID_ARGUMENT"));
  EXPECT_THAT(store_->GetVersion("default", 2)->load_error, HasSubstr("truncated"));
}

TEST_F(ModelRegistryTest, AVersionThatCannotBeServedIsReadOnceHoweverOftenItIsNamed) {
  Publish(good_);
  const int64_t torn = Publish(good_.substr(0, good_.size() - 5));
  Publish(good_);
  ASSERT_TRUE(registry_->LoadAll().ok());
  const int before = reads_;
  for (int i = 0; i < 5; ++i) {
    const absl::Status refused = registry_->FindOrLoad("default", torn).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("version 2 cannot be loaded: artifact is truncated"));
  }
  EXPECT_EQ(reads_, before) << "the start has read it";
  EXPECT_THAT(errors_, ElementsAre("default 2 DATA_LOSS"));
  EXPECT_TRUE(registry_->FindOrLoad("default", 1).ok());
}

TEST_F(ModelRegistryTest, AVersionThatDoesNotVerifyLeavesTheOldOneServing) {
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  const auto activated = registry_->Activate("default", Publish(good_.substr(0, good_.size() - 5)));
  EXPECT_EQ(activated.status().code(), absl::StatusCode::kDataLoss) << activated.status();
  EXPECT_EQ((*registry_->Snapshot()->Serving("default"))->version(), 1);
  EXPECT_THAT(errors_, ElementsAre("default 2 DATA_LOSS"));
}

TEST_F(ModelRegistryTest, TheLeastRecentlyLoadedExtraVersionIsEvicted) {
  MakeRegistry({.max_extra_versions = 2});
  for (int i = 0; i < 4; ++i) Publish(good_);
  ASSERT_TRUE(registry_->LoadAll().ok());
  for (const int64_t version : {1, 2, 3}) ASSERT_TRUE(registry_->FindOrLoad("default", version).ok());
  EXPECT_FALSE(InMemory(1));
  EXPECT_TRUE(InMemory(2));
  EXPECT_TRUE(InMemory(3));
  EXPECT_EQ(Serving(), 4);
}

// Activate left its version in the list of extra ones, where it later pushed out the version that had just been loaded.
TEST_F(ModelRegistryTest, LoadedVersionsDrawFromTheMemoryBudgetUntilTheyAreFreed) {
  MemoryBudget memory(uint64_t{1} << 30, 0);
  MakeRegistry({.memory = &memory});
  Publish(good_);
  ASSERT_TRUE(registry_->LoadAll().ok());
  const uint64_t one = memory.held(MemoryUse::kModels);
  const auto& serving = **registry_->Snapshot()->Serving("default");
  EXPECT_EQ(one, good_.size() + static_cast<uint64_t>(serving.predictor().memory_bytes()));
  const int64_t second = Publish(good_);
  ASSERT_TRUE(registry_->FindOrLoad("", second).ok());
  EXPECT_EQ(memory.held(MemoryUse::kModels), 2 * one);
  registry_.reset();
  EXPECT_EQ(memory.held(), 0u);
}

// Room for the serving version, one more, and the loading of a third: eight of them would not be refused by their
// number.
TEST_F(ModelRegistryTest, VersionsThatOnlyRequestsNeedMakeRoomForTheNext) {
  MemoryBudget probe(uint64_t{1} << 30, 0);
  MakeRegistry({.memory = &probe});
  for (int i = 0; i < 3; ++i) Publish(good_);
  ASSERT_TRUE(registry_->LoadAll().ok());
  const uint64_t one = probe.held();
  MemoryBudget memory(2 * one + 4 * good_.size() - 1, 0);
  MakeRegistry({.memory = &memory});
  ASSERT_TRUE(registry_->LoadAll().ok());
  const int64_t serving = Serving();
  std::vector<int64_t> others;
  for (int64_t version = 1; version <= 3; ++version) {
    if (version != serving) others.push_back(version);
  }
  for (const int64_t version : others) {
    const absl::Status loaded = registry_->FindOrLoad("", version).status();
    ASSERT_TRUE(loaded.ok()) << loaded << " one " << one << " size " << good_.size();
  }
  EXPECT_FALSE(InMemory(others[0]));
  EXPECT_TRUE(InMemory(others[1]));
  EXPECT_EQ(Serving(), serving);
  registry_.reset();
}

// Room for what serves, one version beside it, and the loading of a third once that one is gone.
class ScarceMemory : public ModelRegistryTest {
 protected:
  ScarceMemory() {
    MemoryBudget probe(uint64_t{1} << 30, 0);
    MakeRegistry({.memory = &probe});
    for (int i = 0; i < 3; ++i) Publish(good_);
    EXPECT_TRUE(registry_->LoadAll().ok());
    const uint64_t one = probe.held();
    memory_ = std::make_unique<MemoryBudget>(2 * one + 4 * good_.size() - 1, 0);
    MakeRegistry({.memory = memory_.get()});
    EXPECT_TRUE(registry_->LoadAll().ok());
    EXPECT_EQ(Serving(), 3);
  }
  ~ScarceMemory() override { registry_.reset(); }

  std::unique_ptr<MemoryBudget> memory_;
};

// A thread kept the snapshot that has the version, and with it the memory, until it looked again: the request was
// refused, although its room sufficed.
TEST_F(ScarceMemory, AnEvictedVersionMakesRoomOnceItsReadersHaveLookedAgain) {
  std::atomic<bool> stop{false};
  std::atomic<int> looks{0};
  std::thread polling([&] {
    ModelRegistry::Reader reader(registry_.get());
    while (!stop) {
      reader.Get();
      ++looks;
      absl::SleepFor(absl::Milliseconds(5));
    }
  });
  ASSERT_TRUE(registry_->FindOrLoad("", 1).ok());
  for (const int now = looks; looks < now + 2;) absl::SleepFor(absl::Milliseconds(1));
  const absl::Status loaded = registry_->FindOrLoad("", 2).status();
  EXPECT_TRUE(loaded.ok()) << loaded;
  stop = true;
  polling.join();
}

// One client that named versions kept an operator from the way back.
TEST_F(ScarceMemory, VersionsThatOnlyRequestsNeedMakeRoomForTheOneThatAPersonWants) {
  ASSERT_TRUE(registry_->FindOrLoad("", 1).ok());
  const auto served = registry_->Serve("", 2, {});
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(Serving(), 2);
  EXPECT_FALSE(InMemory(1));
}

TEST_F(ScarceMemory, VersionsThatOnlyRequestsNeedMakeRoomForANewOne) {
  ASSERT_TRUE(registry_->FindOrLoad("", 1).ok());
  const auto served = registry_->Activate("default", Publish(good_));
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(Serving(), 4);
  EXPECT_FALSE(InMemory(1));
}

TEST_F(ScarceMemory, NoneGoesForAVersionThatHasNoRoomEvenThen) {
  ASSERT_TRUE(registry_->FindOrLoad("", 1).ok());
  const int64_t large = Publish(std::string(memory_->bytes(), 'x'));
  EXPECT_EQ(registry_->FindOrLoad("", large).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(InMemory(1));
}

// Each choice of a version tried it again, and wrote a line of the log.
TEST_F(ScarceMemory, AVersionThatWaitsForMemoryIsToldOfOnce) {
  const MemoryClaim rest = *memory_->Claim(MemoryUse::kTables, memory_->bytes() - memory_->held());
  EXPECT_FALSE(registry_->Activate("default", Publish(good_)).ok());
  EXPECT_EQ(registry_->behind(), 1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(registry_->Serve("", 3, {}).ok());
    EXPECT_TRUE(registry_->CatchUp().ok());
  }
  EXPECT_THAT(errors_, ElementsAre("default 4 RESOURCE_EXHAUSTED"));
}

TEST_F(ModelRegistryTest, AVersionThatThereIsNoMemoryForIsNoDamagedOne) {
  MemoryBudget memory(4 * good_.size() - 1, 0);
  MakeRegistry({.memory = &memory});
  const int64_t version = Publish(good_);
  const absl::Status refused = registry_->FindOrLoad("", version).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("memory for models: "));
  EXPECT_THAT(errors_, ElementsAre("default 1 RESOURCE_EXHAUSTED"));
  EXPECT_EQ(store_->GetVersion("default", version)->load_error, "");
  EXPECT_EQ(memory.held(), 0u);
}

TEST_F(ModelRegistryTest, AVersionThatStartsToServeIsNoLongerAnExtraOne) {
  MakeRegistry({.max_extra_versions = 1});
  for (int i = 0; i < 2; ++i) Publish(good_);
  ASSERT_TRUE(registry_->Activate("default", 1).ok());
  ASSERT_TRUE(registry_->FindOrLoad("default", 2).ok());
  ASSERT_TRUE(registry_->Activate("default", 2).ok());
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  ASSERT_TRUE(registry_->FindOrLoad("default", 2).ok());
  EXPECT_TRUE(InMemory(2));
}

TEST_F(ModelRegistryTest, AReferenceNamesModelAndVersionOrTheDefaultOfEither) {
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  const auto snapshot = registry_->Snapshot();
  EXPECT_EQ((**registry_->Find(*snapshot, "", 0))->version(), 2);
  EXPECT_EQ((**registry_->Find(*snapshot, "default", 2))->version(), 2);
  EXPECT_EQ(*registry_->Find(*snapshot, "default", 1), nullptr) << "it has to be loaded";
  EXPECT_EQ((*registry_->FindOrLoad("", 1))->version(), 1);
  EXPECT_EQ(registry_->Describe("", 0)->version, 2);
  EXPECT_EQ(registry_->Describe("", 1)->version, 1);
}

TEST_F(ModelRegistryTest, AReferenceToNothingSaysWhatIsMissing) {
  Publish("no artifact at all, but long enough to have a header of fifty-six bytes", "broken");
  ASSERT_TRUE(registry_->LoadAll().ok());
  const auto snapshot = registry_->Snapshot();
  const auto find = [&](absl::string_view model, int64_t version) {
    return registry_->Find(*snapshot, model, version).status();
  };
  EXPECT_EQ(ReasonOf(find("", 0)), v1::NO_VERSION_READY);
  EXPECT_EQ(ReasonOf(find("broken", 0)), v1::NO_VERSION_READY);
  EXPECT_EQ(ReasonOf(find("shop", 0)), v1::MODEL_NOT_FOUND);
  EXPECT_EQ(find("shop", 0).message(), "no model \"shop\"; existing models: \"broken\"");
  EXPECT_EQ(find("", -1), absl::InvalidArgumentError("model.version: expected ≥ 0, got -1"));
  EXPECT_EQ(ReasonOf(registry_->FindOrLoad("broken", 1).status()), v1::VERSION_NOT_LOADABLE);
  EXPECT_EQ(ReasonOf(registry_->FindOrLoad("broken", 2).status()), v1::VERSION_NOT_FOUND);
  EXPECT_EQ(registry_->Describe("broken", 0)->version, 1) << "where none serves, the newest";
  EXPECT_EQ(ReasonOf(registry_->Describe("", 0).status()), v1::MODEL_NOT_FOUND);
  EXPECT_EQ(registry_->Describe("", -1).status(), absl::InvalidArgumentError("model.version: expected ≥ 0, got -1"));
}

TEST_F(ModelRegistryTest, AReaderSeesChangesAndOtherwiseTheSameSnapshot) {
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  ModelRegistry::Reader reader(registry_.get());
  const ModelSnapshot* const first = &reader.Get();
  EXPECT_EQ(first->ServingVersion("default"), 1);
  EXPECT_EQ(&reader.Get(), first);
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  EXPECT_EQ(first->ServingVersion("default"), 1) << "what a request found stays";
  EXPECT_EQ(reader.Get().ServingVersion("default"), 2);
}

TEST_F(ModelRegistryTest, AReplacedModelIsFreedOnceNoReaderHasIt) {
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  ModelRegistry::Reader reader(registry_.get());
  const std::weak_ptr<const ServedModel> old = *reader.Get().Serving("default");
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  registry_->FreeRetired();
  EXPECT_FALSE(old.expired()) << "the reader has the old snapshot";
  reader.Get();
  EXPECT_FALSE(old.expired()) << "a polling thread does not free models";
  registry_->FreeRetired();
  EXPECT_TRUE(old.expired());
}

TEST_F(ModelRegistryTest, EachChangeIsReported) {
  int changes = 0;
  registry_->OnChange([&changes] { ++changes; });
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  EXPECT_EQ(changes, 1);
  ASSERT_TRUE(registry_->FindOrLoad("default", 1).ok());
  EXPECT_EQ(changes, 1) << "it was in memory";
}

// A start with 12 versions of 25 MB took 8.7 s before anything was answered.
class LoadLater : public ModelRegistryTest {
 protected:
  // As a new process finds a store in which all of these serve.
  void PublishAndRestart(const std::vector<std::string>& models) {
    for (const std::string& model : models) {
      ASSERT_TRUE(registry_->Activate(model, Publish(good_, model)).ok()) << model;
    }
    MakeRegistry({});
    reads_ = 0;
    ASSERT_TRUE(registry_->LoadFirst().ok());
  }
  bool Loaded(const std::string& model) const { return registry_->Snapshot()->Serving(model) != nullptr; }
};

TEST_F(LoadLater, TheDefaultModelIsLoadedFirstAndTheOthersServeBeforeTheyAreLoaded) {
  PublishAndRestart({"default", "ads", "shop"});
  EXPECT_EQ(reads_, 1);
  EXPECT_TRUE(Loaded("default"));
  EXPECT_FALSE(Loaded("ads"));
  const auto snapshot = registry_->Snapshot();
  EXPECT_EQ(snapshot->ServingVersion("ads"), 1);
  EXPECT_EQ(snapshot->serving(), 3);
  const auto found = registry_->Find(*snapshot, "ads", 0);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, nullptr) << "it has to be loaded first";
  EXPECT_EQ(registry_->Describe("ads", 0)->version, 1);

  ASSERT_TRUE(registry_->LoadRest([] { return false; }).ok());
  EXPECT_EQ(reads_, 3);
  EXPECT_TRUE(Loaded("ads"));
  EXPECT_TRUE(Loaded("shop"));
  EXPECT_EQ((*registry_->Snapshot()->Serving("shop"))->version(), 1);
}

TEST_F(LoadLater, ARequestLoadsAModelOnceAndTheRestLeavesItAlone) {
  PublishAndRestart({"default", "ads", "shop"});
  for (const int64_t version : {0, 1, 0}) {
    const auto loaded = registry_->FindOrLoad("ads", version);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ((*loaded)->version(), 1);
  }
  EXPECT_EQ(reads_, 2);
  ASSERT_TRUE(registry_->LoadRest([] { return false; }).ok());
  EXPECT_EQ(reads_, 3);
}

TEST_F(LoadLater, ManyAreLoadedWhileRequestsNameThem) {
  std::vector<std::string> models;
  for (int i = 0; i < 20; ++i) models.push_back(absl::StrCat("m", i));
  PublishAndRestart(models);
  std::thread rest([&] { ASSERT_TRUE(registry_->LoadRest([] { return false; }).ok()); });
  for (const std::string& model : models) {
    const auto loaded = registry_->FindOrLoad(model, 0);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
  }
  rest.join();
  EXPECT_EQ(reads_, 20);
  for (const std::string& model : models) EXPECT_TRUE(Loaded(model)) << model;
}

TEST_F(LoadLater, OneThatCannotBeLoadedIsReportedAndAnOlderVersionServes) {
  ASSERT_TRUE(registry_->Activate("ads", Publish(good_, "ads")).ok());
  const int64_t bad = Publish("no artifact", "ads");
  ASSERT_FALSE(registry_->Activate("ads", bad).ok());
  // As if it had served and been damaged since.
  ServingStep step;
  step.model = "ads";
  step.version = bad;
  ASSERT_TRUE(store_->RecordServing(step, "").ok());
  MakeRegistry({});
  std::vector<std::string> fallbacks;
  registry_->OnFallback([&](absl::string_view model, int64_t recorded, int64_t serving) {
    fallbacks.push_back(absl::StrCat(model, " ", recorded, " → ", serving));
  });
  errors_.clear();
  ASSERT_TRUE(registry_->LoadFirst().ok());
  EXPECT_THAT(errors_, ElementsAre());
  ASSERT_TRUE(registry_->LoadRest([] { return false; }).ok());
  EXPECT_THAT(errors_, ElementsAre("ads 2 INVALID_ARGUMENT"));
  EXPECT_THAT(fallbacks, ElementsAre("ads 2 → 1"));
  EXPECT_EQ((*registry_->FindOrLoad("ads", 0))->version(), 1);
}

TEST_F(LoadLater, ANewVersionIsComparedWithTheOneThatWasNotLoadedYet) {
  PublishAndRestart({"default", "ads"});
  const auto change = registry_->Activate("ads", Publish(good_, "ads"));
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(change->before, 1);
  EXPECT_EQ(change->serving, 2);
  ASSERT_TRUE(registry_->LoadRest([] { return false; }).ok());
  EXPECT_EQ((*registry_->Snapshot()->Serving("ads"))->version(), 2);
}

TEST_F(LoadLater, AStopEndsTheLoadingAndRequestsStillFindTheirModel) {
  PublishAndRestart({"default", "ads", "shop"});
  ASSERT_TRUE(registry_->LoadRest([] { return true; }).ok());
  EXPECT_EQ(reads_, 1);
  EXPECT_TRUE(registry_->FindOrLoad("shop", 0).ok());
}

// Models whose version waits for memory.
class WithoutMemory : public LoadLater {
 protected:
  ~WithoutMemory() override { registry_.reset(); }
  // As if it had served and been damaged since.
  void RecordDamaged(const std::string& model) {
    ServingStep step;
    step.model = model;
    step.version = Publish("no artifact", model);
    ASSERT_TRUE(store_->RecordServing(step, "").ok());
  }
  // A new process, in which so many bytes are free.
  void RestartWith(uint64_t free) {
    used_ = *memory_.Claim(MemoryUse::kTables, memory_.bytes() - free);
    MakeRegistry({.memory = &memory_});
    registry_->OnFallback([this](absl::string_view model, int64_t recorded, int64_t serving) {
      fallbacks_.push_back(absl::StrCat(model, " ", recorded, " → ", serving));
    });
    ASSERT_TRUE(registry_->LoadFirst().ok());
    errors_.clear();
    reads_ = 0;
  }
  // Many requests for the model. How many seconds they took, and one more.
  size_t AskInVain(const std::string& model) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(registry_->FindOrLoad(model, 0).status().code(), absl::StatusCode::kResourceExhausted);
    }
    return 1 + static_cast<size_t>((std::chrono::steady_clock::now() - begin) / std::chrono::seconds(1));
  }

  MemoryBudget memory_{uint64_t{256} << 20, 0};
  MemoryClaim used_;
  std::vector<std::string> fallbacks_;
};

// Each request tried, evicted what others need, and wrote a line of the log: 14,000 a second.
TEST_F(WithoutMemory, AModelIsTriedOnceASecondHoweverOftenItIsNamed) {
  ASSERT_TRUE(registry_->Activate("ads", Publish(good_, "ads")).ok());
  RestartWith(0);
  EXPECT_EQ(registry_->Snapshot()->serving(), 1);
  const size_t seconds = AskInVain("ads");
  EXPECT_LE(errors_.size(), seconds);
  EXPECT_EQ(errors_[0], "ads 1 RESOURCE_EXHAUSTED");
  EXPECT_EQ(registry_->Snapshot()->serving(), 0) << "health said SERVING";
  EXPECT_EQ(registry_->not_started(), 1);
  ASSERT_TRUE(registry_->CatchUp().ok());
  EXPECT_LE(errors_.size(), seconds) << "there is no room yet";
  used_.Clear();
  EXPECT_TRUE(registry_->FindOrLoad("ads", 0).ok()) << "at once";
  EXPECT_EQ(registry_->Snapshot()->serving(), 1);
  EXPECT_EQ(registry_->not_started(), 0);
}

TEST_F(WithoutMemory, AVersionThatIsNamedIsTriedOnceASecondToo) {
  const int64_t version = Publish(good_, "ads");
  const int64_t other = Publish(good_, "ads");
  RestartWith(uint64_t{32} << 20);
  ASSERT_TRUE(registry_->FindOrLoad("ads", other).ok());
  const MemoryClaim rest = *memory_.Claim(MemoryUse::kTables, memory_.bytes() - memory_.held());
  errors_.clear();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(registry_->FindOrLoad("ads", version).status().code(), absl::StatusCode::kResourceExhausted);
  }
  const auto seconds = static_cast<size_t>((std::chrono::steady_clock::now() - begin) / std::chrono::seconds(1));
  EXPECT_LE(errors_.size(), 2 * (1 + seconds)) << "before and after others have made room";
  used_.Clear();
  EXPECT_TRUE(registry_->FindOrLoad("ads", version).ok()) << "at once";
}

// Nobody asks a server that says NOT_SERVING.
TEST_F(WithoutMemory, AModelStartsByItselfOnceThereIsRoom) {
  ASSERT_TRUE(registry_->Activate("default", Publish(good_)).ok());
  RestartWith(0);
  EXPECT_EQ(registry_->Snapshot()->serving(), 0);
  EXPECT_EQ(registry_->not_started(), 1);
  used_.Clear();
  ASSERT_TRUE(registry_->CatchUp().ok());
  EXPECT_TRUE(Loaded("default"));
  EXPECT_EQ(registry_->not_started(), 0);
}

// Each request read it again, and wrote why it is damaged to the database.
TEST_F(WithoutMemory, ADamagedVersionIsReadOnceThoughThereIsNoRoomForAnother) {
  ASSERT_TRUE(registry_->Activate("ads", Publish(good_, "ads")).ok());
  RecordDamaged("ads");
  RestartWith(1000);
  const size_t seconds = AskInVain("ads");
  EXPECT_EQ(reads_, 1);
  EXPECT_LE(errors_.size(), 1 + seconds);
  EXPECT_EQ(errors_[0], "ads 2 INVALID_ARGUMENT");
  EXPECT_EQ(errors_[1], "ads 1 RESOURCE_EXHAUSTED");
  used_.Clear();
  EXPECT_EQ((*registry_->FindOrLoad("ads", 0))->version(), 1);
  EXPECT_THAT(fallbacks_, ElementsAre("ads 2 → 1"));
  EXPECT_EQ(reads_, 2);
}

TEST_F(WithoutMemory, AnOlderVersionThatFitsStandsInForADamagedOne) {
  ASSERT_TRUE(registry_->Activate("ads", Publish(good_, "ads")).ok());
  ServingStep step;
  step.model = "ads";
  step.version = Publish(std::string(8 << 20, 'x'), "ads");
  ASSERT_TRUE(store_->RecordServing(step, "").ok());
  RecordDamaged("ads");
  RestartWith(30 << 20);
  const auto found = registry_->FindOrLoad("ads", 0);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->version(), 1);
  EXPECT_THAT(fallbacks_, ElementsAre("ads 3 → 1"));
  EXPECT_THAT(errors_, ElementsAre("ads 3 INVALID_ARGUMENT", "ads 2 RESOURCE_EXHAUSTED"));
}

// Neither requests nor an operator came by the recorded one.
TEST_F(WithoutMemory, AnotherVersionIsTheWayOutWhereTheRecordedOneHasNoRoom) {
  ASSERT_TRUE(registry_->Activate("ads", Publish(good_, "ads")).ok());
  ServingStep step;
  step.model = "ads";
  step.version = Publish(std::string(8 << 20, 'x'), "ads");
  ASSERT_TRUE(store_->RecordServing(step, "").ok());
  RestartWith(30 << 20);
  EXPECT_EQ(registry_->FindOrLoad("ads", 0).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(registry_->FindOrLoad("ads", 1).ok());
  const auto served = registry_->Serve("ads", 1, {});
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ((*registry_->FindOrLoad("ads", 0))->version(), 1);
  EXPECT_EQ(registry_->not_started(), 0);
}

}  // namespace
}  // namespace roicast
