// PredictionService.StreamPredict.
#pragma once

#include "server/services/prediction/prediction_core.h"
#include "server/transport/grpc/stream_method.h"

namespace roicast {

class StreamPredictHandler final : public StreamHandler {
 public:
  explicit StreamPredictHandler(PredictionCore* core);
  absl::Status Begin(const StreamCall& call) override;
  void Handle(StreamItem& item) override;
  void Refuse(StreamItem& item, const absl::Status& why) override { Finish(item, why, 0, {}, Clock::now()); }
  void End(const StreamCall& call, const absl::Status& status) override;

 private:
  using Clock = std::chrono::steady_clock;
  using Work = PredictionCore::BatchWork;
  // Sets `answered` to false, and answers nothing, if the model has to be loaded first. *field: the answer's field
  // in StreamPredictResponse.
  absl::Status AnswerInline(StreamItem& item, PredictionCore::ThreadScratch& scratch, int* field, bool* answered);
  void AnswerOnPool(StreamItem& item, Clock::time_point arrival);
  void FinishWork(StreamItem& item, std::unique_ptr<Work> work, const absl::Status& status, int field,
                  Clock::time_point arrival);
  void Finish(StreamItem& item, const absl::Status& status, int field, const std::string& response,
              Clock::time_point arrival);

  PredictionCore& core_;
  RpcMetrics& stream_metrics_;
  RpcMetrics& item_metrics_;
};

}  // namespace roicast
