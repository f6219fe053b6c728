#include "server/store/store_space.h"

#include <filesystem>
#include <system_error>

#include "server/errors/errors.h"

namespace roicast {
namespace {

constexpr int64_t kBlockBytes = 4096;

}  // namespace

void StoreSpace::SetLimit(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  limit_ = bytes;
}

void StoreSpace::SetDatabase(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  database_ = bytes;
}

void StoreSpace::SetFiles(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  files_ = bytes;
}

absl::Status StoreSpace::Check(int64_t bytes) {
  if (limit_ == 0 || bytes <= limit_ - database_ - files_) return absl::OkStatus();
  files_ = measure_();
  if (bytes <= limit_ - database_ - files_) return absl::OkStatus();
  return RequestTooLarge("stored bytes", limit_, database_ + files_ + bytes);
}

absl::Status StoreSpace::TakeForFile(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  absl::Status enough = Check(bytes);
  if (enough.ok()) files_ += bytes;
  return enough;
}

void StoreSpace::GiveBack(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  files_ -= bytes;
}

absl::Status StoreSpace::CheckForDatabase(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  return Check(bytes);
}

int64_t SpaceOfFile(int64_t size_bytes) { return (size_bytes / kBlockBytes + 1) * kBlockBytes; }

int64_t SpaceOfFolder(const std::string& folder) {
  int64_t total = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unreadable;
    if (!entry->is_regular_file(unreadable) || entry->is_symlink(unreadable)) continue;
    const uintmax_t size = entry->file_size(unreadable);
    if (!unreadable) total += SpaceOfFile(static_cast<int64_t>(size));
  }
  return total;
}

}  // namespace roicast
