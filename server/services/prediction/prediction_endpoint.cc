#include "server/services/prediction/prediction_endpoint.h"

namespace roicast {

PredictionEndpoint::PredictionEndpoint(UnaryHandler* predict, UnaryHandler* batch_predict,
                                       StreamHandler* stream_predict, const Options& options,
                                       grpc::ServerBuilder& builder, CompletionQueues* queues)
    : predict_([this](auto... args) { service_.RequestPredict(args...); }, predict, queues, options.predict),
      batch_predict_([this](auto... args) { service_.RequestBatchPredict(args...); }, batch_predict, queues,
                     options.batch_predict),
      stream_predict_([this](auto... args) { service_.RequestStreamPredict(args...); }, stream_predict, queues,
                      options.stream_predict) {
  builder.RegisterService(&service_);
}

void PredictionEndpoint::Arm() {
  predict_.Arm();
  batch_predict_.Arm();
  stream_predict_.Arm();
}

void PredictionEndpoint::Stop() {
  predict_.Stop();
  batch_predict_.Stop();
  stream_predict_.Stop();
}

}  // namespace roicast
