#include "server/port_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

// Call where errno is still the reason. Leaves nothing behind.
absl::Status GiveUp(const std::string& path, const std::string& temporary) {
  const absl::Status why =
      absl::PermissionDeniedError(absl::StrCat("--port_file: cannot write ", path, ": ", std::strerror(errno)));
  unlink(temporary.c_str());
  return why;
}

}  // namespace

absl::Status WritePortFile(const std::string& path, const Ports& ports) {
  if (path.empty()) return absl::OkStatus();
  const std::string temporary = absl::StrCat(path, ".", getpid());
  {
    std::ofstream file(temporary);
    file << nlohmann::json{{"grpc_port", ports.grpc_port},
                           {"grpc_addresses", ports.grpc_addresses},
                           {"http_port", ports.http_port},
                           {"pid", getpid()}}
         << "\n";
    if (!file.flush()) return GiveUp(path, temporary);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return GiveUp(path, temporary);
  return absl::OkStatus();
}

}  // namespace roicast
