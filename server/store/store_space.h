// How much a store may hold in all, and what it holds: the database's pages, the files of datasets and those that were
// set aside, and uploads under way.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace roicast {

// Thread-safe.
class StoreSpace {
 public:
  // limit: bytes; 0: none. measure: the bytes of the files now; called when the limit seems to be met, because people
  // may have deleted some.
  StoreSpace(int64_t limit, std::function<int64_t()> measure) : measure_(std::move(measure)), limit_(limit) {}

  void SetLimit(int64_t bytes);
  void SetDatabase(int64_t bytes);
  void SetFiles(int64_t bytes);

  // Takes bytes for a file that grows. ResourceExhausted (RequestTooLarge, "stored bytes"): nothing was taken.
  absl::Status TakeForFile(int64_t bytes);
  // A file is gone, or took the place of another one.
  void GiveBack(int64_t bytes);
  // Whether the database may grow by so much. ResourceExhausted (RequestTooLarge, "stored bytes").
  absl::Status CheckForDatabase(int64_t bytes);

 private:
  absl::Status Check(int64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::function<int64_t()> measure_;
  absl::Mutex mutex_;
  int64_t limit_ ABSL_GUARDED_BY(mutex_);
  int64_t database_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t files_ ABSL_GUARDED_BY(mutex_) = 0;
};

// What a file of this size takes of a disk, about.
int64_t SpaceOfFile(int64_t size_bytes);
// Of all regular files below a folder; 0 if it cannot be read.
int64_t SpaceOfFolder(const std::string& folder);

}  // namespace roicast
