// Server reflection, so that tools such as grpcurl work without the .proto files.
#pragma once

namespace roicast {

// For servers that are built afterwards. Its service is synchronous and costs the others nothing.
void EnableReflection();

}  // namespace roicast
