// Flags that are not on the command line: those of a config file and of the environment.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roicast {

// One flag's value, and where it was found, such as "server.conf:3" or "ROICAST_LAME_DUCK".
struct FlagSetting {
  std::string name;
  std::string value;
  std::string where;
};

// "max_in_flight" → "ROICAST_MAX_IN_FLIGHT".
std::string EnvironmentName(absl::string_view flag);

// Those of `flags` that the environment sets, in their order. A variable that is empty counts as not set.
std::vector<FlagSetting> FlagsFromEnvironment(const std::vector<std::string>& flags);

// A line each: name = value. Values may stand in double quotes; blank lines are skipped, as is what follows a # at the
// begin of a line or after a blank. InvalidArgument naming file and line: anything else, or a name that is not one of
// `flags`. FailedPrecondition: the file cannot be read.
absl::StatusOr<std::vector<FlagSetting>> FlagsFromFile(const std::string& path, const std::vector<std::string>& flags);

}  // namespace roicast
