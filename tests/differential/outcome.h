// What comes of a call, as its client sees it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

inline constexpr char kTornMessage[] = "torn";

struct Outcome {
  std::string http_status;
  // Empty: there was none.
  std::string grpc_status;
  // Inflated; one that is cut short is kTornMessage.
  std::vector<std::string> messages;
  // The error code of RST_STREAM; 0: none, or the whole answer was there already.
  uint32_t reset = 0;
  // Nothing ended the stream in time, or the connection broke.
  bool unanswered = false;

  std::string ToString() const;
};

// An answer while it comes.
class Answer {
 public:
  void OnHeader(absl::string_view name, absl::string_view value);
  void OnData(absl::string_view bytes);
  void OnEndStream() { ended_ = true; }
  void OnReset(uint32_t error_code);

  // It ended, or was reset.
  bool complete() const { return ended_ || reset_; }
  bool ended() const { return ended_; }
  // unanswered: it is not complete, and nobody waits for the rest.
  Outcome Finish(bool unanswered) const;

 private:
  Outcome outcome_;
  std::string body_;
  bool gzip_ = false;
  bool ended_ = false;
  bool reset_ = false;
};

}  // namespace roicast
