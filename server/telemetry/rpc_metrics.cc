#include "server/telemetry/rpc_metrics.h"

namespace roicast {
namespace {

constexpr std::array<absl::string_view, kStatusCodes> kCodeLabels = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

// 10 µs to 10 s: three per decade, with one more in the range of typical predictions.
constexpr std::array<double, 20> kLatencyBounds = {10e-6,  25e-6,  50e-6, 100e-6, 150e-6, 250e-6, 500e-6,
                                                   1e-3,   2.5e-3, 5e-3,  10e-3,  25e-3,  50e-3,  100e-3,
                                                   250e-3, 500e-3, 1.0,   2.5,    5.0,    10.0};

int InRange(absl::StatusCode code) {
  const int number = static_cast<int>(code);
  return number >= 0 && number < kStatusCodes ? number : static_cast<int>(absl::StatusCode::kUnknown);
}

}  // namespace

absl::string_view StatusCodeLabel(int code) {
  return kCodeLabels[static_cast<size_t>(InRange(static_cast<absl::StatusCode>(code)))];
}

RpcMetrics::RpcMetrics(absl::string_view method) : method_(method) { Latency(0); }

RpcMetrics::~RpcMetrics() {
  for (std::atomic<FastHistogram*>& histogram : latency_) delete histogram.load(std::memory_order_acquire);
}

FastHistogram& RpcMetrics::Latency(int code) {
  std::atomic<FastHistogram*>& slot = latency_[static_cast<size_t>(code)];
  FastHistogram* histogram = slot.load(std::memory_order_acquire);
  if (ABSL_PREDICT_TRUE(histogram != nullptr)) return *histogram;
  auto made = std::make_unique<FastHistogram>(kLatencyBounds);
  if (slot.compare_exchange_strong(histogram, made.get(), std::memory_order_acq_rel)) return *made.release();
  return *histogram;
}

void RpcMetrics::Observe(absl::StatusCode code, absl::Duration latency) {
  Latency(InRange(code)).Observe(static_cast<double>(absl::ToInt64Nanoseconds(latency)) * 1e-9);
}

void RpcMetrics::End(absl::StatusCode code, absl::Duration latency, bool message_broken) {
  Observe(code, latency);
  if (message_broken && code == absl::StatusCode::kInternal) broken_messages_.fetch_add(1, std::memory_order_relaxed);
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
}

RpcCall::RpcCall(RpcMetrics& metrics, std::chrono::steady_clock::time_point begin) : metrics_(&metrics), begin_(begin) {
  metrics.Begin();
}

void RpcCall::Finish(absl::StatusCode code, bool message_broken) {
  if (metrics_ == nullptr) return;
  metrics_->End(code, absl::FromChrono(std::chrono::steady_clock::now() - begin_), message_broken);
  metrics_ = nullptr;
}

}  // namespace roicast
