#include "client/decision_client.h"

#include <utility>

#include "client/unary_call.h"
#include "roicast/v1/decision.grpc.pb.h"

namespace roicast::client {
namespace {

using Stub = v1::DecisionService::Stub;

}  // namespace

DecisionClient::DecisionClient(std::shared_ptr<ChannelPool> channels, CallOptions options)
    : channels_(std::move(channels)), options_(options) {}

absl::StatusOr<v1::ExplainResponse> DecisionClient::Explain(const v1::ExplainRequest& request) const {
  return CallIdempotent(*channels_, options_, &Stub::Explain, request);
}

absl::StatusOr<v1::AnalyzeModelResponse> DecisionClient::AnalyzeModel(const v1::AnalyzeModelRequest& request) const {
  return CallIdempotent(*channels_, options_, &Stub::AnalyzeModel, request);
}

absl::StatusOr<v1::FindCounterfactualResponse> DecisionClient::FindCounterfactual(
    const v1::FindCounterfactualRequest& request) const {
  return CallIdempotent(*channels_, options_, &Stub::FindCounterfactual, request);
}

absl::StatusOr<v1::ResponseCurveResponse> DecisionClient::ResponseCurve(const v1::ResponseCurveRequest& request) const {
  return CallIdempotent(*channels_, options_, &Stub::ResponseCurve, request);
}

absl::StatusOr<v1::OptimizeBudgetResponse> DecisionClient::OptimizeBudget(
    const v1::OptimizeBudgetRequest& request) const {
  return CallIdempotent(*channels_, options_, &Stub::OptimizeBudget, request);
}

absl::StatusOr<v1::PlanBudgetResponse> DecisionClient::PlanBudget(const v1::PlanBudgetRequest& request) const {
  return CallIdempotent(*channels_, options_, &Stub::PlanBudget, request);
}

absl::StatusOr<v1::RankResponse> DecisionClient::Rank(const v1::RankRequest& request) const {
  return CallIdempotent(*channels_, options_, &Stub::Rank, request);
}

}  // namespace roicast::client
