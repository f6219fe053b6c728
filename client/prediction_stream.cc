#include "client/prediction_stream.h"

#include "client/retry.h"
#include "client/status.h"

namespace roicast::client {

PredictionStream::PredictionStream(ChannelPool& channels, absl::Time deadline)
    : stub_(v1::PredictionService::NewStub(channels.Next())) {
  SetDeadline(context_, deadline);
  stream_ = stub_->StreamPredict(&context_);
}

PredictionStream::~PredictionStream() {
  if (finished_) return;
  context_.TryCancel();
  v1::StreamPredictResponse response;
  while (stream_->Read(&response)) {
  }
  stream_->Finish();
}

bool PredictionStream::Send(const v1::StreamPredictRequest& request) { return stream_->Write(request); }

void PredictionStream::DoneSending() { stream_->WritesDone(); }

bool PredictionStream::Receive(v1::StreamPredictResponse& response) { return stream_->Read(&response); }

absl::Status PredictionStream::Finish() {
  finished_ = true;
  return ToAbslStatus(stream_->Finish());
}

}  // namespace roicast::client
