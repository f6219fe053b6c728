// absl::Status ↔ grpc::Status: both use the canonical codes.
//
// A message travels in a header, and transports refuse headers over 8 KiB, of which a character may take three bytes.
// So it is cut: messages quote what clients sent, and a name of 100 kB would otherwise hide its own error.
#pragma once

#include <grpcpp/support/status.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "base/one_line.h"

namespace roicast {

inline constexpr size_t kMaxStatusMessageBytes = 2000;

inline grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), OneLine(status.message(), kMaxStatusMessageBytes));
}

inline absl::StatusCode ToStatusCode(grpc::StatusCode code) { return static_cast<absl::StatusCode>(code); }

}  // namespace roicast
