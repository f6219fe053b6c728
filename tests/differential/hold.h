// Sends a conversation to a server and listens to its answers.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/conversation.h"
#include "tests/differential/outcome.h"

namespace roicast {

struct HeldConversation {
  // Of each call.
  std::vector<Outcome> calls;
  // The server closed the connection, or said that it would, or did not answer in time.
  bool broken = false;
  // What of HTTP/2's rules the server broke; empty: none. Each PING is answered with its data and each SETTINGS is, a
  // stream has no frames behind its end, and no more DATA than its window and the connection's.
  std::string violation;
};

// On a new connection to 127.0.0.1.
HeldConversation Hold(const Conversation& conversation, int port);

}  // namespace roicast
