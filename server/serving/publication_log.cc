#include "server/serving/publication_log.h"

namespace roicast {

absl::Status PublicationLog::ActivateTrained(const ModelVersion& version) {
  return Activate(version, "version published", {"job", version.job_id});
}

absl::Status PublicationLog::ActivateImported(const ModelVersion& version, absl::string_view peer) {
  return Activate(version, "version imported", {"peer", peer});
}

absl::Status PublicationLog::Activate(const ModelVersion& version, absl::string_view message,
                                      const LogField& publisher) {
  absl::MutexLock lock(&mutex_);
  const int64_t before = registry_.Snapshot()->ServingVersion(version.model);
  absl::Status activated = registry_.Activate(version.model, version.version).status();
  logger_.Info(message, {publisher,
                         {"model", version.model},
                         {"version", version.version},
                         {"replaces", before},
                         {"digest", version.digest},
                         {"holdout_r2", version.holdout_r2},
                         {"serving", registry_.Snapshot()->ServingVersion(version.model)}});
  return activated;
}

}  // namespace roicast
