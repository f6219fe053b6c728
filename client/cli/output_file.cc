#include "client/cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace roicast::client {

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  if (path == "-") return std::unique_ptr<OutputFile>(new OutputFile(path, "", stdout));
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    // A device or a pipe cannot be replaced; it is written as it is.
    if (S_ISDIR(info.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": expected a file, got a folder"));
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return absl::ErrnoToStatus(errno, path);
    return std::unique_ptr<OutputFile>(new OutputFile(path, "", file));
  }
  const std::string temporary = absl::StrCat(path, ".partial-", getpid());
  std::FILE* file = std::fopen(temporary.c_str(), "wbe");
  if (file == nullptr) return absl::ErrnoToStatus(errno, temporary);
  return std::unique_ptr<OutputFile>(new OutputFile(path, temporary, file));
}

OutputFile::OutputFile(std::string path, std::string temporary, std::FILE* file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}

OutputFile::~OutputFile() {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  if (file_ != nullptr && !temporary_.empty()) unlink(temporary_.c_str());
}

absl::Status OutputFile::Write(absl::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, path_ == "-" ? "standard output" : path_);
}

absl::Status OutputFile::Commit() {
  if (std::fflush(file_) != 0) return absl::ErrnoToStatus(errno, path_ == "-" ? "standard output" : path_);
  if (file_ == stdout) return absl::OkStatus();
  if (!temporary_.empty() && fsync(fileno(file_)) != 0) return absl::ErrnoToStatus(errno, path_);
  if (!temporary_.empty() && rename(temporary_.c_str(), path_.c_str()) != 0) return absl::ErrnoToStatus(errno, path_);
  std::fclose(std::exchange(file_, nullptr));
  return absl::OkStatus();
}

}  // namespace roicast::client
