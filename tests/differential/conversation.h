// Several calls at once on one connection: their frames in an order that chance chose, and frames of other kinds
// between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/differential/raw_call.h"
#include "tests/differential/raw_frame.h"

namespace roicast {

struct Conversation {
  struct Step {
    RawFrame frame;
    // So many bytes of the frame are written together with those before it, the rest with those behind it; at most the
    // whole frame. kTogether: it is not cut.
    size_t cut = kTogether;
    // Behind the frame, the client waits for the answers to all PINGs and SETTINGS.
    bool awaits_answers = false;
  };
  static constexpr size_t kTogether = SIZE_MAX;

  // Call i is on stream 2i + 1. Each ends or is reset. None is of the kinds after which gRPC's server closes the
  // connection, and with it all calls: with metadata that is not base64, or with trailers, in two reads, behind the
  // server's own end of the call.
  std::vector<RawCall> calls;
  // All that the client sends behind the preface, but for its answers to PING and SETTINGS. The last step waits.
  //
  // HTTP/2's rules are kept: header blocks are not interrupted, streams begin in order, nothing but PRIORITY follows a
  // reset, and no stream has more DATA than its first window. The connection's window is for the client to mind.
  std::vector<Step> steps;

  // The calls and the frames; '|': a cut, '?': a wait.
  std::string ToString() const;
};

// `calls` calls of RandomCall.
Conversation RandomConversation(std::mt19937_64& random, size_t calls);

}  // namespace roicast
