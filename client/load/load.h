// Generates load on a server and measures its latency.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/number_range.h"
#include "client/channel.h"
#include "client/load/latency_histogram.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast::client {

struct LoadOptions {
  static constexpr NumberRange kInFlight{1, 1e5};
  static constexpr NumberRange kRate{0, 1e7};
  static constexpr NumberRange kThreads{1, 64};

  // Closed loop (rate 0): calls in flight at any time, over all connections; each answer starts the next call.
  int in_flight = 16;
  // Open loop: calls per second, started on schedule whether answers come or not, up to 10,000 in flight. A call's
  // latency counts from the moment at which it was due, not from when it could be sent: a server that stalls cannot
  // hide the calls that had to wait. The run ends on time even if the schedule could not be kept. Tene, "How NOT to
  // Measure Latency" (2015), on coordinated omission.
  double rate = 0;
  absl::Duration duration = absl::Seconds(10);
  // Before `duration`; not measured.
  absl::Duration warm_up = absl::Seconds(1);
  // Timeout of each call.
  absl::Duration timeout = absl::Seconds(10);
  // Threads that receive answers (unary calls).
  int threads = 1;

  absl::Status Validate() const;
};

struct LoadResult {
  // Calls due within the measured time, including those not started.
  int64_t calls = 0;
  // Successful answers received within the measured time.
  int64_t answered = 0;
  // Open loop: calls that were due but not started before the measured time ended, because too many were in flight. The
  // load exceeded what server, network and client can carry.
  int64_t not_started = 0;
  absl::Duration elapsed;
  // Latency of the calls that succeeded. A call not started counts with the time it had waited when the run ended.
  LatencyHistogram latency;
  // Failed calls by status code name.
  std::map<std::string, int64_t> errors;
  // The message of the first failure.
  std::string first_error;

  int64_t failed() const;
  // Successful answers per second.
  double calls_per_second() const;
};

// Sends the requests round robin; there must be at least one. Setting `stop` ends the run early. Thread-safe.
absl::StatusOr<LoadResult> RunPredictLoad(ChannelPool& channels, const std::vector<v1::PredictRequest>& requests,
                                          const LoadOptions& options, const std::atomic<bool>& stop);
absl::StatusOr<LoadResult> RunBatchLoad(ChannelPool& channels, const std::vector<v1::BatchPredictRequest>& requests,
                                        const LoadOptions& options, const std::atomic<bool>& stop);
// Uses one StreamPredict call per connection and counts each item as a call.
absl::StatusOr<LoadResult> RunStreamLoad(ChannelPool& channels, const std::vector<v1::StreamPredictRequest>& requests,
                                         const LoadOptions& options, const std::atomic<bool>& stop);

}  // namespace roicast::client
