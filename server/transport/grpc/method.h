// A method of a service, as the transport sees it.
#pragma once

#include "server/transport/grpc/server_call.h"

namespace roicast {

class GrpcMethod {
 public:
  virtual ~GrpcMethod() = default;
  // A call has begun. Returns its object, which belongs to the method and lives until it is unused. On the call's loop.
  virtual ServerCall* Begin(const CallStart& start) = 0;
};

}  // namespace roicast
