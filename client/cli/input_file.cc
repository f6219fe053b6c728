#include "client/cli/input_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/cli/file_error.h"

namespace roicast::client {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 18;
constexpr int kStopPollMillis = 100;

}  // namespace

absl::StatusOr<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path) {
  if (path == "-") return std::unique_ptr<InputFile>(new InputFile("standard input", STDIN_FILENO, 0));
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return FileError(errno, path);
  struct stat info {};
  if (fstat(file, &info) == 0 && S_ISDIR(info.st_mode)) {
    close(file);
    return absl::InvalidArgumentError(absl::StrCat(path, ": expected a file, got a directory"));
  }
  return std::unique_ptr<InputFile>(new InputFile(path, file, S_ISREG(info.st_mode) ? info.st_size : 0));
}

InputFile::~InputFile() {
  if (file_ != STDIN_FILENO) close(file_);
}

absl::StatusOr<size_t> InputFile::Read(char* to, size_t size, const std::atomic<bool>& stop) {
  if (put_back_read_ < put_back_.size()) {
    const size_t got = put_back_.copy(to, size, put_back_read_);
    put_back_read_ += got;
    return got;
  }
  while (true) {
    if (stop.load()) return absl::CancelledError(absl::StrCat(path_, ": reading was cancelled"));
    pollfd readable{file_, POLLIN, 0};
    const int ready = poll(&readable, 1, kStopPollMillis);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    if (ready < 0) return FileError(errno, path_);
    const ssize_t got = read(file_, to, size);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR && errno != EAGAIN) return FileError(errno, path_);
  }
}

absl::Status InputFile::Rewind() {
  if (lseek(file_, 0, SEEK_SET) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path_, ": cannot be read twice"));
  }
  put_back_.clear();
  put_back_read_ = 0;
  return absl::OkStatus();
}

void InputFile::PutBack(std::string bytes) {
  put_back_ = std::move(bytes) + put_back_.substr(put_back_read_);
  put_back_read_ = 0;
}

InputStream::InputStream(InputFile& file, const std::atomic<bool>& stop)
    : std::istream(nullptr), file_(file), stop_(stop), buffer_(kBufferBytes) {
  rdbuf(this);
}

std::streambuf::int_type InputStream::underflow() {
  const absl::StatusOr<size_t> got = file_.Read(buffer_.data(), buffer_.size(), stop_);
  if (!got.ok()) {
    status_ = got.status();
    setstate(std::ios::badbit);
  }
  if (!got.ok() || *got == 0) return std::char_traits<char>::eof();
  setg(buffer_.data(), buffer_.data(), buffer_.data() + *got);
  return std::char_traits<char>::to_int_type(*gptr());
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> file, InputFile::Open(path));
  const std::atomic<bool> never{false};
  std::string text;
  while (true) {
    const size_t had = text.size();
    text.resize(had + kBufferBytes);
    ROICAST_ASSIGN_OR_RETURN(const size_t got, file->Read(text.data() + had, kBufferBytes, never));
    text.resize(had + got);
    if (got == 0) return text;
  }
}

}  // namespace roicast::client
