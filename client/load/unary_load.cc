#include <grpcpp/completion_queue.h>
#include <sys/prctl.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "client/load/load.h"
#include "client/load/load_clock.h"
#include "client/retry.h"
#include "client/status.h"
#include "roicast/v1/prediction.grpc.pb.h"

namespace roicast::client {
namespace {

constexpr int kMostInFlightOpen = 10'000;

// One call in flight.
template <typename Response>
struct Call {
  std::unique_ptr<grpc::ClientContext> context;
  Response response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
  v1::PredictionService::Stub* stub = nullptr;
  int64_t due = 0;
};

// A thread that receives answers, and its calls in flight. Start may be called by another thread.
template <typename Request, typename Response, typename Method>
class Worker {
 public:
  Worker(ChannelPool& channels, const std::vector<Request>& requests, const LoadOptions& options,
         const LoadSchedule& schedule, const std::atomic<bool>& stop, Method method)
      : requests_(requests), options_(options), schedule_(schedule), stop_(stop), method_(method) {
    for (size_t i = 0; i < channels.size(); ++i) stubs_.push_back(v1::PredictionService::NewStub(channels.At(i)));
  }

  // Closed loop: keeps `in_flight` calls in flight until the end.
  void RunClosed(int in_flight, size_t first) {
    next_ = first;
    for (int i = 0; i < in_flight; ++i) Start(MonotonicNanos());
    void* tag = nullptr;
    bool ok = false;
    int failures = 0;
    while (in_flight_.load() > 0 && queue_.Next(&tag, &ok)) {
      const bool failed = !Take(tag);
      failures = failed ? failures + 1 : 0;
      // Do not hammer a server that fails immediately.
      if (failed) absl::SleepFor(absl::Milliseconds(std::min(failures, 100)));
      if (MonotonicNanos() < schedule_.end && !stop_.load(std::memory_order_relaxed)) Start(MonotonicNanos());
    }
  }

  // Open loop: receives answers until Shutdown.
  void RunOpen() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) Take(tag);
  }

  void Start(int64_t due) {
    auto* call = new Call<Response>;
    const size_t i = next_++;
    call->context = std::make_unique<grpc::ClientContext>();
    SetDeadline(*call->context, absl::Now() + options_.timeout);
    call->due = due;
    in_flight_.fetch_add(1);
    call->reader = method_(*stubs_[i % stubs_.size()], call->context.get(), requests_[i % requests_.size()], &queue_);
    call->reader->Finish(&call->response, &call->status, call);
  }

  int in_flight() const { return in_flight_.load(); }
  void Shutdown() { queue_.Shutdown(); }
  const LoadTally& tally() const { return tally_; }

 private:
  bool Take(void* tag) {
    const std::unique_ptr<Call<Response>> call(static_cast<Call<Response>*>(tag));
    tally_.Record(schedule_, call->due, ToAbslStatus(call->status));
    in_flight_.fetch_sub(1);
    return call->status.ok();
  }

  const std::vector<Request>& requests_;
  const LoadOptions& options_;
  const LoadSchedule& schedule_;
  const std::atomic<bool>& stop_;
  const Method method_;
  std::vector<std::unique_ptr<v1::PredictionService::Stub>> stubs_;
  grpc::CompletionQueue queue_;
  std::atomic<int> in_flight_{0};
  size_t next_ = 0;
  LoadTally tally_;
};

