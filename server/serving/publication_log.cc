#include "server/serving/publication_log.h"

namespace roicast {

namespace {

// The details of an error are written for programs.
std::string WithoutDetails(const absl::Status& status) {
  return status.ToString(absl::StatusToStringMode::kWithNoExtraData);
}

}  // namespace

using ServingChange = ModelRegistry::ServingChange;

absl::StatusOr<ServingChange> PublicationLog::ActivateTrained(const ModelVersion& version) {
  return Activate(version, "version published", {"job", version.job_id}, version.job_id);
}

absl::StatusOr<ServingChange> PublicationLog::ActivateImported(const ModelVersion& version, absl::string_view peer) {
  return Activate(version, "version imported", {"peer", peer}, peer);
}

absl::StatusOr<ServingChange> PublicationLog::Activate(const ModelVersion& version, absl::string_view message,
                                                       const LogField& publisher, absl::string_view actor) {
  absl::MutexLock lock(&mutex_);
  const int64_t before = registry_.Snapshot()->ServingVersion(version.model);
  absl::StatusOr<ServingChange> change = registry_.Activate(version.model, version.version, actor);
  const int64_t serving = registry_.Snapshot()->ServingVersion(version.model);
  logger_.Info(message, {publisher,
                         {"model", version.model},
                         {"version", version.version},
                         {"replaces", before},
                         {"digest", version.digest},
                         {version.first_metric_name == "AUC" ? "holdout_auc" : "holdout_r2", version.first_metric},
                         {"holdout_r2_transformed", version.holdout_r2},
                         {"serving", serving}});
  if (!change.ok() || !change->not_serving.empty()) {
    WarnNotServing(version.model, version.version, serving,
                   change.ok() ? change->not_serving : WithoutDetails(change.status()));
  }
  return change;
}

void PublicationLog::WarnNotServing(absl::string_view model, int64_t version, int64_t serving,
                                    absl::string_view reason) const {
  logger_.Warning("version not serving",
                  {{"model", model}, {"version", version}, {"serving", serving}, {"reason", reason}});
}

// Without mutex_: an activation may have to decide first about others.
void PublicationLog::LogDecided(const ServingChange& change, absl::string_view actor) const {
  const std::string& model = change.loaded->name();
  const int64_t version = change.loaded->version();
  logger_.Info("version decided later", {{"publisher", actor},
                                         {"model", model},
                                         {"version", version},
                                         {"replaces", change.before},
                                         {"serving", change.serving}});
  if (!change.not_serving.empty()) WarnNotServing(model, version, change.serving, change.not_serving);
}

absl::StatusOr<ServingChange> PublicationLog::Serve(absl::string_view name, int64_t version,
                                                    const ModelRegistry::ByHand& by_hand) {
  absl::MutexLock lock(&mutex_);
  const absl::string_view model = registry_.Resolve(name);
  const int64_t before = registry_.Snapshot()->ServingVersion(model);
  absl::StatusOr<ServingChange> change = registry_.Serve(model, version, by_hand);
  if (!change.ok() && !absl::IsNotFound(change.status()) && !absl::IsInvalidArgument(change.status()) &&
      refusals_.Take()) {
    logger_.Warning("version not served by hand", {{"peer", by_hand.actor},
                                                   {"model", model},
                                                   {"from", before},
                                                   {"to", version},
                                                   {"error", WithoutDetails(change.status())},
                                                   {"suppressed", refusals_.TakeSuppressed()}});
  }
  if (change.ok() && change->recorded) {
    logger_.Info("version served by hand", {{"peer", by_hand.actor},
                                            {"model", model},
                                            {"from", before},
                                            {"to", version},
                                            {"forced", change->forced},
                                            {"holds", change->holds},
                                            {"objections", change->objections},
                                            {"reason", by_hand.reason}});
  }
  return change;
}

}  // namespace roicast
