// PredictionService.Predict.
#pragma once

#include "server/services/prediction/prediction_core.h"
#include "server/transport/grpc/unary_method.h"

namespace roicast {

class PredictHandler final : public UnaryHandler {
 public:
  explicit PredictHandler(PredictionCore* core);
  void Handle(UnaryCall& call) override;
  void Refuse(UnaryCall& call, const absl::Status& why) override;

 private:
  // Sets `answered` to false, and answers nothing, if the request or the model takes too long, or has to be loaded.
  absl::Status Answer(UnaryCall& call, PredictionCore::ThreadScratch& scratch, bool* answered);
  // The same, whatever it takes; on the compute pool.
  void AnswerLater(UnaryCall& call);
  void Finish(UnaryCall& call, const absl::Status& status, std::string& response);

  PredictionCore& core_;
  RpcMetrics& metrics_;
};

}  // namespace roicast
