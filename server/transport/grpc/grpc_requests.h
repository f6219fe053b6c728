// Finds the method that a gRPC request calls, and refuses what is not gRPC.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/transport/grpc/method.h"
#include "server/transport/http2/http2_stream.h"

namespace roicast {

// Filled before the first connection; then safe to use from all loops.
class GrpcRequests final : public Http2Requests {
 public:
  // path: "/package.Service/Method". The method has to outlive all connections.
  void Add(absl::string_view path, GrpcMethod* method);

  // UNIMPLEMENTED for paths that are not there; HTTP's 405 and 415 for what is not gRPC.
  Http2Stream* Begin(Http2Session& session, int32_t id, HeaderBlock& headers, bool ended) override;

 private:
  absl::flat_hash_map<std::string, GrpcMethod*> methods_;
};

}  // namespace roicast
