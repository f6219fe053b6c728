// Predict and BatchPredict, synchronous and asynchronous.
#pragma once

#include <grpcpp/client_context.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "client/channel.h"
#include "client/retry.h"
#include "roicast/v1/prediction.grpc.pb.h"

namespace roicast::client {

// Thread-safe. Predictions have no side effects, so UNAVAILABLE is retried as the options say.
class PredictionClient {
 public:
  explicit PredictionClient(std::shared_ptr<ChannelPool> channels, CallOptions options = {});
  // Waits for asynchronous calls in flight, because a gRPC thread cannot destroy its own channel. Must not run in a
  // callback.
  ~PredictionClient();
  PredictionClient(const PredictionClient&) = delete;
  PredictionClient& operator=(const PredictionClient&) = delete;

  absl::StatusOr<v1::PredictResponse> Predict(const v1::PredictRequest& request) const;
  // One campaign with the serving version of the default model.
  absl::StatusOr<v1::PredictResponse> Predict(const v1::Campaign& campaign) const;
  absl::StatusOr<v1::BatchPredictResponse> BatchPredict(const v1::BatchPredictRequest& request) const;

  // Calls `done` once, on a gRPC thread, so it must not block. No retries: after an outage, gRPC notices that the server
  // is back at its next look, which comes every 5 s, unless a call with retries waits for the connection.
  void PredictAsync(v1::PredictRequest request, std::function<void(absl::StatusOr<v1::PredictResponse>)> done) const;
  void BatchPredictAsync(v1::BatchPredictRequest request,
                         std::function<void(absl::StatusOr<v1::BatchPredictResponse>)> done) const;
  // Cancels the asynchronous calls in flight: they end with CANCELLED on gRPC threads. Later calls are not affected.
  void CancelInFlight() const;

 private:
  v1::PredictionService::Stub& NextStub() const;
  template <typename Request, typename Response, typename Method>
  void StartAsync(Request request, std::function<void(absl::StatusOr<Response>)> done, Method method) const;

  const std::shared_ptr<ChannelPool> channels_;
  const CallOptions options_;
  // One per channel.
  std::vector<std::unique_ptr<v1::PredictionService::Stub>> stubs_;
  mutable std::atomic<size_t> next_{0};
  mutable absl::Mutex mutex_;
  mutable int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  // Contexts of the calls in flight.
  mutable absl::flat_hash_set<grpc::ClientContext*> contexts_ ABSL_GUARDED_BY(mutex_);
};

v1::BatchPredictRequest ColumnsRequest(v1::Columns columns);

}  // namespace roicast::client
