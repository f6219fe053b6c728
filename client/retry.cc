#include "client/retry.h"

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"
#include "base/random.h"
#include "client/status.h"

namespace roicast::client {

absl::Duration Backoff(const CallOptions& options, int attempt) {
  thread_local Random random(static_cast<uint64_t>(absl::GetCurrentTimeNanos()));
  absl::Duration wait = options.first_backoff;
  for (int i = 1; i < attempt && wait < options.max_backoff; ++i) wait *= 2;
  return std::min(wait, options.max_backoff) * random.Uniform(0.5, 1.0);
}

void SetDeadline(grpc::ClientContext& context, absl::Time deadline) {
  if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
}

void WaitUntil(absl::Time until) { absl::SleepFor(until - absl::Now()); }

absl::Status CallIdempotent(const CallOptions& options, absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call,
                            absl::FunctionRef<void(absl::Time until)> wait) {
  const absl::Time deadline = absl::Now() + options.timeout;
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    SetDeadline(context, deadline);
    const grpc::Status status = call(context);
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE || attempt >= options.max_attempts) {
      return ToAbslStatus(status);
    }
    wait(std::min(absl::Now() + Backoff(options, attempt), deadline));
    if (absl::Now() >= deadline) return ToAbslStatus(status);
  }
}

absl::Status CallOnce(const CallOptions& options, absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call) {
  grpc::ClientContext context;
  SetDeadline(context, absl::Now() + options.timeout);
  return ToAbslStatus(call(context));
}

}  // namespace roicast::client
