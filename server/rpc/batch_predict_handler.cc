#include "server/rpc/batch_predict_handler.h"

#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "server/rpc/status_mapping.h"

namespace roicast {
namespace {

constexpr absl::string_view kMethod = "PredictionService/BatchPredict";

}  // namespace

BatchPredictHandler::BatchPredictHandler(PredictionCore* core)
    : core_(*core), metrics_(core->metrics().AddMethod(kMethod)) {}

void BatchPredictHandler::Handle(UnaryCall& call) {
  metrics_.Begin();
  if (absl::Status admitted = core_.Admit(call.expired()); !admitted.ok()) {
    Finish(call, admitted, "", 0);
    return;
  }
  PredictionCore::Worker& worker = core_.worker(call.queue());
  worker.response.clear();
  absl::Status status;
  bool answered = false;
  if (call.request().Length() <= core_.options().inline_batch_bytes) {
    answered = true;
    status = AnswerInline(call, worker, &answered);
  }
  if (!answered) {
    status = core_.pool().Submit([this, &call] { AnswerOnPool(call); });
    if (status.ok()) return;
  }
  core_.Leave();
  Finish(call, status, worker.response, worker.batch.prediction.rows());
}

absl::Status BatchPredictHandler::AnswerInline(UnaryCall& call, PredictionCore::Worker& worker, bool* answered) {
  BatchRequest& request = worker.batch.request;
  ROICAST_RETURN_IF_ERROR(request.Read(call.request(), {.max_rows = core_.options().max_batch_rows}));
  ROICAST_ASSIGN_OR_RETURN(const ServedModel* const model,
                           core_.Find(worker.reader.Get(), request.model, request.version));
  if (model == nullptr) {
    *answered = false;
    return absl::OkStatus();
  }
  return worker.batch.prediction.Run(
      request, *model, {.max_rows = core_.options().max_batch_rows, .stop = [] { return absl::OkStatus(); }},
      &worker.response);
}

void BatchPredictHandler::AnswerOnPool(UnaryCall& call) {
  thread_local PredictionCore::BatchScratch scratch;
  thread_local std::string response;
  response.clear();
  const absl::Status status = [&]() -> absl::Status {
    ROICAST_RETURN_IF_ERROR(WhyStop(call));
    ROICAST_RETURN_IF_ERROR(
        scratch.request.Read(call.request(), {.max_rows = core_.options().max_batch_rows, .pool = &core_.pool()}));
    return core_.PredictBatch(
        scratch, [&call] { return WhyStop(call); }, &response);
  }();
  core_.Leave();
  Finish(call, status, response, scratch.prediction.rows());
  scratch.request.Trim();
  scratch.prediction.Trim();
  if (response.capacity() > (size_t{4} << 20)) std::string().swap(response);
}

void BatchPredictHandler::Finish(UnaryCall& call, const absl::Status& status, const std::string& response,
                                 int64_t rows) {
  core_.Log(kMethod, call.context(), status, call.arrival(), rows, response);
  metrics_.End(status.code(), absl::FromChrono(std::chrono::steady_clock::now() - call.arrival()));
  call.Finish(ToGrpcStatus(status), status.ok() ? ToByteBuffer(response) : grpc::ByteBuffer());
}

}  // namespace roicast
