// absl::Status ↔ grpc::Status: both use the canonical codes.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace roicast {

inline grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

inline absl::StatusCode ToStatusCode(grpc::StatusCode code) { return static_cast<absl::StatusCode>(code); }

}  // namespace roicast
