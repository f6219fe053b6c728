#include <algorithm>
#include <deque>
#include <memory>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "client/load/load.h"
#include "client/load/load_clock.h"
#include "client/prediction_stream.h"

namespace roicast::client {
namespace {

// One stream with a sending and a receiving thread. The due times of the items wait beside it, in order.
class StreamWorker {
 public:
  StreamWorker(ChannelPool& channels, const std::vector<v1::StreamPredictRequest>& requests, const LoadOptions& options,
               const LoadSchedule& schedule, const std::atomic<bool>& stop)
      : stream_(channels, absl::Now() + options.warm_up + options.duration + options.timeout),
        requests_(requests),
        schedule_(schedule),
        stop_(stop) {}

  void RunClosed(int in_flight) {
    for (int i = 0; i < in_flight && SendDue(MonotonicNanos()); ++i) {
    }
    ReceiveAll(true);
  }

  void RunOpen(int64_t first_due, double interval) {
    std::thread receiver([this] { ReceiveAll(false); });
    SharpenTimers();
    int64_t k = 0;
    const auto due = [&] { return first_due + static_cast<int64_t>(static_cast<double>(k) * interval); };
    bool sending = true;
    for (; sending && !stop_.load(std::memory_order_relaxed); ++k) {
      if (due() >= schedule_.end || MonotonicNanos() >= schedule_.end) break;
      if (due() > MonotonicNanos()) SleepUntilNanos(due());
      sending = SendDue(due());
    }
    waiting_.RecordNotStarted(schedule_, static_cast<double>(due()), interval);
    stream_.DoneSending();
    receiver.join();
  }

  void MergeInto(LoadResult* result) const {
    tally_.MergeInto(result);
    waiting_.MergeInto(result);
  }

 private:
  bool SendDue(int64_t due) {
    {
      const absl::MutexLock lock(&mutex_);
      due_.push_back(due);
    }
    return stream_.Send(requests_[next_++ % requests_.size()]);
  }

  void ReceiveAll(bool send_next) {
    v1::StreamPredictResponse response;
    bool sending = send_next;
    while (stream_.Receive(response)) {
      tally_.Record(schedule_, TakeDue(),
                    absl::Status(static_cast<absl::StatusCode>(response.status().code()), response.status().message()));
      if (!sending) continue;
      if (MonotonicNanos() < schedule_.end && !stop_.load(std::memory_order_relaxed)) {
        SendDue(MonotonicNanos());
      } else {
        stream_.DoneSending();
        sending = false;
      }
    }
    const absl::Status status = stream_.Finish();
    while (!status.ok() && HasDue()) tally_.Record(schedule_, TakeDue(), status);
  }

  bool HasDue() {
    const absl::MutexLock lock(&mutex_);
    return !due_.empty();
  }
  int64_t TakeDue() {
    const absl::MutexLock lock(&mutex_);
    const int64_t due = due_.front();
    due_.pop_front();
    return due;
  }

  PredictionStream stream_;
  const std::vector<v1::StreamPredictRequest>& requests_;
  const LoadSchedule& schedule_;
  const std::atomic<bool>& stop_;
  size_t next_ = 0;
  absl::Mutex mutex_;
  std::deque<int64_t> due_ ABSL_GUARDED_BY(mutex_);
  // tally_ belongs to the receiver, waiting_ to the sender.
  LoadTally tally_, waiting_;
};

}  // namespace

absl::StatusOr<LoadResult> RunStreamLoad(ChannelPool& channels, const std::vector<v1::StreamPredictRequest>& requests,
                                         const LoadOptions& options, const std::atomic<bool>& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  if (requests.empty()) return absl::InvalidArgumentError("requests: expected at least one");
  const LoadSchedule schedule(options);
  const size_t streams = options.rate > 0 ? channels.size() : std::min(channels.size(), size_t(options.in_flight));
  std::vector<std::unique_ptr<StreamWorker>> workers;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < streams; ++i) {
    workers.push_back(std::make_unique<StreamWorker>(channels, requests, options, schedule, stop));
    StreamWorker& worker = *workers.back();
    if (options.rate > 0) {
      // The streams take turns on one schedule.
      const double interval = 1e9 / options.rate;
      const int64_t first = schedule.begin + static_cast<int64_t>(interval * static_cast<double>(i));
      threads.emplace_back(
          [&worker, first, interval, streams] { worker.RunOpen(first, interval * static_cast<double>(streams)); });
    } else {
      const size_t all = static_cast<size_t>(options.in_flight);
      const int share = static_cast<int>(all / streams + (i < all % streams ? 1 : 0));
      threads.emplace_back([&worker, share] { worker.RunClosed(share); });
    }
  }
  for (std::thread& thread : threads) thread.join();
  LoadResult result;
  result.elapsed = absl::Nanoseconds(std::max<int64_t>(1, std::min(MonotonicNanos(), schedule.end) - schedule.measure));
  for (const auto& worker : workers) worker->MergeInto(&result);
  return result;
}

}  // namespace roicast::client
