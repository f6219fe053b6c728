// Predict, BatchPredict and StreamPredict. Small requests are answered on the loop that received them; big batches, and
// requests for a version that is not in memory, on the compute pool.
#pragma once

#include <functional>
#include <utility>

#include "server/errors/errors.h"
#include "server/services/prediction/batch_predict_handler.h"
#include "server/services/prediction/predict_handler.h"
#include "server/services/prediction/prediction_core.h"
#include "server/services/prediction/prediction_endpoint.h"
#include "server/services/prediction/stream_predict_handler.h"

namespace roicast {

class PredictionService {
 public:
  // Adds the methods to `grpc`. The service has to outlive the calls; the loops, the service.
  PredictionService(const PredictionCore::Options& options, const PredictionCore::Parts& parts,
                    const CallOptions& calls, GrpcRequests* grpc, LoopThreads* loops)
      : core_(options, parts), endpoint_(&predict_, &batch_predict_, &stream_predict_, {.call = calls}, grpc, loops) {}

  // Once the lifecycle is draining: streams end as new calls do, when what they have read is answered.
  void EndStreams() { endpoint_.EndStreams(ServerDraining()); }
  // Lets loop `loop` move on to the models that serve now. On that loop.
  void RefreshModels(int loop) { core_.scratch(loop).reader.Get(); }

 private:
  PredictionCore core_;
  PredictHandler predict_{&core_};
  BatchPredictHandler batch_predict_{&core_};
  StreamPredictHandler stream_predict_{&core_};
  PredictionEndpoint endpoint_;
};

}  // namespace roicast
