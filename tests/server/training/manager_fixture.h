// A job manager on a store in a temporary folder, with a fake trainer and a clock that stands still.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "server/training/job_conversion.h"
#include "server/training/job_manager.h"
#include "tests/server/store/temp_folder.h"
#include "tests/server/training/fake_trainer.h"

namespace roicast {

class ManagerFixture : public ::testing::Test {
 protected:
  ManagerFixture() {
    log_options_.out = &log_;
    logger_ = std::make_unique<Logger>(log_options_);
    options_.clock = &store_.clock;
    options_.steady_clock = &steady_clock_;
    store_.Open();
    auto writer = store_.store->NewDataset("d.csv", {});
    EXPECT_TRUE((*writer)->Append("spend,roi\n1,2\n").ok());
    digest_ = (*writer)->Finish()->digest;
  }

  // Starts, or starts again; with reopen_store as a new process would.
  JobManager& Start(bool reopen_store = false) {
    manager_.reset();
    if (reopen_store) store_.Open();
    JobManagerParts parts;
    parts.store = store_.store.get();
    parts.metrics = &metrics_;
    parts.logger = logger_.get();
    parts.train = train_;
    parts.memory = memory_;
    parts.on_published = [this](const ModelVersion& version) {
      absl::MutexLock lock(&mutex_);
      published_.push_back(absl::StrCat(version.model, " ", version.version));
    };
    auto started = JobManager::Start(options_, parts);
    EXPECT_TRUE(started.ok()) << started.status();
    manager_ = *std::move(started);
    return *manager_;
  }
  TrainingSpec Spec(int epochs = 3) const {
    TrainingSpec spec = SpecFromPreset(Preset::kCompact);
    spec.choose_capacity = false;
    spec.split.validation_fraction = kWatchedFraction;
    spec.dataset_digest = digest_;
    spec.training.epochs = epochs;
    spec.training.warmup_epochs = 0;
    return spec;
  }
  std::string Submit(const TrainingSpec& spec, absl::string_view request_id = "") {
    const auto job = manager_->Submit(spec, request_id);
    EXPECT_TRUE(job.ok()) << job.status();
    return job.ok() ? job->id() : "";
  }
  // Waits for a state that `wanted` accepts; fails the test if the job ends without it.
  template <typename F>
  v1::TrainingJob Await(const std::string& id, F wanted) {
    auto watch = manager_->Watch(id);
    EXPECT_TRUE(watch.ok()) << watch.status();
    while (watch.ok() && !(*watch)->Done()) {
      const auto job = (*watch)->Wait(absl::InfiniteDuration());
      if (job != nullptr && wanted(*job)) return *job;
    }
    ADD_FAILURE() << "job " << id << " ended without the state that was waited for";
    return {};
  }
  v1::TrainingJob AwaitEnd(const std::string& id) { return Await(id, HasEnded); }
  v1::TrainingJob AwaitEpoch(const std::string& id, int epoch) {
    return Await(id, [&](const v1::TrainingJob& job) { return job.progress().last_epoch().epoch() >= epoch; });
  }
  void AwaitTraining(const std::string& id) {
    Await(id, [](const v1::TrainingJob& job) { return job.progress().phase() == v1::JOB_PHASE_TRAINING; });
  }
  std::vector<std::string> published() const {
    absl::MutexLock lock(&mutex_);
    return published_;
  }

  TempFolder folder_;
  TestStore store_{folder_.path()};
  prometheus::Registry registry_;
  ServerMetrics metrics_{registry_, {"1.2.3", "g++", "none"}};
  std::ostringstream log_;
  LogOptions log_options_;
  std::unique_ptr<Logger> logger_;
  FakeTrainer trainer_;
  TrainFunction train_ = [this](const TrainRequest& request, TrainingObserver& observer) {
    return trainer_.Train(request, observer);
  };
  FakeClock steady_clock_{absl::UnixEpoch()};
  JobManagerOptions options_;
  MemoryBudget* memory_ = MemoryBudget::Unlimited();
  std::string digest_;
  mutable absl::Mutex mutex_;
  std::vector<std::string> published_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<JobManager> manager_;
};

}  // namespace roicast
