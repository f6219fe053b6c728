// One line for one call in so many.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace roicast {

// What is written about a call.
struct AccessRecord {
  absl::string_view method;
  std::string peer;
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string message;
  absl::Duration latency;
  int64_t rows = 0;
};

// Thread-safe. Calls that are not sampled cost one relaxed increment.
class AccessLog {
 public:
  using Sink = std::function<void(const AccessRecord&)>;

  // Every `every`-th call is written; 0: none.
  AccessLog(int64_t every, Sink sink) : every_(every), sink_(std::move(sink)) {}

  bool Sample() {
    return every_ > 0 && count_.fetch_add(1, std::memory_order_relaxed) % every_ == 0;
  }
  void Write(const AccessRecord& record) const { sink_(record); }

 private:
  const int64_t every_;
  const Sink sink_;
  std::atomic<int64_t> count_{0};
};

}  // namespace roicast
