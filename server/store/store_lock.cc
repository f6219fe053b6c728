#include "server/store/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/store/file_status.h"

namespace roicast {

absl::StatusOr<StoreLock> StoreLock::Acquire(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return FileStatus(errno, absl::StrCat("open lock file \"", path, "\""));
  StoreLock lock(descriptor, path);
  const bool locked = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  if (!locked && errno != EWOULDBLOCK) return FileStatus(errno, absl::StrCat("lock \"", path, "\""));
  char buffer[32] = {};
  const ssize_t size = ::pread(descriptor, buffer, sizeof buffer - 1, 0);
  const absl::string_view pid =
      absl::StripAsciiWhitespace(absl::string_view(buffer, size > 0 ? static_cast<size_t>(size) : 0));
  if (!locked) {
    return absl::FailedPreconditionError(absl::StrCat("the store is in use by process ",
                                                      pid.empty() ? "(unknown)" : pid, ", which holds \"", path,
                                                      "\": stop that server, or give this one another store folder"));
  }
  if (!std::all_of(pid.begin(), pid.end(), absl::ascii_isdigit)) {
    return absl::FailedPreconditionError(
        absl::StrCat("\"", path, "\" is a file of another program: give the store another folder"));
  }
  const std::string own = absl::StrCat(::getpid(), "\n");
  // In place, and cut afterwards: a full disk would not give back what a cut had freed.
  if (::pwrite(descriptor, own.data(), own.size(), 0) == static_cast<ssize_t>(own.size())) {
    if (::ftruncate(descriptor, static_cast<off_t>(own.size())) == 0) return lock;
  } else if (IsFullDisk(errno)) {
    // The lock is held all the same. The id is for people, and a former one would mislead them.
    static_cast<void>(::ftruncate(descriptor, 0));
    return lock;
  }
  return FileStatus(errno, absl::StrCat("write lock file \"", path, "\""));
}

absl::Status StoreLock::Check() const {
  struct stat held {
  }, named{};
  if (::fstat(descriptor_, &held) != 0) return FileStatus(errno, absl::StrCat("look at the lock \"", path_, "\""));
  if (::stat(path_.c_str(), &named) != 0 && errno != ENOENT) {
    return FileStatus(errno, absl::StrCat("look at \"", path_, "\""));
  }
  if (held.st_dev == named.st_dev && held.st_ino == named.st_ino) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("\"", path_,
                   "\" was deleted or replaced while this server held it, and another server may use the store: "
                   "nothing is written any more; stop the other one, and start this one again"));
}

StoreLock::StoreLock(StoreLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace roicast
