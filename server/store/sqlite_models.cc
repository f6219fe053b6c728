#include "server/store/sqlite_models.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

constexpr absl::string_view kVersionColumns =
    "model, version, digest, size_bytes, publish_time, job_id, network, holdout_r2, load_error, decided, not_serving, "
    "first_metric, first_metric_name";

ModelVersion ReadVersion(const SqliteStatement& row) {
  ModelVersion version;
  version.model = row.Bytes(0);
  version.version = row.Int(1);
  version.digest = row.Bytes(2);
  version.size_bytes = row.Int(3);
  version.publish_time = row.Time(4).value_or(absl::UnixEpoch());
  version.job_id = row.Bytes(5);
  version.network = row.Bytes(6);
  version.holdout_r2 = row.Double(7);
  version.load_error = row.Bytes(8);
  version.decided = row.Int(9) != 0;
  version.first_metric = row.Double(11);
  version.first_metric_name = row.Bytes(12);
  version.not_serving = version.decided ? row.Bytes(10) : kUndecided;
  return version;
}

absl::StatusOr<std::vector<ModelVersion>> ReadVersions(SqliteStatement& statement) {
  std::vector<ModelVersion> versions;
  while (true) {
    ROICAST_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return versions;
    versions.push_back(ReadVersion(statement));
  }
}

absl::Status NoVersion(absl::string_view model, int64_t version) {
  return version == 0 ? ModelNotFound(model, ": train or import it first") : VersionNotFound(model, version);
}

absl::StatusOr<int64_t> Count(SqliteStatement& statement) {
  ROICAST_RETURN_IF_ERROR(statement.Step().status());
  return statement.Int(0);
}

}  // namespace

absl::Status CheckVersionLimits(SqliteDatabase& database, absl::string_view model, const VersionLimits& limits) {
  SqliteStatement of_model = database.Prepare("SELECT COUNT(*) FROM versions WHERE model = ?");
  ROICAST_ASSIGN_OR_RETURN(const int64_t versions, Count(of_model.BindText(model)));
  if (limits.max_versions > 0 && versions >= limits.max_versions) {
    return RequestTooLarge("versions of a model", limits.max_versions, versions + 1);
  }
  if (versions > 0 || limits.max_models == 0) return absl::OkStatus();
  SqliteStatement with_versions = database.Prepare(
      "SELECT COUNT(*) FROM models AS m WHERE EXISTS (SELECT 1 FROM versions AS v WHERE v.model = m.name)");
  ROICAST_ASSIGN_OR_RETURN(const int64_t models, Count(with_versions));
  if (models < limits.max_models) return absl::OkStatus();
  return RequestTooLarge("models", limits.max_models, models + 1);
}

