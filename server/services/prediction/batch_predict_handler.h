// PredictionService.BatchPredict.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/services/prediction/prediction_core.h"
#include "server/transport/grpc/unary_method.h"

namespace roicast {

// The method has to track cancellation.
class BatchPredictHandler final : public UnaryHandler {
 public:
  explicit BatchPredictHandler(PredictionCore* core);
  void Handle(UnaryCall& call) override;
  void Refuse(UnaryCall& call, const absl::Status& why) override;

 private:
  using Work = PredictionCore::BatchWork;

  // Sets `answered` to false, and answers nothing, if the model has to be loaded first.
  absl::Status AnswerInline(UnaryCall& call, PredictionCore::ThreadScratch& scratch, bool* answered);
  // A matrix needs no decoding: it is checked here, and only its rows go to the pool. False, and nothing answered: it
  // is no matrix, or its model has to be loaded first.
  bool StartMatrix(UnaryCall& call, PredictionCore::ThreadScratch& scratch);
  void AnswerOnPool(UnaryCall& call);
  void FinishWork(UnaryCall& call, std::unique_ptr<Work> work, const absl::Status& status);
  void Observe(const UnaryCall& call, const absl::Status& status, const std::string& response, int64_t rows);
  void Finish(UnaryCall& call, const absl::Status& status, std::string& response, int64_t rows);

  PredictionCore& core_;
  RpcMetrics& metrics_;
};

}  // namespace roicast
