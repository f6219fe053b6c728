#include "server/services/prediction/prediction_endpoint.h"

#include "server/services/prediction/row_request.h"

namespace roicast {

PredictionEndpoint::PredictionEndpoint(UnaryHandler* predict, UnaryHandler* batch_predict,
                                       StreamHandler* stream_predict, const StreamMethod::Options& options,
                                       GrpcRequests* grpc, LoopThreads* loops)
    : predict_(predict, WithRequestLimit(options.call, RowRequest::kMaxBytes), loops->size()),
      batch_predict_(batch_predict, options.call, loops->size()),
      stream_predict_(stream_predict, loops, options) {
  grpc->Add("/roicast.v1.PredictionService/Predict", &predict_);
  grpc->Add("/roicast.v1.PredictionService/BatchPredict", &batch_predict_);
  grpc->Add("/roicast.v1.PredictionService/StreamPredict", &stream_predict_);
}

}  // namespace roicast
