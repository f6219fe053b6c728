#include "server/training/live_jobs.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "server/errors/errors.h"
#include "server/training/job_conversion.h"

namespace roicast {

LiveJobs::Job* LiveJobs::FindJob(absl::string_view id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : found->second.get();
}

bool LiveJobs::CanTakeOrStopped() const {
  return stopped_ || std::any_of(queue_.begin(), queue_.end(), [](const Job* job) { return !job->held; });
}

absl::Status LiveJobs::CheckRoom(int max_queued, absl::string_view peer, int max_of_peer) const {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return ServerDraining();
  if (queue_.size() >= static_cast<size_t>(max_queued)) {
    return ServerOverloaded("training jobs waiting", max_queued, static_cast<int64_t>(queue_.size()) + 1);
  }
  const auto is_of_peer = [peer](const Job* job) { return job->peer == peer; };
  const int64_t of_peer = peer.empty() ? 0 : std::count_if(queue_.begin(), queue_.end(), is_of_peer);
  if (of_peer < max_of_peer) return absl::OkStatus();
  return ServerOverloaded("training jobs waiting of one client", max_of_peer, of_peer + 1);
}

void LiveJobs::Add(v1::TrainingJob job, absl::string_view peer) {
  auto added = std::make_unique<Job>();
  added->state = std::move(job);
  added->peer = std::string(peer);
  absl::MutexLock lock(&mutex_);
  added->turn = turn_;
  for (const Job* const waiting : queue_) {
    if (waiting->peer == peer) added->turn = waiting->turn + 1;
  }
  const auto later = [&added](const Job* waiting) { return waiting->turn > added->turn; };
  queue_.insert(std::find_if(queue_.begin(), queue_.end(), later), added.get());
  const std::string& id = added->state.id();
  jobs_[id] = std::move(added);
  changed_.Notify();
}

std::optional<std::string> LiveJobs::Take(absl::Duration wait) {
  absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return CanTakeOrStopped(); };
  const bool came = changed_.Await(mutex_, wait, ready);
  if (stopped_) return std::nullopt;
  if (!came) return std::string();
  const auto next = std::find_if(queue_.begin(), queue_.end(), [](const Job* job) { return !job->held; });
  std::string id = (*next)->state.id();
  turn_ = std::max(turn_, (*next)->turn);
  queue_.erase(next);
  return id;
}

void LiveJobs::PutBack(absl::string_view id) {
  absl::MutexLock lock(&mutex_);
  Job* const job = FindJob(id);
  ROICAST_CHECK(job != nullptr && std::find(queue_.begin(), queue_.end(), job) == queue_.end());
  const auto not_before = [job](const Job* waiting) { return waiting->turn >= job->turn; };
  queue_.insert(std::find_if(queue_.begin(), queue_.end(), not_before), job);
  changed_.Notify();
}

void LiveJobs::WaitForStop(absl::Duration wait) const {
  absl::MutexLock lock(&mutex_);
  changed_.Await(mutex_, wait, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopped_; });
}

std::optional<v1::TrainingJob> LiveJobs::Find(absl::string_view id) const {
  absl::MutexLock lock(&mutex_);
  const Job* const job = FindJob(id);
  return job == nullptr ? std::nullopt : std::make_optional(job->state);
}

int LiveJobs::queued() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(queue_.size());
}

StopReason LiveJobs::StopReasonOf(absl::string_view id) const {
  absl::MutexLock lock(&mutex_);
  const Job* const job = FindJob(id);
  if (job != nullptr && job->cancelled) return StopReason::kCancelled;
  return stopped_ ? StopReason::kShutdown : StopReason::kNone;
}

void LiveJobs::Update(const v1::TrainingJob& job) {
  absl::MutexLock lock(&mutex_);
  Job* const live = FindJob(job.id());
  ROICAST_CHECK(live != nullptr);
  live->state = job;
  hub_->Publish(job, false);
}

void LiveJobs::SetProgress(absl::string_view id, const v1::JobProgress& progress) {
  absl::MutexLock lock(&mutex_);
  Job* const live = FindJob(id);
  ROICAST_CHECK(live != nullptr);
  *live->state.mutable_progress() = progress;
  hub_->Publish(live->state, false);
}

void LiveJobs::End(const v1::TrainingJob& job, bool stored) {
  absl::MutexLock lock(&mutex_);
  Job* const live = FindJob(job.id());
  ROICAST_CHECK(live != nullptr);
  queue_.erase(std::remove(queue_.begin(), queue_.end(), live), queue_.end());
  live->state = job;
  live->held = false;
  hub_->Publish(job, true);
  if (stored) jobs_.erase(job.id());
}

void LiveJobs::Stored(absl::string_view id) {
  absl::MutexLock lock(&mutex_);
  const Job* const job = FindJob(id);
  ROICAST_CHECK(job != nullptr && HasEnded(job->state));
  jobs_.erase(id);
}

LiveJobs::Cancellation LiveJobs::Cancel(absl::string_view id) {
  absl::MutexLock lock(&mutex_);
  const auto nobody_holds_it = [&] {
    mutex_.AssertReaderHeld();
    const Job* const job = FindJob(id);
    return job == nullptr || !job->held;
  };
  mutex_.Await(absl::Condition(&nobody_holds_it));
  Job* const job = FindJob(id);
  if (job == nullptr) return Cancellation::kUnknown;
  if (std::find(queue_.begin(), queue_.end(), job) != queue_.end()) {
    job->held = true;
    return Cancellation::kHeld;
  }
  if (HasEnded(job->state)) return Cancellation::kUnknown;
  job->cancelled = true;
  return Cancellation::kRequested;
}

void LiveJobs::Release(absl::string_view id) {
  absl::MutexLock lock(&mutex_);
  Job* const job = FindJob(id);
  ROICAST_CHECK(job != nullptr && job->held);
  job->held = false;
  changed_.Notify();
}

std::unique_ptr<JobWatch> LiveJobs::Watch(absl::string_view id) {
  // Subscribes under the mutex, so that no change falls between the first state and the next.
  absl::MutexLock lock(&mutex_);
  const Job* const job = FindJob(id);
  if (job == nullptr) return nullptr;
  return hub_->Add(job->state, HasEnded(job->state));
}

void LiveJobs::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  changed_.Notify();
}

}  // namespace roicast