absl::StatusOr<ModelVersion> InsertVersion(SqliteDatabase& database, const PublishRequest& request,
                                           const std::string& digest, absl::Time now) {
  ModelVersion version;
  version.model = request.model;
  version.digest = digest;
  version.size_bytes = static_cast<int64_t>(request.artifact.size());
  version.publish_time = absl::FromUnixMicros(absl::ToUnixMicros(now));
  version.job_id = request.job_id;
  version.network = request.network;
  version.holdout_r2 = request.holdout_r2;
  version.first_metric = request.first_metric;
  version.first_metric_name = request.first_metric_name;
  version.not_serving = kUndecided;
  {
    SqliteStatement count = database.Prepare(
        "INSERT INTO models (name, last_version) VALUES (?, 1) "
        "ON CONFLICT (name) DO UPDATE SET last_version = last_version + 1 RETURNING last_version");
    ROICAST_RETURN_IF_ERROR(count.BindText(version.model).Step().status());
    version.version = count.Int(0);
    ROICAST_RETURN_IF_ERROR(count.Run());
  }
  ROICAST_RETURN_IF_ERROR(database
                              .Prepare(absl::StrCat("INSERT INTO versions (", kVersionColumns,
                                                    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', 0, '', ?, ?)"))
                              .BindText(version.model)
                              .BindInt(version.version)
                              .BindText(version.digest)
                              .BindInt(version.size_bytes)
                              .BindTime(version.publish_time)
                              .BindText(version.job_id)
                              .BindText(version.network)
                              .BindDouble(version.holdout_r2)
                              .BindDouble(version.first_metric)
                              .BindText(version.first_metric_name)
                              .Run());
  ROICAST_RETURN_IF_ERROR(database.Prepare("INSERT INTO artifacts (model, version, bytes) VALUES (?, ?, ?)")
                              .BindText(version.model)
                              .BindInt(version.version)
                              .BindBlob(request.artifact)
                              .Run());
  return version;
}

absl::StatusOr<std::vector<ModelVersion>> SelectModels(SqliteDatabase& database, absl::string_view after_model,
                                                       int limit) {
  SqliteStatement statement = database.Prepare(
      absl::StrCat("SELECT ", kVersionColumns,
                   " FROM versions AS v WHERE model > ? AND version = "
                   "(SELECT MAX(version) FROM versions WHERE model = v.model) ORDER BY model LIMIT ?"));
  statement.BindText(after_model).BindInt(limit);
  return ReadVersions(statement);
}

absl::StatusOr<std::vector<ModelVersion>> SelectVersions(SqliteDatabase& database, absl::string_view model,
                                                         int64_t before_version, int limit) {
  SqliteStatement known = database.Prepare("SELECT 1 FROM models WHERE name = ?");
  ROICAST_ASSIGN_OR_RETURN(const bool exists, known.BindText(model).Step());
  if (!exists) return ModelNotFound(model);
  SqliteStatement statement = database.Prepare(absl::StrCat(
      "SELECT ", kVersionColumns, " FROM versions WHERE model = ? AND version < ? ORDER BY version DESC LIMIT ?"));
  statement.BindText(model)
      .BindInt(before_version > 0 ? before_version : std::numeric_limits<int64_t>::max())
      .BindInt(limit);
  return ReadVersions(statement);
}

absl::StatusOr<ModelVersion> SelectVersion(SqliteDatabase& database, absl::string_view model, int64_t version) {
  SqliteStatement statement =
      database.Prepare(absl::StrCat("SELECT ", kVersionColumns,
                                    " FROM versions WHERE model = ?1 AND (version = ?2 OR ?2 = 0) "
                                    "ORDER BY version DESC LIMIT 1"));
  ROICAST_ASSIGN_OR_RETURN(const bool row, statement.BindText(model).BindInt(version).Step());
  if (!row) return NoVersion(model, version);
  return ReadVersion(statement);
}

absl::StatusOr<StoredArtifact> SelectArtifact(SqliteDatabase& database, absl::string_view model, int64_t version) {
  SqliteStatement statement = database.Prepare(
      "SELECT a.bytes, v.digest FROM versions AS v LEFT JOIN artifacts AS a USING (model, version) "
      "WHERE v.model = ? AND v.version = ?");
  ROICAST_ASSIGN_OR_RETURN(const bool row, statement.BindText(model).BindInt(version).Step());
  if (!row) return NoVersion(model, version);
  return StoredArtifact{.bytes = statement.Bytes(0), .digest = statement.Bytes(1)};
}

absl::Status CheckArtifact(const StoredArtifact& artifact, absl::string_view model, int64_t version) {
  const std::string actual = Sha256Hex(artifact.bytes);
  if (actual == artifact.digest) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("model \"", model, "\" version ", version,
                                          ": the artifact was published with digest ", artifact.digest,
                                          ", but the stored bytes have ", actual));
}

absl::Status UpdateLoadError(SqliteDatabase& database, absl::string_view model, int64_t version,
                             absl::string_view error) {
  ROICAST_RETURN_IF_ERROR(database.Prepare("UPDATE versions SET load_error = ? WHERE model = ? AND version = ?")
                              .BindText(error)
                              .BindText(model)
                              .BindInt(version)
                              .Run());
  return database.Changes() == 0 ? NoVersion(model, version) : absl::OkStatus();
}

absl::StatusOr<std::vector<ModelVersion>> SelectUndecidedVersions(SqliteDatabase& database) {
  SqliteStatement statement = database.Prepare(
      absl::StrCat("SELECT ", kVersionColumns, " FROM versions WHERE decided = 0 ORDER BY model, version"));
  return ReadVersions(statement);
}

absl::Status UpdateNotServing(SqliteDatabase& database, absl::string_view model, int64_t version,
                              absl::string_view why) {
  ROICAST_RETURN_IF_ERROR(
      database.Prepare("UPDATE versions SET decided = 1, not_serving = ? WHERE model = ? AND version = ?")
          .BindText(why)
          .BindText(model)
          .BindInt(version)
          .Run());
  return database.Changes() == 0 ? NoVersion(model, version) : absl::OkStatus();
}

}  // namespace roicast
