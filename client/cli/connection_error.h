// What to say of a call that did not reach the server.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast::client {

// The message of an UNAVAILABLE for which the server gave no reason, so that it comes from the gRPC library. It says
// what failed in words that expose the library's resolver and may change with its version. Those that are known become
// "cannot connect to HOST:PORT: Connection refused" or "cannot find the address of HOST:PORT"; all others become
// "cannot reach HOST:PORT: …" with the library's words. What stands before them, such as the lines of a batch, stays.
std::string ConnectionErrorMessage(const absl::Status& status, absl::string_view server);

// What to do about an UNAVAILABLE that comes from encryption, or from its absence. encrypted: the call was to be.
// Empty: it comes from something else.
absl::string_view EncryptionHint(const absl::Status& status, bool encrypted);

// Whether what answered speaks HTTP, and not gRPC: the server's HTTP port, or another server.
bool IsHttpAnswer(const absl::Status& status);

}  // namespace roicast::client
