#include "server/process_settings.h"

#include <malloc.h>

#include "absl/synchronization/mutex.h"

namespace roicast {

void KeepFreedMemory() {
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
  mallopt(M_MMAP_THRESHOLD, 8 << 20);
}

void GiveFreedMemoryBack() { malloc_trim(16 << 20); }

void DisableDeadlockDetection() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

}  // namespace roicast
