// Deadlines and retries. A call is repeated only where that is safe: the call has no effect when it is made twice, and
// the server said UNAVAILABLE, which means that it did not take the call. RESOURCE_EXHAUSTED means overload or a limit,
// and is handed to the caller at once: repeating it makes overload worse.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace roicast::client {

struct CallOptions {
  // For the call with all its attempts. > 0.
  absl::Duration timeout = absl::Seconds(10);
  // Attempts, the first one included. 1: no retries.
  int max_attempts = 4;
  // Waits grow from the first to the second by a factor of 2, each shortened at random to ½ … 1 of it.
  absl::Duration first_backoff = absl::Milliseconds(50);
  absl::Duration max_backoff = absl::Seconds(2);
};

// The wait before attempt `attempt` (from 1 = the first repetition).
absl::Duration Backoff(const CallOptions& options, int attempt);

void SetDeadline(grpc::ClientContext& context, absl::Time deadline);

// Calls once, or again after UNAVAILABLE, each time with a fresh context that has the deadline.
absl::Status CallIdempotent(const CallOptions& options, absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call);

// Calls exactly once.
absl::Status CallOnce(const CallOptions& options, absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call);

}  // namespace roicast::client
