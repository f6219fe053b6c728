#include "server/store/file_status.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"

namespace roicast {

absl::Status FileStatus(int error_number, absl::string_view doing) {
  const std::string message = absl::StrCat("cannot ", doing, ": ", std::strerror(error_number));
  switch (error_number) {
    case ENOSPC:
      return StoreFull(absl::StrCat("cannot ", doing, ": the disk is full"));
    case EDQUOT:
      return StoreFull(absl::StrCat("cannot ", doing, ": the disk quota is used up"));
    case EFBIG:
      return StoreFull(absl::StrCat("cannot ", doing, ": the file is larger than this process may write (ulimit -f)"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case ENOENT:
    case ENOTDIR:
      return absl::FailedPreconditionError(message);
    case EIO:
      return absl::DataLossError(message);
    default:
      return absl::InternalError(message);
  }
}

bool IsFullDisk(int error_number) { return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG; }

absl::Status CheckWritable(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? absl::OkStatus() : FileStatus(errno, absl::StrCat("look at \"", path, "\""));
  }
  const int wanted = S_ISDIR(info.st_mode) ? R_OK | W_OK | X_OK : R_OK | W_OK;
  if (::faccessat(AT_FDCWD, path.c_str(), wanted, AT_EACCESS) == 0) return absl::OkStatus();
  return FileStatus(errno, absl::StrCat("read and write \"", path, "\""));
}

absl::Status SyncFolder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return FileStatus(errno, absl::StrCat("open folder \"", path, "\""));
  const int error_number = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  // Some file systems cannot sync a folder, and do not need to.
  if (error_number != 0 && error_number != EINVAL) {
    return FileStatus(error_number, absl::StrCat("sync folder \"", path, "\""));
  }
  return absl::OkStatus();
}

}  // namespace roicast
