// DecisionService: from predictions to decisions. Its calls compute for milliseconds to minutes, on threads that do
// nothing else meanwhile and whose priority is lower than that of predictions.
#pragma once

#include <cstdint>
#include <functional>

#include "base/memory_budget.h"
#include "roicast/v1/decision.pb.h"
#include "server/flag_defaults.h"
#include "server/serving/model_registry.h"
#include "server/store/store.h"
#include "server/training/idle_pool.h"
#include "server/transport/grpc/blocking_service.h"

namespace roicast {

// Thread-safe.
class DecisionService {
 public:
  struct Options {
    // Rows of one request; ≥ 1.
    int64_t max_rows = defaults::kMaxBatchRows;
  };
  // All outlive it, and it outlives the calls.
  struct Parts {
    Store* store;
    ModelRegistry* registry;
    // Its threads serve nothing else, and are few.
    BlockingService* calls;
    // What takes minutes: it is called there, and computed in the pool.
    BlockingService* long_calls;
    IdlePool* idle;
    // What rows, and datasets that are read, draw from.
    MemoryBudget* memory;
  };

  // Adds its methods to parts.calls.
  DecisionService(const Options& options, const Parts& parts);
  DecisionService(const DecisionService&) = delete;
  DecisionService& operator=(const DecisionService&) = delete;

 private:
  // kLow: below predictions. kIdle: below everything, as training.
  enum class Priority { kLow, kIdle };
  // Finds the model, and lets `answer` (request, model, stop → StatusOr<Response>) do the rest.
  template <typename Request, typename Response, typename Answer>
  void Add(absl::string_view method, Priority priority, Answer answer);

  const Options options_;
  const Parts parts_;
};

}  // namespace roicast
