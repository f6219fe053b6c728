// Which flags a running server can change.
#pragma once

#include <string>
#include <vector>

#include "server/options.h"

namespace roicast {

// A flag whose value differs between the running server and what its sources say now.
struct FlagChange {
  std::string flag;
  std::string from;
  std::string to;
  // Taken over; else it needs a restart.
  bool applied = false;
};

// Takes over from `wanted` the flags that a running server can change: those that the flag table calls reloadable.
// Returns every difference, in the order of ServerOptions::Effective.
std::vector<FlagChange> ApplyReload(const ServerOptions& wanted, ServerOptions& running);

}  // namespace roicast
