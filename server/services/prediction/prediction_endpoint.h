// PredictionService on the completion queues, its methods answered by handlers of bytes. What the handlers do is
// theirs: the same endpoint serves models and, in benchmarks, an echo.
#pragma once

#include <grpcpp/server_builder.h>

#include "roicast/v1/prediction.grpc.pb.h"
#include "server/transport/completion_queues.h"
#include "server/transport/stream_method.h"
#include "server/transport/unary_method.h"

namespace roicast {

class PredictionEndpoint {
 public:
  struct Options {
    UnaryMethod::Options predict;
    UnaryMethod::Options batch_predict{.armed_per_queue = 16, .track_cancellation = true};
    StreamMethod::Options stream_predict;
  };

  // Registers the service. Queues and handlers have to outlive the calls, which end with queues->Shutdown().
  PredictionEndpoint(UnaryHandler* predict, UnaryHandler* batch_predict, StreamHandler* stream_predict,
                     const Options& options, grpc::ServerBuilder& builder, CompletionQueues* queues);

  // Takes calls from now on. After the server has started.
  void Arm();
  // Takes no new calls.
  void Stop();
  // Ends open streams with `status` once what they have read is answered.
  void EndStreams(const grpc::Status& status) { stream_predict_.EndAll(status); }

 private:
  using Service = v1::PredictionService::WithRawMethod_Predict<v1::PredictionService::WithRawMethod_BatchPredict<
      v1::PredictionService::WithRawMethod_StreamPredict<v1::PredictionService::Service>>>;

  Service service_;
  UnaryMethod predict_;
  UnaryMethod batch_predict_;
  StreamMethod stream_predict_;
};

}  // namespace roicast
