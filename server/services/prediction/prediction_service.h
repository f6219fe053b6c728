// Predict, BatchPredict and StreamPredict. Small requests are answered on the polling thread that received them; big
// batches, and requests for a version that is not in memory, on the compute pool.
#pragma once

#include "server/errors/errors.h"
#include "server/services/prediction/batch_predict_handler.h"
#include "server/services/prediction/predict_handler.h"
#include "server/services/prediction/prediction_core.h"
#include "server/services/prediction/prediction_endpoint.h"
#include "server/services/prediction/stream_predict_handler.h"
#include "server/transport/status_mapping.h"

namespace roicast {

class PredictionService {
 public:
  // Registers the service with the server, which has not been started yet and which it outlives.
  PredictionService(const PredictionCore::Options& options, const PredictionCore::Parts& parts,
                    grpc::ServerBuilder& builder, CompletionQueues* queues)
      : core_(options, parts),
        endpoint_(&predict_, &batch_predict_, &stream_predict_, PredictionEndpoint::Options(), builder, queues) {}

  // Takes calls from now on. After the server has started.
  void Arm() { endpoint_.Arm(); }
  // Once the lifecycle is draining: streams end as new calls do, when what they have read is answered.
  void EndStreams() { endpoint_.EndStreams(ToGrpcStatus(ServerDraining())); }
  // Takes no more calls. Before the server is shut down.
  void Stop() { endpoint_.Stop(); }
  // Lets polling thread `queue` move on to the models that serve now. On that thread.
  void RefreshModels(int queue) { core_.scratch(queue).reader.Get(); }

 private:
  PredictionCore core_;
  PredictHandler predict_{&core_};
  BatchPredictHandler batch_predict_{&core_};
  StreamPredictHandler stream_predict_{&core_};
  PredictionEndpoint endpoint_;
};

}  // namespace roicast
