// A sample of the calls, for a look at what clients do: one call in N, and at most so many lines a second.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/telemetry/log.h"

namespace roicast {

struct AccessLogOptions {
  int64_t sample_every = 0;            // One call in so many; 0: off; 1: all.
  int64_t max_lines_per_second = 100;  // > 0.
  const Clock* clock = &Clock::System();

  absl::Status Validate() const;
};

// One call. The strings live during Record alone.
struct AccessRecord {
  absl::string_view method;
  absl::StatusCode code = absl::StatusCode::kOk;
  absl::Duration latency;
  absl::string_view model;  // Looked up; empty where the call did not get so far.
  int64_t version = 0;
  int64_t rows = 0;
  absl::string_view peer;
};

// Thread-safe. A call that is not in the sample costs one relaxed addition; off, nothing.
class AccessLog {
 public:
  AccessLog(const Logger& logger, const AccessLogOptions& options)
      : logger_(logger), options_(options), sample_every_(options.sample_every) {}

  // Ask before the record is put together.
  bool Sampled();
  // As AccessLogOptions::sample_every, from the next call on.
  void SampleEvery(int64_t calls) { sample_every_.store(calls, std::memory_order_relaxed); }
  // Writes a line, or counts it as suppressed where this second has had its share; the next line tells how many.
  void Record(const AccessRecord& record);

 private:
  const Logger& logger_;
  const AccessLogOptions options_;
  std::atomic<int64_t> sample_every_;
  std::atomic<uint64_t> calls_{0};
  std::atomic<int64_t> second_{0};  // Since 1970.
  std::atomic<int64_t> lines_{0};   // In that second.
  std::atomic<int64_t> suppressed_{0};
};

}  // namespace roicast
