#include "client/cli/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/file_error.h"

namespace roicast::client {
namespace {

std::string DescriptorPath(int file) { return absl::StrCat("/proc/self/fd/", file); }

// A file without a name in the directory of `path`, which vanishes however the process ends. −1 if the file system or a
// missing /proc does not allow that.
int OpenNameless(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path();
  if (directory.empty()) directory = ".";
  const int file = open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (file < 0 || access(DescriptorPath(file).c_str(), F_OK) == 0) return file;
  close(file);
  return -1;
}

// Why nothing more can be written.
int CauseOfFailure(int file) {
  pollfd state{file, POLLOUT, 0};
  if (poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0) return EPIPE;
  return write(file, "\n", 1) < 0 ? errno : EIO;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  if (path == "-") return std::unique_ptr<OutputFile>(new OutputFile("standard output", "", false, stdout));
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    // A device or a pipe cannot be replaced; it is written directly.
    if (S_ISDIR(info.st_mode))
      return absl::InvalidArgumentError(absl::StrCat(path, ": expected a file, got a directory"));
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return FileError(errno, path);
    return std::unique_ptr<OutputFile>(new OutputFile(path, "", false, file));
  }
  const std::string temporary = absl::StrCat(path, ".partial-", getpid());
  const int nameless = OpenNameless(path);
  std::FILE* file = nameless >= 0 ? fdopen(nameless, "wb") : std::fopen(temporary.c_str(), "wbe");
  if (file == nullptr) return FileError(errno, path);
  return std::unique_ptr<OutputFile>(new OutputFile(path, temporary, nameless >= 0, file));
}

OutputFile::OutputFile(std::string path, std::string temporary, bool nameless, std::FILE* file)
    : path_(std::move(path)), temporary_(std::move(temporary)), nameless_(nameless), file_(file) {}

OutputFile::~OutputFile() {
  if (file_ == nullptr || file_ == stdout) return;
  std::fclose(file_);
  if (!temporary_.empty() && !nameless_) unlink(temporary_.c_str());
}

absl::Status OutputFile::Write(absl::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return absl::OkStatus();
  return FileError(errno, path_);
}

absl::Status OutputFile::Commit() {
  if (std::fflush(file_) != 0) return FileError(errno, path_);
  if (file_ == stdout) return absl::OkStatus();
  if (!temporary_.empty()) {
    if (fsync(fileno(file_)) != 0) return FileError(errno, path_);
    // Linked under a temporary name first: linkat cannot replace an existing file.
    if (nameless_ &&
        linkat(AT_FDCWD, DescriptorPath(fileno(file_)).c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return FileError(errno, path_);
    }
    if (rename(temporary_.c_str(), path_.c_str()) != 0) {
      const int error = errno;
      unlink(temporary_.c_str());
      return FileError(error, path_);
    }
  }
  std::fclose(std::exchange(file_, nullptr));
  return absl::OkStatus();
}

absl::Status CloseOutput(std::FILE* stream, absl::string_view name) {
  const bool failed_before = std::ferror(stream) != 0;
  if (std::fflush(stream) != 0) return FileError(errno, name);
  return failed_before ? FileError(CauseOfFailure(fileno(stream)), name) : absl::OkStatus();
}

}  // namespace roicast::client
