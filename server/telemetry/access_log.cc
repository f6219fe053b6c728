#include "server/telemetry/access_log.h"

#include "absl/strings/str_cat.h"
#include "server/telemetry/rpc_metrics.h"

namespace roicast {

absl::Status AccessLogOptions::Validate() const {
  if (sample_every < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("access log: expected every Nth call with N ≥ 0, got ", sample_every));
  }
  if (max_lines_per_second <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("access log: expected > 0 lines per second, got ", max_lines_per_second));
  }
  return absl::OkStatus();
}

bool AccessLog::Sampled() {
  const int64_t every = sample_every_.load(std::memory_order_relaxed);
  if (every == 0) return false;
  return calls_.fetch_add(1, std::memory_order_relaxed) % static_cast<uint64_t>(every) == 0;
}

void AccessLog::Record(const AccessRecord& record) {
  if (!limit_.Take(absl::ToUnixSeconds(options_.clock->Now()))) return;
  logger_.Info("call", {{"method", record.method},
                        {"code", StatusCodeLabel(static_cast<int>(record.code))},
                        {"latency_us", absl::ToDoubleMicroseconds(record.latency)},
                        {"model", record.model},
                        {"version", record.version},
                        {"rows", record.rows},
                        {"peer", record.peer},
                        {"suppressed", limit_.TakeSuppressed()}});
}

}  // namespace roicast
