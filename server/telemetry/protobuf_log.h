// Lines that libprotobuf writes by itself, such as those about invalid UTF-8 in a request.
#pragma once

#include "server/telemetry/log.h"

namespace roicast {

// From now on they go to `logger`, which lives as long as the process: at most 10 a second, because clients cause them.
// The next one says how many were left out. Thread-safe.
void SendProtobufLogTo(const Logger* logger);

}  // namespace roicast
