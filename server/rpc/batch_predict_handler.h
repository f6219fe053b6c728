// PredictionService.BatchPredict.
#pragma once

#include "server/rpc/prediction_core.h"
#include "server/rpc/unary_method.h"

namespace roicast {

// The method has to track cancellation.
class BatchPredictHandler final : public UnaryHandler {
 public:
  explicit BatchPredictHandler(PredictionCore* core);
  void Handle(UnaryCall& call) override;

 private:
  // Sets `answered` to false, and answers nothing, where the model has to be loaded first.
  absl::Status AnswerInline(UnaryCall& call, PredictionCore::Worker& worker, bool* answered);
  void AnswerOnPool(UnaryCall& call);
  void Finish(UnaryCall& call, const absl::Status& status, const std::string& response, int64_t rows);

  PredictionCore& core_;
  RpcMetrics& metrics_;
};

}  // namespace roicast
