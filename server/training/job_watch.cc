#include "server/training/job_watch.h"

#include <utility>

namespace roicast {

JobWatch::~JobWatch() {
  absl::MutexLock lock(&hub_->mutex_);
  const auto watches = hub_->watches_.find(id_);
  watches->second.erase(this);
  if (watches->second.empty()) hub_->watches_.erase(watches);
}

bool JobWatch::Ready() const { return latest_ != nullptr || last_ || hub_->closed_; }

std::shared_ptr<const v1::TrainingJob> JobWatch::Wait(absl::Time deadline) {
  absl::MutexLock lock(&hub_->mutex_);
  hub_->mutex_.AwaitWithDeadline(absl::Condition(this, &JobWatch::Ready), deadline);
  return std::exchange(latest_, nullptr);
}

bool JobWatch::Done() const {
  absl::MutexLock lock(&hub_->mutex_);
  return latest_ == nullptr && (last_ || hub_->closed_);
}

std::unique_ptr<JobWatch> JobWatchHub::Add(const v1::TrainingJob& now, bool final_state) {
  std::unique_ptr<JobWatch> watch(new JobWatch(shared_from_this(), now.id()));
  watch->latest_ = std::make_shared<const v1::TrainingJob>(now);
  watch->last_ = final_state;
  absl::MutexLock lock(&mutex_);
  watches_[now.id()].insert(watch.get());
  return watch;
}

void JobWatchHub::Publish(const v1::TrainingJob& job, bool final_state) {
  absl::MutexLock lock(&mutex_);
  const auto watches = watches_.find(job.id());
  if (watches == watches_.end()) return;
  const auto latest = std::make_shared<const v1::TrainingJob>(job);
  for (JobWatch* watch : watches->second) {
    watch->latest_ = latest;
    watch->last_ = final_state;
  }
}

void JobWatchHub::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

}  // namespace roicast
