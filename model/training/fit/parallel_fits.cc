#include "model/training/fit/parallel_fits.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/check.h"
#include "base/new_thread.h"
#include "base/steady_wait.h"

namespace roicast {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(5);

// Hands the calling thread's last signal on.
class SignalObserver final : public TrainingObserver {
 public:
  explicit SignalObserver(const std::atomic<TrainingSignal>& signal) : signal_(signal) {}
  TrainingSignal Poll() override { return signal_.load(std::memory_order_relaxed); }

 private:
  const std::atomic<TrainingSignal>& signal_;
};

class ParallelFits {
 public:
  ParallelFits(absl::Span<const FitRequest> requests, const TrainingStart& first_start)
      : requests_(requests),
        first_start_(first_start),
        complete_(requests.size(), false),
        results_(requests.size(), absl::CancelledError("training was cancelled")) {}

  std::vector<absl::StatusOr<TrainingResult>> Run(
      int threads, const std::function<TrainingSignal(absl::Span<const absl::StatusOr<TrainingResult>>)>& poll) {
    std::vector<std::thread> workers;
    for (int i = 0; i < std::min<int>(threads, static_cast<int>(requests_.size())); ++i) {
      if (!AddThread(workers, [this] { Work(); })) break;
    }
    if (workers.empty()) {
      const absl::Status refused = absl::ResourceExhaustedError("training: the system allows no more threads");
      for (absl::StatusOr<TrainingResult>& result : results_) result = refused;
      return std::move(results_);
    }
    size_t prefix = 0;
    while (prefix < requests_.size() && signal_ != TrainingSignal::kCancel) {
      {
        absl::MutexLock lock(&mutex_);
        const auto next_is_complete = [this, prefix] { return static_cast<bool>(complete_[prefix]); };
        completed_.Await(mutex_, kPollInterval, next_is_complete);
        while (prefix < requests_.size() && complete_[prefix]) ++prefix;
      }
      // Complete results do not change any more.
      signal_ = poll(absl::MakeConstSpan(results_).first(prefix));
    }
    for (std::thread& worker : workers) worker.join();
    // Also if the signal came with the last result.
    if (signal_ == TrainingSignal::kCancel) {
      for (absl::StatusOr<TrainingResult>& result : results_) result = absl::CancelledError("training was cancelled");
    }
    return std::move(results_);
  }

 private:
  void Work() {
    SignalObserver observer(signal_);
    while (signal_ != TrainingSignal::kCancel) {
      const size_t i = next_++;
      if (i >= requests_.size()) return;
      const FitRequest& request = requests_[i];
      absl::StatusOr<TrainingResult> result = Train(request.train, {}, request.network, request.options,
                                                    i == 0 ? first_start_ : TrainingStart(), &observer);
      absl::MutexLock lock(&mutex_);
      results_[i] = std::move(result);
      complete_[i] = true;
      completed_.Notify();
    }
  }

  const absl::Span<const FitRequest> requests_;
  const TrainingStart first_start_;
  std::atomic<size_t> next_{0};
  std::atomic<TrainingSignal> signal_{TrainingSignal::kContinue};
  absl::Mutex mutex_;
  SteadyWait completed_;
  std::vector<bool> complete_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::StatusOr<TrainingResult>> results_;  // each written once, before it is complete
};

}  // namespace

std::vector<absl::StatusOr<TrainingResult>> FitInParallel(
    absl::Span<const FitRequest> requests, int threads, const TrainingStart& first_start,
    const std::function<TrainingSignal(absl::Span<const absl::StatusOr<TrainingResult>>)>& poll) {
  ROICAST_CHECK(threads >= 1);
  return ParallelFits(requests, first_start).Run(threads, poll);
}

}  // namespace roicast
