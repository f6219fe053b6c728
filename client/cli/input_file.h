// A file or standard input. Ctrl-C ends a read even while no data arrives.
#pragma once

#include <atomic>
#include <cstdint>
#include <istream>
#include <memory>
#include <streambuf>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace roicast::client {

// Not thread-safe.
class InputFile {
 public:
  // path "-": standard input. Errors: NOT_FOUND, PERMISSION_DENIED and the like; INVALID_ARGUMENT for a directory.
  static absl::StatusOr<std::unique_ptr<InputFile>> Open(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // For messages: the path, or "standard input".
  std::string name() const { return path_ == "-" ? "standard input" : path_; }
  // Bytes; 0 if unknown, as for a pipe.
  int64_t size() const { return size_; }
  // Blocks until data arrives. Returns 1 to `size` bytes, or 0 at the end. Errors: CANCELLED once `stop` is set, or as
  // errno says.
  absl::StatusOr<size_t> Read(char* to, size_t size, const std::atomic<bool>& stop);
  // Starts over. FAILED_PRECONDITION if that is not possible, as with a pipe.
  absl::Status Rewind();
  // The next reads return these bytes first, such as a beginning that has been looked at.
  void PutBack(std::string bytes);

 private:
  InputFile(std::string path, int file, int64_t size) : path_(std::move(path)), file_(file), size_(size) {}

  const std::string path_;
  const int file_;
  const int64_t size_;
  std::string put_back_;
  size_t put_back_read_ = 0;
};

// The file as a stream, which is bad() after a failed read. `file` and `stop` must outlive it.
class InputStream : private std::streambuf, public std::istream {
 public:
  InputStream(InputFile& file, const std::atomic<bool>& stop);
  const absl::Status& status() const { return status_; }

 private:
  std::streambuf::int_type underflow() override;

  InputFile& file_;
  const std::atomic<bool>& stop_;
  std::vector<char> buffer_;
  absl::Status status_;
};

// The content of a file, or of standard input ("-").
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);

}  // namespace roicast::client