template <typename Request, typename Response, typename Method>
absl::StatusOr<LoadResult> RunUnary(ChannelPool& channels, const std::vector<Request>& requests,
                                    const LoadOptions& options, const std::atomic<bool>& stop, Method method) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  if (requests.empty()) return absl::InvalidArgumentError("requests: expected at least one");
  const LoadSchedule schedule(options);
  using LoadWorker = Worker<Request, Response, Method>;
  std::vector<std::unique_ptr<LoadWorker>> workers;
  std::vector<std::thread> threads;
  const bool open = options.rate > 0;
  LoadTally scheduler;
  for (int i = 0; i < options.threads; ++i) {
    workers.push_back(std::make_unique<LoadWorker>(channels, requests, options, schedule, stop, method));
    LoadWorker& worker = *workers.back();
    const int share = options.in_flight / options.threads + (i < options.in_flight % options.threads ? 1 : 0);
    if (open) {
      threads.emplace_back([&worker] { worker.RunOpen(); });
    } else if (share > 0) {
      threads.emplace_back([&worker, share, i] { worker.RunClosed(share, static_cast<size_t>(i) * 7919); });
    }
  }
  if (open) {
    SharpenTimers();
    const double interval = 1e9 / options.rate;
    const auto go_on = [&] { return !stop.load(std::memory_order_relaxed) && MonotonicNanos() < schedule.end; };
    int64_t k = 0;
    const auto due = [&] { return schedule.begin + static_cast<int64_t>(static_cast<double>(k) * interval); };
    for (; go_on() && due() < schedule.end; ++k) {
      if (due() > MonotonicNanos()) SleepUntilNanos(due());
      LoadWorker& worker = *workers[static_cast<size_t>(k) % workers.size()];
      while (worker.in_flight() >= kMostInFlightOpen && go_on()) absl::SleepFor(absl::Microseconds(50));
      if (worker.in_flight() >= kMostInFlightOpen) break;
      worker.Start(due());
    }
    scheduler.RecordNotStarted(schedule, static_cast<double>(due()), interval);
    for (const auto& worker : workers) {
      while (worker->in_flight() > 0) absl::SleepFor(absl::Milliseconds(1));
      worker->Shutdown();
    }
  }
  for (std::thread& thread : threads) thread.join();
  LoadResult result;
  result.elapsed = absl::Nanoseconds(std::max<int64_t>(1, std::min(MonotonicNanos(), schedule.end) - schedule.measure));
  for (const auto& worker : workers) worker->tally().MergeInto(&result);
  scheduler.MergeInto(&result);
  return result;
}

}  // namespace

absl::Status LoadOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(kInFlight.Check("in_flight", in_flight));
  ROICAST_RETURN_IF_ERROR(kRate.Check("rate", rate));
  if (duration <= absl::ZeroDuration()) return absl::InvalidArgumentError("duration: expected more than 0");
  if (warm_up < absl::ZeroDuration()) return absl::InvalidArgumentError("warm_up: expected at least 0");
  return kThreads.Check("threads", threads);
}

int64_t LoadResult::failed() const {
  int64_t sum = 0;
  for (const auto& [code, count] : errors) sum += count;
  return sum;
}

double LoadResult::calls_per_second() const { return static_cast<double>(answered) / absl::ToDoubleSeconds(elapsed); }

void SharpenTimers() { prctl(PR_SET_TIMERSLACK, 1); }

void LoadTally::Record(const LoadSchedule& schedule, int64_t due, const absl::Status& status) {
  const int64_t now = MonotonicNanos();
  if (status.ok() && now >= schedule.measure && now < schedule.end) ++answered;
  // A failure counts even while the load warms up: it may have ended the load.
  if (due >= schedule.end || (status.ok() && due < schedule.measure)) return;
  ++calls;
  if (status.ok()) {
    latency.Record(now - due);
    return;
  }
  ++errors[absl::StatusCodeToString(status.code())];
  if (first_error.empty()) first_error = std::string(status.message());
}

void LoadTally::RecordNotStarted(const LoadSchedule& schedule, double due, double interval) {
  const double until = static_cast<double>(std::min(MonotonicNanos(), schedule.end));
  for (; due < until; due += interval) {
    if (due < static_cast<double>(schedule.measure)) continue;
    ++calls;
    ++not_started;
    latency.Record(static_cast<int64_t>(until - due));
  }
}

void LoadTally::MergeInto(LoadResult* result) const {
  result->calls += calls;
  result->answered += answered;
  result->not_started += not_started;
  result->latency.Merge(latency);
  for (const auto& [code, count] : errors) result->errors[code] += count;
  if (result->first_error.empty()) result->first_error = first_error;
}

absl::StatusOr<LoadResult> RunPredictLoad(ChannelPool& channels, const std::vector<v1::PredictRequest>& requests,
                                          const LoadOptions& options, const std::atomic<bool>& stop) {
  return RunUnary<v1::PredictRequest, v1::PredictResponse>(
      channels, requests, options, stop,
      [](v1::PredictionService::Stub& stub, grpc::ClientContext* context, const v1::PredictRequest& request,
         grpc::CompletionQueue* queue) { return stub.AsyncPredict(context, request, queue); });
}

absl::StatusOr<LoadResult> RunBatchLoad(ChannelPool& channels, const std::vector<v1::BatchPredictRequest>& requests,
                                        const LoadOptions& options, const std::atomic<bool>& stop) {
  return RunUnary<v1::BatchPredictRequest, v1::BatchPredictResponse>(
      channels, requests, options, stop,
      [](v1::PredictionService::Stub& stub, grpc::ClientContext* context, const v1::BatchPredictRequest& request,
         grpc::CompletionQueue* queue) { return stub.AsyncBatchPredict(context, request, queue); });
}

}  // namespace roicast::client
