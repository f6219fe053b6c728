// What the flags mean for the transport.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/options.h"
#include "server/transport/grpc/server_call.h"
#include "server/transport/grpc/worker_pool.h"
#include "server/transport/transport_server.h"

namespace roicast {

// Without `tls`. descriptors: how many files the process may have open. Of these, the connections of the HTTP port take
// an eighth at most. Errors: InvalidArgument (--listen).
absl::StatusOr<TransportServer::Options> TransportSettings(const ServerOptions& options, int64_t descriptors);

// Without `offload` and `memory`.
CallOptions CallSettings(const ServerOptions& options);

// The same for calls that are no predictions: of what the transport holds, predictions alone may fill the last quarter.
CallOptions ForSlowCalls(CallOptions calls);

// The threads of decisions.
WorkerPool::Options DecisionThreads(const ServerOptions& options);

}  // namespace roicast
