// absl::Status ↔ grpc::Status: both use the canonical codes. The payloads of an absl::Status travel as the details of a
// google.rpc.Status, which gRPC sends in the trailing metadata `grpc-status-details-bin`.
//
// Message and details travel in headers, and transports refuse headers over 8 KiB, of which a character of the message
// may take three bytes. So the message is cut: it quotes what clients sent, and a name of 100 kB would otherwise hide
// its own error.
#pragma once

#include <grpcpp/support/status.h>

#include <cstddef>

#include "absl/status/status.h"

namespace roicast {

inline constexpr size_t kMaxStatusMessageBytes = 2000;
// The details repeat the message.
inline constexpr size_t kMaxMessageBytesWithDetails = 1000;

grpc::Status ToGrpcStatus(const absl::Status& status);

inline absl::StatusCode ToStatusCode(grpc::StatusCode code) { return static_cast<absl::StatusCode>(code); }

}  // namespace roicast
