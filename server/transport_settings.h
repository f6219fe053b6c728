// What the flags mean for the transport.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/options.h"
#include "server/transport/grpc/server_call.h"
#include "server/transport/grpc/worker_pool.h"
#include "server/transport/transport_server.h"

namespace roicast {

// What a call takes as such, by measurement; with headers and parts of messages that are too small to be counted.
inline constexpr uint64_t kBytesOfStream = 9 << 10;

// How much of the memory budget only predictions may take: as much again for batches under way as the transport may
// hold for clients, but not all of a small budget.
uint64_t PredictionReserve(const ServerOptions& options);

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
