#include "client/prediction_client.h"

#include <grpcpp/support/client_callback.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "client/status.h"
#include "roicast/v1/prediction.grpc.pb.h"

namespace roicast::client {
namespace {

// What an asynchronous call needs until it ends.
template <typename Request, typename Response>
struct AsyncCall {
  grpc::ClientContext context;
  Request request;
  Response response;
};

}  // namespace

PredictionClient::PredictionClient(std::shared_ptr<ChannelPool> channels, CallOptions options)
    : channels_(std::move(channels)), options_(options) {
  for (size_t i = 0; i < channels_->size(); ++i) stubs_.push_back(v1::PredictionService::NewStub(channels_->At(i)));
}

PredictionClient::~PredictionClient() {
  const absl::MutexLock lock(&mutex_);
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return in_flight_ == 0; };
  mutex_.Await(absl::Condition(&idle));
}

void PredictionClient::CancelInFlight() const {
  const absl::MutexLock lock(&mutex_);
  for (grpc::ClientContext* context : contexts_) context->TryCancel();
}

v1::PredictionService::Stub& PredictionClient::NextStub() const {
  return *stubs_[next_.fetch_add(1, std::memory_order_relaxed) % stubs_.size()];
}

template <typename Request, typename Response, typename Method>
void PredictionClient::StartAsync(Request request, std::function<void(absl::StatusOr<Response>)> done,
                                  Method method) const {
  auto* call = new AsyncCall<Request, Response>;
  call->request = std::move(request);
  SetDeadline(call->context, absl::Now() + options_.timeout);
  {
    const absl::MutexLock lock(&mutex_);
    ++in_flight_;
    contexts_.insert(&call->context);
  }
  method(NextStub(), *call, [this, call, done = std::move(done)](const grpc::Status& status) {
    absl::StatusOr<Response> answer =
        status.ok() ? absl::StatusOr<Response>(std::move(call->response)) : ToAbslStatus(status);
    {
      const absl::MutexLock lock(&mutex_);
      contexts_.erase(&call->context);
    }
    delete call;
    done(std::move(answer));
    const absl::MutexLock lock(&mutex_);
    --in_flight_;
  });
}

absl::StatusOr<v1::PredictResponse> PredictionClient::Predict(const v1::PredictRequest& request) const {
  v1::PredictResponse response;
  ROICAST_RETURN_IF_ERROR(CallIdempotent(
      options_, [&](grpc::ClientContext& context) { return NextStub().Predict(&context, request, &response); },
      [&](absl::Time until) { channels_->AwaitConnection(until); }));
  return response;
}

absl::StatusOr<v1::PredictResponse> PredictionClient::Predict(const v1::Campaign& campaign) const {
  v1::PredictRequest request;
  *request.mutable_campaign() = campaign;
  return Predict(request);
}

absl::StatusOr<v1::BatchPredictResponse> PredictionClient::BatchPredict(const v1::BatchPredictRequest& request) const {
  v1::BatchPredictResponse response;
  ROICAST_RETURN_IF_ERROR(CallIdempotent(
      options_, [&](grpc::ClientContext& context) { return NextStub().BatchPredict(&context, request, &response); },
      [&](absl::Time until) { channels_->AwaitConnection(until); }));
  return response;
}

void PredictionClient::PredictAsync(v1::PredictRequest request,
                                    std::function<void(absl::StatusOr<v1::PredictResponse>)> done) const {
  StartAsync<v1::PredictRequest, v1::PredictResponse>(
      std::move(request), std::move(done), [](v1::PredictionService::Stub& stub, auto& call, auto on_status) {
        stub.async()->Predict(&call.context, &call.request, &call.response, std::move(on_status));
      });
}

void PredictionClient::BatchPredictAsync(v1::BatchPredictRequest request,
                                         std::function<void(absl::StatusOr<v1::BatchPredictResponse>)> done) const {
  StartAsync<v1::BatchPredictRequest, v1::BatchPredictResponse>(
      std::move(request), std::move(done), [](v1::PredictionService::Stub& stub, auto& call, auto on_status) {
        stub.async()->BatchPredict(&call.context, &call.request, &call.response, std::move(on_status));
      });
}

v1::BatchPredictRequest ColumnsRequest(v1::Columns columns) {
  v1::BatchPredictRequest request;
  *request.mutable_columns() = std::move(columns);
  return request;
}

}  // namespace roicast::client
