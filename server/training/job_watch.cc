#include "server/training/job_watch.h"

#include <utility>

namespace roicast {

JobWatch::~JobWatch() {
  const std::lock_guard lock(hub_->mutex_);
  const auto watches = hub_->watches_.find(id_);
  watches->second.erase(this);
  if (watches->second.empty()) hub_->watches_.erase(watches);
}

bool JobWatch::Ready() const { return latest_ != nullptr || last_ || hub_->closed_; }

std::shared_ptr<const v1::TrainingJob> JobWatch::Wait(absl::Duration wait) {
  std::unique_lock lock(hub_->mutex_);
  const auto ready = [this] { return Ready(); };
  if (wait == absl::InfiniteDuration()) {
    hub_->changed_.wait(lock, ready);
  } else {
    // By the steady clock.
    hub_->changed_.wait_for(lock, absl::ToChronoNanoseconds(wait), ready);
  }
  return std::exchange(latest_, nullptr);
}

bool JobWatch::Done() const {
  const std::lock_guard lock(hub_->mutex_);
  return latest_ == nullptr && (last_ || hub_->closed_);
}

std::unique_ptr<JobWatch> JobWatchHub::Add(const v1::TrainingJob& now, bool final_state) {
  std::unique_ptr<JobWatch> watch(new JobWatch(shared_from_this(), now.id()));
  watch->latest_ = std::make_shared<const v1::TrainingJob>(now);
  watch->last_ = final_state;
  const std::lock_guard lock(mutex_);
  watches_[now.id()].insert(watch.get());
  return watch;
}

void JobWatchHub::Publish(const v1::TrainingJob& job, bool final_state) {
  const std::lock_guard lock(mutex_);
  const auto watches = watches_.find(job.id());
  if (watches == watches_.end()) return;
  const auto latest = std::make_shared<const v1::TrainingJob>(job);
  for (JobWatch* watch : watches->second) {
    watch->latest_ = latest;
    watch->last_ = final_state;
  }
  changed_.notify_all();
}

void JobWatchHub::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace roicast
