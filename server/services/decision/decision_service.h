// DecisionService: from predictions to decisions. Its calls compute for milliseconds to minutes, on threads that do
// nothing else meanwhile and whose priority is lower than that of predictions.
#pragma once

#include <cstdint>
#include <functional>

#include "roicast/v1/decision.pb.h"
#include "server/flag_defaults.h"
#include "server/serving/model_registry.h"
#include "server/store/store.h"
#include "server/transport/grpc/blocking_service.h"

namespace roicast {

// Thread-safe.
class DecisionService {
 public:
  struct Options {
    // Rows of one request; ≥ 1.
    int64_t max_rows = defaults::kMaxBatchRows;
  };

  // Adds its methods to `calls`, whose threads serve nothing else, and are few. All outlive it, and it outlives the
  // calls.
  DecisionService(const Options& options, Store* store, ModelRegistry* registry, BlockingService* calls);
  DecisionService(const DecisionService&) = delete;
  DecisionService& operator=(const DecisionService&) = delete;

 private:
  // Finds the model, and lets `answer` (request, model, stop → StatusOr<Response>) do the rest.
  template <typename Request, typename Response, typename Answer>
  void Add(absl::string_view method, BlockingService* calls, Answer answer);

  const Options options_;
  Store& store_;
  ModelRegistry& registry_;
};

}  // namespace roicast
