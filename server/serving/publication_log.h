// Which versions begin to serve, on the record of the log.
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/serving/model_registry.h"
#include "server/store/store.h"
#include "server/telemetry/line_limit.h"
#include "server/telemetry/log.h"

namespace roicast {

// Thread-safe.
class PublicationLog {
 public:
  static constexpr int64_t kRefusalLinesPerSecond = 10;

  // Both outlive it.
  PublicationLog(ModelRegistry* registry, const Logger* logger) : registry_(*registry), logger_(*logger) {}

  // Let a version that a job or a caller (`peer`, its address) has just published serve, as ModelRegistry::Activate
  // does, and log one line, whether it serves or not: who, model, version, which version served before ("replaces", 0:
  // none), digest, R² (or AUC) on new rows, R² on the transformed scale, which version serves now; and a warning with
  // the reason if it does not. Errors: as of Activate.
  absl::StatusOr<ModelRegistry::ServingChange> ActivateTrained(const ModelVersion& version);
  absl::StatusOr<ModelRegistry::ServingChange> ActivateImported(const ModelVersion& version, absl::string_view peer);

  // Logs what became of a version that is decided about later (ModelRegistry::OnDecided): who published it, model,
  // version, which version served before, which serves now; and the warning.
  void LogDecided(const ModelRegistry::ServingChange& change, absl::string_view actor) const;

  // Makes a version serve, as ModelRegistry::Serve does, and logs who changed what, and why; a refusal and an error
  // too, but no more than kRefusalLinesPerSecond of them: a client may ask as often as it likes.
  absl::StatusOr<ModelRegistry::ServingChange> Serve(absl::string_view model, int64_t version,
                                                     const ModelRegistry::ByHand& by_hand);

 private:
  absl::StatusOr<ModelRegistry::ServingChange> Activate(const ModelVersion& version, absl::string_view message,
                                                        const LogField& publisher, absl::string_view actor);

  void WarnNotServing(absl::string_view model, int64_t version, int64_t serving, absl::string_view reason) const;

  ModelRegistry& registry_;
  const Logger& logger_;
  LineLimit refusals_{kRefusalLinesPerSecond};
  // One activation at a time, so that a line does not mix two. Before the registry's locks.
  absl::Mutex mutex_;
};

}  // namespace roicast
