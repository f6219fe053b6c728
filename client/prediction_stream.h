// A StreamPredict call: items are sent without waiting for answers, which arrive in the order of the items.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/channel.h"
#include "roicast/v1/prediction.grpc.pb.h"

namespace roicast::client {

// One thread may send while another receives. Destruction cancels an unfinished stream.
class PredictionStream {
 public:
  // deadline: for the whole stream.
  PredictionStream(ChannelPool& channels, absl::Time deadline);
  ~PredictionStream();
  PredictionStream(const PredictionStream&) = delete;
  PredictionStream& operator=(const PredictionStream&) = delete;

  // Returns false if the stream has ended; Finish returns the reason.
  bool Send(const v1::StreamPredictRequest& request);
  // Ends the sending side.
  void DoneSending();
  // Receives the answer to the next item. Returns false if the stream has ended; Finish returns the reason.
  bool Receive(v1::StreamPredictResponse& response);
  // The status of the stream, after Receive returned false.
  absl::Status Finish();
  // Ends the stream at once; any thread.
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::PredictionService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamPredictRequest, v1::StreamPredictResponse>> stream_;
  bool finished_ = false;
};

}  // namespace roicast::client
