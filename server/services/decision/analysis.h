// DecisionService/AnalyzeModel.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"
#include "server/training/dataset_rows.h"

namespace roicast {

// At most max_rows of a stored dataset.
using DatasetRowsReader = std::function<absl::StatusOr<DatasetRows>(
    const ServedModel& model, const std::string& dataset_digest, int64_t max_rows)>;

// Errors: those of ReadRowInput and of `datasets`; NO_BACKGROUND; InvalidArgument naming the field; those of `stop`.
absl::StatusOr<v1::AnalyzeModelResponse> AnalyzeModel(const v1::AnalyzeModelRequest& request, const ServedModel& model,
                                                      const DatasetRowsReader& datasets, const StopCheck& stop,
                                                      MemoryBudget* memory = MemoryBudget::Unlimited());

}  // namespace roicast
