// Logs the counters when the server stops: what was counted after the last scrape would be lost otherwise.
#pragma once

#include "prometheus/collectable.h"
#include "server/telemetry/log.h"

namespace roicast {

// A line per counter that is not 0, as a series of PromQL with its last value, such as
//   last value series="roicast_rpc_requests_total{method=\"PredictionService/Predict\",code=\"INTERNAL\"}" value=3
// A histogram counts as its _count; it is left out if a counter says the same. Left out as well: operations of the
// store that succeeded, and the process's figures.
void LogFinalCounts(const prometheus::Collectable& metrics, const Logger& logger);

}  // namespace roicast
