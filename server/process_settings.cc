#include "server/process_settings.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "absl/synchronization/mutex.h"

namespace roicast {

void KeepFreedMemory() {
  const int cores = static_cast<int>(std::min(std::thread::hardware_concurrency(), 1000u));
  mallopt(M_ARENA_MAX, std::clamp(cores, 2, kMaxHeaps));
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
  mallopt(M_MMAP_THRESHOLD, 8 << 20);
}

void GiveFreedMemoryBack() { malloc_trim(16 << 20); }

uint64_t ResidentMemory() {
  std::ifstream file("/proc/self/statm");
  uint64_t size = 0, resident = 0;
  return file >> size >> resident ? resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  // If that fails, the limit is as it was; DescriptorLimit says what it is.
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
}

int64_t DescriptorLimit() {
  constexpr rlim_t kMost = 1000000;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<int64_t>(std::min(limit.rlim_cur, kMost));
}

void DisableDeadlockDetection() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

}  // namespace roicast
