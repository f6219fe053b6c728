// What the methods of PredictionService share: admission, finding the model, and the answer itself.
#pragma once

#include <google/protobuf/arena.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/memory_budget.h"
#include "roicast/v1/prediction.pb.h"
#include "server/errors/errors.h"
#include "server/flag_defaults.h"
#include "server/services/prediction/batch_prediction.h"
#include "server/services/prediction/batch_request.h"
#include "server/services/prediction/row_request.h"
#include "server/serving/compute_pool.h"
#include "server/serving/in_flight_limit.h"
#include "server/serving/lifecycle.h"
#include "server/serving/model_registry.h"
#include "server/telemetry/access_log.h"
#include "server/telemetry/metrics.h"
#include "server/transport/grpc/unary_method.h"

namespace roicast {

// Thread-safe, except for the scratch memory: each polling thread has its own.
class PredictionCore {
 public:
  struct Options {
    // Rows of one batch; ≥ 1.
    int64_t max_batch_rows = defaults::kMaxBatchRows;
    // Of an answer, at least as much as its predictions have; > 0.
    int64_t max_response_bytes = defaults::kMaxMessageBytes;
    // Largest request, in bytes, that is answered on the polling thread. A row of 20 float32 has 80.
    size_t inline_bytes = 8192;
    // ≥ 1.
    int polling_threads = 1;
  };

  // All have to outlive the core.
  struct Parts {
    ModelRegistry* registry;
    ComputePool* pool;
    const Lifecycle* lifecycle;
    InFlightLimit* in_flight;
    ServerMetrics* metrics;
    AccessLog* access_log;
    // What large batches draw from.
    MemoryBudget* memory = MemoryBudget::Unlimited();
  };

  // Memory for one row's answer.
  struct RowScratch {
    RowRequest request;
    std::vector<float> row;
    std::vector<RowWarning> warnings;
  };
  // Memory for a batch's answer.
  struct BatchScratch {
    BatchRequest request;
    BatchPrediction prediction;
  };
  // A batch on its way through the compute pool, whichever threads work on it.
  struct BatchWork {
    BatchScratch scratch;
    std::shared_ptr<const ServedModel> model;
    std::string response;
  };
  using BatchDone = std::function<void(std::unique_ptr<BatchWork> work, const absl::Status& status)>;
  // What a polling thread keeps from call to call.
  struct ThreadScratch {
    explicit ThreadScratch(const ModelRegistry* registry);
    ModelRegistry::Reader reader;
    std::unique_ptr<char[]> arena_block;
    // Reset before each use.
    google::protobuf::Arena arena;
    RowScratch row;
    BatchScratch batch;
    std::string response;
  };

  PredictionCore(const Options& options, const Parts& parts);

  const Options& options() const { return options_; }
  ComputePool& pool() { return *parts_.pool; }
  ServerMetrics& metrics() { return *parts_.metrics; }
  MemoryBudget* memory() { return parts_.memory; }
  // How a batch is read and predicted. pool: shares the reading; nullptr: the calling thread does it all.
  BatchRequest::Options ReadOptions(ComputePool* pool) const {
    return {.max_rows = options_.max_batch_rows, .pool = pool, .memory = parts_.memory};
  }
  BatchPrediction::Options RunOptions(std::function<absl::Status()> stop) const {
    return {.max_rows = options_.max_batch_rows,
            .stop = std::move(stop),
            .max_response_bytes = options_.max_response_bytes,
            .memory = parts_.memory};
  }
  ThreadScratch& scratch(int queue) { return *scratch_[static_cast<size_t>(queue)]; }

  // OK: the call is in flight until its answer is written. Errors: Unavailable (draining), DeadlineExceeded,
  // ResourceExhausted.
  absl::Status Admit(UnaryCall& call);
  // Whether a stream may begin. It is not in flight itself, but its items are. Errors: Unavailable, DeadlineExceeded.
  absl::Status AdmitStream(const ServerCall& call) const;
  // OK: the item is in flight until LeaveItem. Errors: ResourceExhausted.
  absl::Status AdmitItem() { return parts_.in_flight->Enter(); }
  void LeaveItem() { parts_.in_flight->Leave(); }

  // Whether so many rows take so little that they are predicted on the polling thread, which others wait for meanwhile;
  // a small request may have many rows, and a model may be large.
  static bool IsQuick(const ServedModel& model, int64_t rows);

  // As ModelRegistry::Find and FindOrLoad.
  absl::StatusOr<const ServedModel*> Find(const ModelSnapshot& snapshot, absl::string_view model,
                                          int64_t version) const;
  // Keeps the model alive beyond the snapshot.
  absl::StatusOr<std::shared_ptr<const ServedModel>> FindToKeep(const ModelSnapshot& snapshot, absl::string_view model,
                                                                int64_t version) const;
  // May read the store: on the compute pool only.
  absl::StatusOr<std::shared_ptr<const ServedModel>> FindOrLoad(absl::string_view model, int64_t version);

  // The answer to the row that was read into the scratch: appends an encoded PredictResponse. A row that is refused is
  // an error.
  absl::Status PredictOne(const ServedModel& model, RowScratch& scratch, std::string* response) const;
  // The answer to the batch that was read into work->scratch: appends an encoded BatchPredictResponse to
  // work->response. In a task of the compute pool: loads the model if it has to, and leaves the rows to the pool, for
  // the address `peer`; then done(), on any of its threads. `stop` is asked between parts of the work.
  void PredictBatch(absl::string_view peer, std::unique_ptr<BatchWork> work, std::function<absl::Status()> stop,
                    BatchDone done);
  // Thread-safe. The memory of a batch that has been answered is used for the next one.
  std::unique_ptr<BatchWork> TakeBatchWork();
  void Recycle(std::unique_ptr<BatchWork> work);

  // Writes the call to the access log if its turn has come. Who answered is read from the response, which begins with
  // it; calls that failed and streams have an empty one.
  void Log(absl::string_view method, const ServerCall& call, const absl::Status& status,
           std::chrono::steady_clock::time_point arrival, int64_t rows, absl::string_view response = {});

 private:
  const Options options_;
  const Parts parts_;
  std::vector<std::unique_ptr<ThreadScratch>> scratch_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<BatchWork>> free_work_ ABSL_GUARDED_BY(mutex_);
};

// Why work on a call should stop; OK: it should not.
template <typename Call>
absl::Status WhyStop(const Call& call) {
  if (call.cancelled()) return ClientDisconnected();
  if (call.expired()) return absl::DeadlineExceededError("the deadline passed before the answer was computed");
  return absl::OkStatus();
}

}  // namespace roicast
