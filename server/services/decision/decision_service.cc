#include "server/services/decision/decision_service.h"

#include <sys/resource.h>

#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "server/services/decision/analysis.h"
#include "server/services/decision/counterfactual.h"
#include "server/services/decision/curve.h"
#include "server/services/decision/decision_call.h"
#include "server/services/decision/explain.h"
#include "server/services/decision/optimize.h"
#include "server/services/decision/plan.h"
#include "server/services/decision/rank.h"

namespace roicast {
namespace {

// Niceness of the threads that compute: enough for predictions to come first on a busy machine, not so much that
// decisions wait for a training at idle priority.
constexpr int kNice = 5;

// Of the calling thread, once; at worst the priority does not change. On Linux, who = 0 is the thread.
void YieldToPredictions() {
  thread_local const bool lowered = setpriority(PRIO_PROCESS, 0, kNice) == 0;
  (void)lowered;
}

}  // namespace

template <typename Request, typename Response, typename Answer>
void DecisionService::Add(absl::string_view method, Priority priority, Answer answer) {
  BlockingService& calls = priority == Priority::kIdle ? *parts_.long_calls : *parts_.calls;
  calls.Unary<Request, Response>(
      method,
      [this, priority, answer](const Request& request, Response* response, CallContext& context) -> absl::Status {
        if (priority == Priority::kLow) YieldToPredictions();
        ROICAST_ASSIGN_OR_RETURN(const std::shared_ptr<const ServedModel> model,
                                 parts_.registry->FindOrLoad(request.model().name(), request.model().version()));
        context.model = model->name();
        context.version = model->version();
        const StopCheck stop = StopWithCall(context.call);
        ROICAST_RETURN_IF_ERROR(stop());
        const auto work = [&]() -> absl::Status {
          auto answered = answer(request, *model, stop);
          if (!answered.ok()) return AsTooLarge(answered.status());
          *response = *std::move(answered);
          // The answer, and its bytes.
          ROICAST_ASSIGN_OR_RETURN(context.answer_memory, ClaimForWork(parts_.memory, 3 * response->ByteSizeLong()));
          return absl::OkStatus();
        };
        return priority == Priority::kIdle ? parts_.idle->Run(context.call.host(), stop, work) : work();
      });
}

DecisionService::DecisionService(const Options& options, const Parts& parts) : options_(options), parts_(parts) {
  Add<v1::ExplainRequest, v1::ExplainResponse>("DecisionService/Explain", Priority::kLow,
                                               [this](const auto& request, const auto& model, const auto& stop) {
                                                 return Explain(request, model, options_.max_rows, stop, parts_.memory);
                                               });
  Add<v1::AnalyzeModelRequest, v1::AnalyzeModelResponse>(
      "DecisionService/AnalyzeModel", Priority::kIdle,
      [this](const auto& request, const auto& model, const auto& stop) {
        const DatasetRowsReader datasets = [&](const ServedModel& of, const std::string& digest, int64_t max_rows) {
          return ReadDatasetRows(*parts_.store, of.name(), of.version(), digest, max_rows, stop, parts_.memory);
        };
        return AnalyzeModel(request, model, datasets, stop, parts_.memory);
      });
  const auto with_memory = [this](auto answer) {
    return [this, answer](const auto& request, const auto& model, const auto& stop) {
      return answer(request, model, stop, parts_.memory);
    };
  };
  Add<v1::FindCounterfactualRequest, v1::FindCounterfactualResponse>("DecisionService/FindCounterfactual",
                                                                     Priority::kLow, with_memory(AnswerCounterfactual));
  Add<v1::ResponseCurveRequest, v1::ResponseCurveResponse>("DecisionService/ResponseCurve", Priority::kLow,
                                                           with_memory(AnswerCurve));
  Add<v1::OptimizeBudgetRequest, v1::OptimizeBudgetResponse>("DecisionService/OptimizeBudget", Priority::kLow,
                                                             with_memory(AnswerOptimize));
  Add<v1::PlanBudgetRequest, v1::PlanBudgetResponse>("DecisionService/PlanBudget", Priority::kLow,
                                                     with_memory(AnswerPlan));
  Add<v1::RankRequest, v1::RankResponse>("DecisionService/Rank", Priority::kLow,
                                         [this](const auto& request, const auto& model, const auto& stop) {
                                           return AnswerRank(request, model, options_.max_rows, stop, parts_.memory);
                                         });
}

}  // namespace roicast
