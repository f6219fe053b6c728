// The signals that the server answers. All threads block them; one thread waits for them here.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace roicast {

enum class SignalRequest {
  kStop,    // SIGTERM, SIGINT
  kReload,  // SIGHUP
  kIgnore,  // SIGUSR1, SIGUSR2: they end a process unless it says otherwise.
};

struct ReceivedSignal {
  SignalRequest request;
  absl::string_view name;  // Such as "SIGHUP".
};

// Blocks the signals in the calling thread. Call before other threads start: they inherit the mask. May be called before
// the constructors of static objects.
void BlockSignals();

// Waits for the next one; nothing after `timeout`.
std::optional<ReceivedSignal> WaitForSignal(absl::Duration timeout);

}  // namespace roicast
