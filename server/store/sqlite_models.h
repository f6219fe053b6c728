// Models and versions as rows. Each function runs in the caller's transaction; see store.h for what they promise.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/sqlite_database.h"
#include "server/store/store.h"

namespace roicast {

// Of models that have versions, and of the versions of each; 0: none.
struct VersionLimits {
  int64_t max_models = 0;
  int64_t max_versions = 0;
};

// Whether the model may have one more version. ResourceExhausted (RequestTooLarge).
absl::Status CheckVersionLimits(SqliteDatabase& database, absl::string_view model, const VersionLimits& limits);
// ResourceExhausted, DataLoss …: the database's alone.
absl::StatusOr<ModelVersion> InsertVersion(SqliteDatabase& database, const PublishRequest& request,
                                           const std::string& digest, absl::Time now);
absl::StatusOr<std::vector<ModelVersion>> SelectModels(SqliteDatabase& database, absl::string_view after_model,
                                                       int limit);
absl::StatusOr<std::vector<ModelVersion>> SelectVersions(SqliteDatabase& database, absl::string_view model,
                                                         int64_t before_version, int limit);
absl::StatusOr<ModelVersion> SelectVersion(SqliteDatabase& database, absl::string_view model, int64_t version);
// An artifact as it was stored.
struct StoredArtifact {
  std::string bytes;
  std::string digest;  // Recorded when it was published.
};
absl::StatusOr<StoredArtifact> SelectArtifact(SqliteDatabase& database, absl::string_view model, int64_t version);
// DataLoss: the bytes do not have the recorded digest. Needs no database.
absl::Status CheckArtifact(const StoredArtifact& artifact, absl::string_view model, int64_t version);
absl::Status UpdateLoadError(SqliteDatabase& database, absl::string_view model, int64_t version,
                             absl::string_view error);
absl::StatusOr<std::vector<ModelVersion>> SelectUndecidedVersions(SqliteDatabase& database);
// `why` may be empty.
absl::Status UpdateNotServing(SqliteDatabase& database, absl::string_view model, int64_t version,
                              absl::string_view why);

}  // namespace roicast
