// A result file that appears only once it is complete: written without a name on the target's file system or, where
// that is not supported, under a temporary name beside the target; renamed at the end.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roicast::client {

// Not thread-safe. Without Commit, nothing is left behind.
class OutputFile {
 public:
  // path "-": standard output, which Commit flushes. Errors: PERMISSION_DENIED, NOT_FOUND (directory) and the like.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Errors: RESOURCE_EXHAUSTED (disk full), or as errno says.
  absl::Status Write(absl::string_view bytes);
  absl::Status Commit();

 private:
  OutputFile(std::string path, std::string temporary, bool nameless, std::FILE* file);

  const std::string path_;
  const std::string temporary_;
  // The file has no name yet.
  const bool nameless_;
  std::FILE* file_;
};

// Flushes a stream that has been printed to, and reports what went wrong at any time: a call that printed has lost its
// errno by then, so that the cause is asked for again. A stream that failed may get a line break. Errors: as errno
// says; IsReaderGone if a pipe has lost its reader.
absl::Status CloseOutput(std::FILE* stream, absl::string_view name);

}  // namespace roicast::client
