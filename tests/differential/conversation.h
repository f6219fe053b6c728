// A call as a client sends it, right or wrong, and what comes of it.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast {

struct RawCall {
  std::vector<std::pair<std::string, std::string>> headers;
  // DATA frames; an empty one is sent, too.
  std::vector<std::string> parts;
  // Behind each part: a frame of another kind; '.': none. No PING: more than two of them, and gRPC closes the
  // connection.
  std::string between;
  // The client resets the stream in place of its end.
  bool resets = false;
  // It sends trailers.
  bool trailers = false;

  // What was done to a right call; for messages.
  std::string mutations;

  absl::string_view header(absl::string_view name) const;
};

// A call made of a right one by 0 to 3 mutations.
RawCall RandomCall(std::mt19937_64& random);

struct Outcome {
  std::string http_status;
  // Empty: there was none.
  std::string grpc_status;
  // Inflated.
  std::vector<std::string> messages;
  // The error code of RST_STREAM; 0: none, or the whole answer was there already.
  uint32_t reset = 0;
  // Nothing ended the stream in time, or the connection broke.
  bool unanswered = false;

  std::string ToString() const;
};

// A connection to a server at 127.0.0.1.
class RawClient {
 public:
  explicit RawClient(int port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  Outcome Send(const RawCall& call);
  // Whether it can be used for another call.
  bool usable() const;

 private:
  struct Session;
  const std::unique_ptr<Session> session_;
};

}  // namespace roicast
