// A unary method of a service as a function from request to response.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "client/channel.h"
#include "client/retry.h"

namespace roicast::client {

// Calls `method` of a stub on the next channel, and again after UNAVAILABLE as the options say: only for methods that
// are safe to repeat. Response and request are deduced: CallIdempotent(channels, options, &Stub::GetModel, request).
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallIdempotent(ChannelPool& channels, const CallOptions& options,
                                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                        const Request& request) {
  Response response;
  ROICAST_RETURN_IF_ERROR(CallIdempotent(
      options,
      [&](grpc::ClientContext& context) { return (Stub(channels.Next()).*method)(&context, request, &response); },
      [&](absl::Time until) { channels.AwaitConnection(until); }));
  return response;
}

}  // namespace roicast::client
