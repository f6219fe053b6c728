// Sends calls, one at a time.
#pragma once

#include <memory>

#include "tests/differential/outcome.h"
#include "tests/differential/raw_call.h"

namespace roicast {

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
