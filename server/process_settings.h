// Settings of the C library and of Abseil whose defaults do not suit this program.
#pragma once

#include <cstdint>

namespace roicast {

// Call these before other threads start.

// A batch of a few hundred kilobytes arrives in buffers that live for a millisecond. By default their memory is
// returned to the system each time, and the page faults of the next batch cost as much as its prediction. Keeps up to
// 32 MiB at the end of each heap; there is one heap per core, at least 2 and at most kMaxHeaps. (The C library would
// make 8 per core, and gives nothing of their ends back when it is asked to.) Before the first thread.
void KeepFreedMemory();
inline constexpr int kMaxHeaps = 8;
// Gives back what is kept, but for the ends of heaps. Takes milliseconds, in which allocations wait.
void GiveFreedMemoryBack();
// Bytes of this process that are in memory; 0 if /proc does not say.
uint64_t ResidentMemory();

// Raises the limit of file descriptors as far as the process may: the default of 1024 is for programs that use select.
void RaiseDescriptorLimit();
// How many the process may have open, at most a million.
int64_t DescriptorLimit();

// The packaged Abseil runs deadlock detection at every lock, including gRPC's. That is for debugging, and not free.
void DisableDeadlockDetection();

}  // namespace roicast
