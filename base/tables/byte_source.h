// Where the bytes of a table come from, one piece after the other, twice if need be.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roicast {

// Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Up to `size` (≥ 1) bytes into `to`; returns how many. 0: the end. Errors: those of the medium.
  virtual absl::StatusOr<size_t> Read(char* to, size_t size) = 0;
  // Starts over. Errors: FAILED_PRECONDITION where that is not possible, as for a pipe.
  virtual absl::Status Rewind() = 0;
};

// A text in memory, which must outlive this.
class TextSource : public ByteSource {
 public:
  explicit TextSource(absl::string_view text) : text_(text) {}
  absl::StatusOr<size_t> Read(char* to, size_t size) override;
  absl::Status Rewind() override;

 private:
  absl::string_view text_;
  size_t read_ = 0;
};

// A file, or what a path names that can be read from start to end.
class FileSource : public ByteSource {
 public:
  // Errors: NOT_FOUND, PERMISSION_DENIED and others of the system, with the path.
  static absl::StatusOr<std::unique_ptr<FileSource>> Open(const std::string& path);
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  absl::StatusOr<size_t> Read(char* to, size_t size) override;
  absl::Status Rewind() override;

 private:
  FileSource(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  const std::string path_;
  const int descriptor_;
};

}  // namespace roicast
