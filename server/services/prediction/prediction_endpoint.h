// PredictionService's methods, answered by handlers of bytes. What the handlers do is theirs: the same endpoint serves
// models and, in benchmarks, an echo.
#pragma once

#include "absl/status/status.h"
#include "server/transport/grpc/grpc_requests.h"
#include "server/transport/grpc/stream_method.h"
#include "server/transport/grpc/unary_method.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {

class PredictionEndpoint {
 public:
  // Adds the methods to `grpc`. Handlers and loops have to outlive the calls.
  PredictionEndpoint(UnaryHandler* predict, UnaryHandler* batch_predict, StreamHandler* stream_predict,
                     const StreamMethod::Options& options, GrpcRequests* grpc, LoopThreads* loops);

  // Ends open streams with `status` once what they have read is answered.
  void EndStreams(const absl::Status& status) { stream_predict_.EndAll(status); }

 private:
  UnaryMethod predict_;
  UnaryMethod batch_predict_;
  StreamMethod stream_predict_;
};

}  // namespace roicast
