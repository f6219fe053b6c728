// Keeps two servers off one store folder.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace roicast {

// Holds flock(2) on a file for as long as it lives; the kernel lets go of it when the process dies, however it dies.
class StoreLock {
 public:
  // FailedPrecondition if another process (or another lock in this one) holds it: the message names its pid. Also if
  // the file holds anything but a pid: another program wrote it.
  // PermissionDenied, ResourceExhausted: the file cannot be made.
  static absl::StatusOr<StoreLock> Acquire(const std::string& path);

  // FailedPrecondition once another file, or none, has the path: then another server may hold that.
  absl::Status Check() const;

  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;
  ~StoreLock();

 private:
  StoreLock(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_ = -1;
  std::string path_;
};

}  // namespace roicast
