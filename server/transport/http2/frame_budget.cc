#include "server/transport/http2/frame_budget.h"

#include <algorithm>
#include <chrono>

namespace roicast {

std::optional<Cut> FrameBudget::KindOf(const nghttp2_frame_hd& frame) {
  const bool is_answer = (frame.flags & NGHTTP2_FLAG_ACK) != 0;
  switch (frame.type) {
    case NGHTTP2_SETTINGS:
      return is_answer ? std::nullopt : std::make_optional(Cut::kFloodSettings);
    case NGHTTP2_PING:
      return is_answer ? std::nullopt : std::make_optional(Cut::kFloodPing);
    case NGHTTP2_RST_STREAM:
      return Cut::kFloodReset;
    case NGHTTP2_PRIORITY:
      return Cut::kFloodPriority;
    case NGHTTP2_WINDOW_UPDATE:
      return Cut::kFloodWindowUpdate;
    case NGHTTP2_DATA:
      if (frame.length > 0 || (frame.flags & NGHTTP2_FLAG_END_STREAM) != 0) return std::nullopt;
      return Cut::kFloodEmptyData;
    default:
      return std::nullopt;
  }
}

void FrameBudget::Sent(size_t payload_bytes) {
  earned_ = std::min(earned_ + 2 + static_cast<int64_t>(payload_bytes / kBytesPerAnswer), int64_t{limit_} * kMaxEarned);
}

std::optional<Cut> FrameBudget::Received(const nghttp2_frame_hd& frame, EventLoop::Clock::time_point now) {
  const std::optional<Cut> kind = KindOf(frame);
  if (!kind.has_value()) return std::nullopt;
  if (now - second_begin_ >= std::chrono::seconds(1)) {
    second_begin_ = now;
    received_.fill(0);
  }
  if (earned_ > 0 && (kind == Cut::kFloodWindowUpdate || kind == Cut::kFloodPing)) {
    --earned_;
    return std::nullopt;
  }
  const int64_t limit = kind == Cut::kFloodReset ? int64_t{limit_} * kResets : limit_;
  const auto index = static_cast<size_t>(*kind) - static_cast<size_t>(Cut::kFloodSettings);
  return ++received_[index] <= limit ? std::nullopt : kind;
}

}  // namespace roicast
