// Flags from a config file and from the environment.
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

// The `flags` that the environment sets, in their order. An empty variable counts as not set.
std::vector<FlagSetting> FlagsFromEnvironment(const std::vector<std::string>& flags);

// One name = value per line. Values may be in double quotes. Blank lines are skipped, and so are comments: from a # at
// the start of a line or after a blank. InvalidArgument with file and line: any other line, or a name that is not one
// of `flags`. FailedPrecondition: the file cannot be read, is no regular file, which could be read again, or has more
// than 1 MiB. Never waits.
absl::StatusOr<std::vector<FlagSetting>> FlagsFromFile(const std::string& path, const std::vector<std::string>& flags);

}  // namespace roicast
