// The access log: every Nth call, with a maximum number of lines per second.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/flag_defaults.h"
#include "server/telemetry/line_limit.h"
#include "server/telemetry/log.h"

namespace roicast {

struct AccessLogOptions {
  int64_t sample_every = defaults::kAccessLogEvery;  // Log every Nth call; 0: none.
  int64_t max_lines_per_second = 100;                // > 0.
  const Clock* clock = &Clock::System();

  absl::Status Validate() const;
};

// One call. The strings need to live only until Record returns.
struct AccessRecord {
  absl::string_view method;
  absl::StatusCode code = absl::StatusCode::kOk;
  absl::Duration latency;
  absl::string_view model;  // Looked up; empty if the call failed before that.
  int64_t version = 0;
  int64_t rows = 0;
  absl::string_view peer;
};

// Thread-safe. A call that is not sampled costs one relaxed addition, and nothing if the log is off.
class AccessLog {
 public:
  AccessLog(const Logger& logger, const AccessLogOptions& options)
      : logger_(logger), options_(options), sample_every_(options.sample_every), limit_(options.max_lines_per_second) {}

  // Call before building the record.
  bool Sampled();
  // As AccessLogOptions::sample_every, from the next call on.
  void SampleEvery(int64_t calls) { sample_every_.store(calls, std::memory_order_relaxed); }
  // Writes a line. Beyond the limit of this second it only counts the line as suppressed; the next line says how many.
  void Record(const AccessRecord& record);

 private:
  const Logger& logger_;
  const AccessLogOptions options_;
  std::atomic<int64_t> sample_every_;
  std::atomic<uint64_t> calls_{0};
  LineLimit limit_;
};

}  // namespace roicast
