// What a call returned, as an absl::Status: gRPC's codes are the same numbers, and the machine-readable reason of an
// error comes along.
//
//   if (ReasonOf(status) == v1::MODEL_NOT_FOUND) … ErrorMetadata(status, "model") …
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "roicast/v1/error.pb.h"

namespace roicast::client {

// Keeps the details of the error as payloads.
absl::Status ToAbslStatus(const grpc::Status& status);

// Why the call failed. Unspecified if the server gave no reason, such as a proxy in between or an older one, or
// if this client does not know it.
v1::ErrorReason ReasonOf(const absl::Status& status);

// What the reason is about; roicast/v1/error.proto lists the keys. Empty if there is none.
std::string ErrorMetadata(const absl::Status& status, absl::string_view key);

}  // namespace roicast::client
