// Finds the method that a gRPC request calls, and refuses what is not gRPC.
#pragma once

#include <cstdint>
#include <cstring>
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
  // Paths differ in their length and their ends, and a hash of these costs a tenth of one of the whole.
  struct PathHash {
    using is_transparent = void;
    size_t operator()(absl::string_view path) const {
      uint64_t end = 0;
      if (path.size() >= sizeof(end)) std::memcpy(&end, path.data() + path.size() - sizeof(end), sizeof(end));
      return static_cast<size_t>((end ^ path.size()) * 0x9e3779b97f4a7c15U >> 16);
    }
  };
  struct PathEqual {
    using is_transparent = void;
    bool operator()(absl::string_view a, absl::string_view b) const { return a == b; }
  };
  absl::flat_hash_map<std::string, GrpcMethod*, PathHash, PathEqual> methods_;
};

}  // namespace roicast
