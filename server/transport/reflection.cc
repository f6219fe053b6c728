#include "server/transport/reflection.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>

namespace roicast {

void EnableReflection() { grpc::reflection::InitProtoReflectionServerBuilderPlugin(); }

}  // namespace roicast
