// When a call that computes has to stop.
#pragma once

#include "absl/status/status.h"
#include "base/stop_check.h"
#include "server/errors/errors.h"
#include "server/transport/grpc/server_call.h"

namespace roicast {

// Cancelled or DeadlineExceeded once nobody waits for the answer any more. The call has to outlive it.
inline StopCheck StopWithCall(const ServerCall& call) {
  return [&call]() -> absl::Status {
    if (call.cancelled()) return ClientDisconnected();
    if (call.expired()) return absl::DeadlineExceededError("the deadline passed before the answer was computed");
    return absl::OkStatus();
  };
}

}  // namespace roicast
