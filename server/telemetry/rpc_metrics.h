// The metrics of one RPC method.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "prometheus/client_metric.h"
#include "server/telemetry/fast_histogram.h"

namespace roicast {

inline constexpr int kStatusCodes = 17;  // The canonical ones, 0 to 16.
// "OK", "INVALID_ARGUMENT" … Codes outside 0 to 16 count as UNKNOWN.
absl::string_view StatusCodeLabel(int code);

// Thread-safe; takes no lock.
class RpcMetrics {
 public:
  explicit RpcMetrics(absl::string_view method);
  ~RpcMetrics();
  RpcMetrics(const RpcMetrics&) = delete;
  RpcMetrics& operator=(const RpcMetrics&) = delete;

  // A call has started. Each Begin needs one End; RpcCall ensures that.
  void Begin() { in_flight_.fetch_add(1, std::memory_order_relaxed); }
  // message_broken: the client broke a message of it (ServerCall::message_broken).
  void End(absl::StatusCode code, absl::Duration latency, bool message_broken = false);
  // Counts something that has no start of its own, such as an item of a stream.
  void Observe(absl::StatusCode code, absl::Duration latency);

  const std::string& method() const { return method_; }
  int64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  // Calls that count as INTERNAL because the client broke a message: no fault of the server's.
  int64_t broken_messages() const { return broken_messages_.load(std::memory_order_relaxed); }
  // nullptr: the code never occurred.
  const FastHistogram* latency(int code) const {
    return latency_[static_cast<size_t>(code)].load(std::memory_order_acquire);
  }

 private:
  FastHistogram& Latency(int code);

  const std::string method_;
  std::atomic<int64_t> in_flight_{0};
  std::atomic<int64_t> broken_messages_{0};
  // Created on first use: most methods return only two or three codes.
  std::array<std::atomic<FastHistogram*>, kStatusCodes> latency_{};
};

// Observes one call on every exit path: a call destroyed before Finish counts as CANCELLED. Not thread-safe.
class RpcCall {
 public:
  // begin: when the call had arrived.
  explicit RpcCall(RpcMetrics& metrics, std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now());
  RpcCall(const RpcCall&) = delete;
  RpcCall& operator=(const RpcCall&) = delete;
  ~RpcCall() { Finish(absl::StatusCode::kCancelled); }
  // Only the first call counts. message_broken: as for RpcMetrics::End.
  void Finish(absl::StatusCode code, bool message_broken = false);

 private:
  RpcMetrics* metrics_;
  const std::chrono::steady_clock::time_point begin_;
};

}  // namespace roicast
