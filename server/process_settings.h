// What the libraries below do well by default for many programs and not for this one.
#pragma once

namespace roicast {

// To be called before other threads start.

// A batch of some hundred kilobytes arrives in buffers that live for a millisecond. By default their memory goes back
// to the system each time, and the page faults of the next batch cost as much as its prediction. Keeps up to 32 MiB a
// heap.
void KeepFreedMemory();

// The packaged Abseil looks for lock cycles at every lock, gRPC's too: that is for debugging, and not free.
void IgnoreLockCycles();

}  // namespace roicast
