#include "base/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr size_t kReadBytes = size_t{64} << 10;

absl::Status CannotRead(int error) {
  const char* const why = std::strerror(error);
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(why);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(why);
    case EIO:
      return absl::DataLossError(why);
    case ENOTDIR:
    case ELOOP:
      return absl::FailedPreconditionError(why);
    default:
      return absl::InternalError(why);
  }
}

absl::Status CheckKind(const struct stat& info) {
  if (S_ISREG(info.st_mode)) return absl::OkStatus();
  return absl::FailedPreconditionError(S_ISDIR(info.st_mode) ? std::strerror(EISDIR)
                                                             : "expected a regular file, which can be read again");
}

}  // namespace

absl::Status CheckRegularFile(int descriptor) {
  struct stat info {};
  return ::fstat(descriptor, &info) == 0 ? CheckKind(info) : CannotRead(errno);
}

absl::StatusOr<std::string> ReadRegularFile(const std::string& path, size_t max_bytes) {
  // Before it is opened, for opening some devices does something; and after that, for it may be another one then.
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return CannotRead(errno);
  ROICAST_RETURN_IF_ERROR(CheckKind(info));
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return CannotRead(errno);
  const absl::Cleanup close = [descriptor] { ::close(descriptor); };
  ROICAST_RETURN_IF_ERROR(CheckRegularFile(descriptor));
  std::string bytes;
  char part[kReadBytes];
  while (bytes.size() <= max_bytes) {
    const ssize_t got = ::read(descriptor, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return CannotRead(errno);
    if (got == 0) return bytes;
    bytes.append(part, static_cast<size_t>(got));
  }
  return absl::FailedPreconditionError(absl::StrCat("expected at most ", max_bytes, " bytes, got more"));
}

}  // namespace roicast
