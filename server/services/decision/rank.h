// DecisionService/Rank.
#pragma once

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Errors: those of ReadRowInput and Rank; NOT_AN_ROI; NO_CALIBRATION.
absl::StatusOr<v1::RankResponse> AnswerRank(const v1::RankRequest& request, const ServedModel& model, int64_t max_rows,
                                            const StopCheck& stop, MemoryBudget* memory = MemoryBudget::Unlimited());

}  // namespace roicast
