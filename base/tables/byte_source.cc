#include "base/tables/byte_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace roicast {

absl::StatusOr<size_t> TextSource::Read(char* to, size_t size) {
  const size_t taken = std::min(size, text_.size() - read_);
  if (taken > 0) std::memcpy(to, text_.data() + read_, taken);
  read_ += taken;
  return taken;
}

absl::Status TextSource::Rewind() {
  read_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<FileSource>> FileSource::Open(const std::string& path) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  return std::unique_ptr<FileSource>(new FileSource(path, descriptor));
}

FileSource::~FileSource() { ::close(descriptor_); }

absl::StatusOr<size_t> FileSource::Read(char* to, size_t size) {
  ssize_t taken = 0;
  do {
    taken = ::read(descriptor_, to, size);
  } while (taken < 0 && errno == EINTR);
  if (taken < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path_));
  return static_cast<size_t>(taken);
}

absl::Status FileSource::Rewind() {
  if (::lseek(descriptor_, 0, SEEK_SET) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path_, " cannot be read a second time: ", std::strerror(errno)));
}

}  // namespace roicast
