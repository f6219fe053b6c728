// All metrics that roicast exports. docs/operations.md lists their names and units.
//
// Handles are resolved once: a method's at startup, a model version's when it is loaded, a training worker's when it
// starts. Observations per request take no lock; all other metrics live in the injected registry.
// No label carries a string that a client chose before it was looked up: methods and codes are closed sets, models and
// versions are those that are loaded.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/enumerators.h"
#include "base/memory_budget.h"
#include "prometheus/collectable.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "server/telemetry/fast_histogram.h"
#include "server/telemetry/log.h"
#include "server/telemetry/rpc_metrics.h"
#include "server/telemetry/transport_metrics.h"

namespace roicast {

class ServerMetrics;

enum class WarningMetric { kValueImputed, kCategoryUnseen, kValueOutOfRange, kValueOutOfWordRange };
inline constexpr int kWarningMetrics = kEnumerators<WarningMetric>;

// Metrics of one loaded version; its series disappear with it. Thread-safe; only the destructor takes a lock.
class ModelMetrics {
 public:
  ~ModelMetrics();
  ModelMetrics(const ModelMetrics&) = delete;
  ModelMetrics& operator=(const ModelMetrics&) = delete;

  // NaN is not counted.
  void ObservePrediction(float roi) { predictions_.Observe(roi); }
  void ObservePredictions(absl::Span<const float> rois) { predictions_.ObserveMany(rois); }
  void CountWarnings(WarningMetric kind, int64_t rows) {
    warnings_[static_cast<size_t>(kind)].fetch_add(rows, std::memory_order_relaxed);
  }
  // Rows that were not predicted because a value was rejected.
  void CountRefusedRows(int64_t rows) { refused_rows_.fetch_add(rows, std::memory_order_relaxed); }
  // A call or an item of a stream that asked for intervals or probabilities.
  void CountUncertaintyRequest() { uncertainty_requests_.fetch_add(1, std::memory_order_relaxed); }
  // True while it answers requests that name no version.
  void SetServing(bool serving) { serving_.store(serving, std::memory_order_relaxed); }

 private:
  friend class ServerMetrics;
  ModelMetrics(ServerMetrics& owner, absl::string_view model, int64_t version, absl::string_view digest);

  ServerMetrics& owner_;
  const std::string model_;
  const std::string version_;
  const std::string digest_;  // The first 12 digits.
  FastHistogram predictions_;
  std::array<std::atomic<int64_t>, kWarningMetrics> warnings_{};
  std::atomic<int64_t> refused_rows_{0};
  std::atomic<int64_t> uncertainty_requests_{0};
  std::atomic<bool> serving_{false};
};

// The state of one training worker. Between jobs the gauges keep the last job's values.
struct TrainingWorkerMetrics {
  prometheus::Gauge* epoch;            // The last finished one.
  prometheus::Gauge* loss;             // On the training rows.
  prometheus::Gauge* validation_loss;  // NaN if there are no validation rows.
  prometheus::Gauge* progress;         // Share of finished epochs, 0 to 1.
  prometheus::Counter* steps;          // Of all jobs and phases: a sign of life.
};

struct BuildInfo {
  std::string version;   // Such as "0.1.0".
  std::string compiler;  // Such as "g++ 12.2.0".
  std::string simd;      // The instruction set in use on this machine, such as "avx512".
};

// Outlives all handles that it returned. Thread-safe.
class ServerMetrics final : public prometheus::Collectable {
 public:
  // The registry outlives it.
  ServerMetrics(prometheus::Registry& registry, const BuildInfo& build);
  ~ServerMetrics() override;

  // --- serving
  // Once per method, at start. `method` is a constant such as "PredictionService/Predict"; items of a stream are a
  // method of their own: "PredictionService/StreamPredict.item".
  RpcMetrics& AddMethod(absl::string_view method);
  // When a version is loaded; the version's predictor owns the handle.
  std::shared_ptr<ModelMetrics> AddModelVersion(absl::string_view model, int64_t version, absl::string_view digest);
  // ok: a version was loaded, verified and warmed up. Otherwise it could not be.
  void ObserveModelLoad(bool ok, absl::Duration duration);
  // Another version of a model now serves.
  void CountModelSwap() { model_swaps_->Increment(); }
  // A published version does not start to serve. `why`: as of ObstacleName, or "unloadable".
  void CountModelNotServing(absl::string_view why);
  // A person made a version serve. forced: although the rule refuses it.
  void CountModelServedByHand(bool forced) { models_served_by_hand_[forced ? 1 : 0]->Increment(); }
  // Models of which another version serves than the recorded one, or none, because that one cannot be loaded.
  void SetModelFallbacks(int models) { model_fallbacks_->Set(models); }

  // --- training
  TrainingWorkerMetrics AddTrainingWorker(int worker);
  // Jobs in the store by state; `state` as of JobStateName.
  void SetTrainingJobs(absl::string_view state, int64_t jobs);
  void SetTrainingQueueLength(int64_t jobs) { training_queue_->Set(static_cast<double>(jobs)); }
  // `outcome`: a final state, as of JobStateName.
  void ObserveTrainingDuration(absl::string_view outcome, absl::Duration duration);

  // --- store. Fits StoreObserver.
  void ObserveStore(absl::string_view operation, absl::StatusCode outcome, absl::Duration latency);

  // --- memory. Set once, before the first Collect; outlives that. Without it there are no metrics of memory.
  void SetMemoryBudget(const MemoryBudget* budget) { memory_ = budget; }

  // --- the log. Set once, before the first Collect; outlives that. Without it there is no metric of its lines.
  void SetLog(const Logger* log) { log_ = log; }

  // --- transport: plain counters, which its parts write to.
  TransportMetrics& transport() { return transport_; }

  // For metric families of other components, created once at startup.
  prometheus::Registry& registry() { return registry_; }

  // Everything: the registry's families and these.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  friend class ModelMetrics;
  void Remove(const ModelMetrics* model);
  void CollectRpc(std::vector<prometheus::MetricFamily>& families) const;
  void CollectModels(std::vector<prometheus::MetricFamily>& families) const;

  prometheus::Registry& registry_;
  TransportMetrics transport_;
  const MemoryBudget* memory_ = nullptr;
  const Logger* log_ = nullptr;
  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<RpcMetrics>> methods_ ABSL_GUARDED_BY(mutex_);
  // The counters of an unloaded version disappear with it: rate() handles the start of a new version from 0 correctly.
  absl::flat_hash_set<const ModelMetrics*> models_ ABSL_GUARDED_BY(mutex_);

  prometheus::Counter* model_loads_;
  prometheus::Counter* model_load_failures_;
  prometheus::Counter* model_swaps_;
  prometheus::Family<prometheus::Counter>* models_not_serving_;
  std::array<prometheus::Counter*, 2> models_served_by_hand_;  // By `forced`.
  prometheus::Gauge* model_fallbacks_;
  prometheus::Gauge* model_load_duration_;
  prometheus::Family<prometheus::Gauge>* training_jobs_;
  prometheus::Gauge* training_queue_;
  prometheus::Family<prometheus::Histogram>* training_duration_;
  prometheus::Family<prometheus::Counter>* training_steps_;
  prometheus::Family<prometheus::Gauge>* training_epoch_;
  prometheus::Family<prometheus::Gauge>* training_loss_;
  prometheus::Family<prometheus::Gauge>* training_validation_loss_;
  prometheus::Family<prometheus::Gauge>* training_progress_;
  prometheus::Family<prometheus::Histogram>* store_latency_;
};

}  // namespace roicast
