// Lists models, chooses the version that serves, imports and exports artifacts, checks health.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/channel.h"
#include "client/retry.h"
#include "grpc/health/v1/health.pb.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// Thread-safe.
class ModelClient {
 public:
  explicit ModelClient(std::shared_ptr<ChannelPool> channels, CallOptions options = {});

  // All pages. Empty name: the serving version of each model; otherwise all versions of that model.
  absl::StatusOr<std::vector<v1::Model>> ListModels(absl::string_view name) const;
  absl::StatusOr<v1::Model> GetModel(const v1::ModelRef& model) const;
  // Writes the artifact to `out`, whose state the caller checks. Errors: the server's; DATA_LOSS if the size differs
  // from the announced one.
  absl::StatusOr<v1::ServedBy> ExportModel(const v1::ModelRef& model, std::ostream& out) const;
  // Publishes an artifact file. Never retried: a second import would publish a second version.
  absl::StatusOr<v1::Model> ImportModel(absl::string_view name, std::istream& artifact) const;

  // Makes a version serve. A repetition of the call changes nothing.
  absl::StatusOr<v1::Model> ServeVersion(const v1::ServeVersionRequest& request) const;

  // Empty service: the server as a whole.
  absl::StatusOr<grpc::health::v1::HealthCheckResponse::ServingStatus> CheckHealth(absl::string_view service) const;

 private:
  const std::shared_ptr<ChannelPool> channels_;
  const CallOptions options_;
};

}  // namespace roicast::client
