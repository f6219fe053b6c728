// Deadlines and retries. A call is retried only where that is safe: it is idempotent, and the server answered
// UNAVAILABLE, which means that it did not accept the call. RESOURCE_EXHAUSTED means overload or a limit and is
// returned at once: retrying makes overload worse.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace roicast::client {

struct CallOptions {
  // For all attempts together. > 0.
  absl::Duration timeout = absl::Seconds(10);
  // Attempts, including the first. 1: no retries.
  int max_attempts = 4;
  // The backoff doubles from first_backoff to max_backoff; each wait is a random ½ to 1 of it.
  absl::Duration first_backoff = absl::Milliseconds(50);
  absl::Duration max_backoff = absl::Seconds(2);
};

// The wait before the given retry, counted from 1.
absl::Duration Backoff(const CallOptions& options, int attempt);

void SetDeadline(grpc::ClientContext& context, absl::Time deadline);

// Sleeps.
void WaitUntil(absl::Time until);

// Retries after UNAVAILABLE. Each attempt gets a new context with the deadline of the whole call. `wait` spends the
// time before a retry, and may return early when there is reason to try again: ChannelPool::AwaitConnection.
absl::Status CallIdempotent(const CallOptions& options, absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call,
                            absl::FunctionRef<void(absl::Time until)> wait = WaitUntil);

// Calls exactly once.
absl::Status CallOnce(const CallOptions& options, absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call);

}  // namespace roicast::client
