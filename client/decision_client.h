// Explanations, response curves, budgets and rankings.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "client/channel.h"
#include "client/retry.h"
#include "roicast/v1/decision.pb.h"

namespace roicast::client {

// Thread-safe. Its calls have no side effects, so UNAVAILABLE is retried as the options say.
class DecisionClient {
 public:
  explicit DecisionClient(std::shared_ptr<ChannelPool> channels, CallOptions options = {});

  absl::StatusOr<v1::ExplainResponse> Explain(const v1::ExplainRequest& request) const;
  absl::StatusOr<v1::AnalyzeModelResponse> AnalyzeModel(const v1::AnalyzeModelRequest& request) const;
  absl::StatusOr<v1::FindCounterfactualResponse> FindCounterfactual(const v1::FindCounterfactualRequest& request) const;
  absl::StatusOr<v1::ResponseCurveResponse> ResponseCurve(const v1::ResponseCurveRequest& request) const;
  absl::StatusOr<v1::OptimizeBudgetResponse> OptimizeBudget(const v1::OptimizeBudgetRequest& request) const;
  absl::StatusOr<v1::PlanBudgetResponse> PlanBudget(const v1::PlanBudgetRequest& request) const;
  absl::StatusOr<v1::RankResponse> Rank(const v1::RankRequest& request) const;

 private:
  const std::shared_ptr<ChannelPool> channels_;
  const CallOptions options_;
};

}  // namespace roicast::client
