// Counts what a test binary takes from the allocator: linking it replaces operator new and delete.
#pragma once

#include <cstdint>

namespace roicast::testing {

// False under sanitizers, which have operators of their own: nothing is counted then.
extern const bool kCountsMemory;

// Bytes that are held now, as the allocator rounds them.
int64_t MemoryTaken();
// The most that were held at once since the last ResetMostTaken.
int64_t MostMemoryTaken();
void ResetMostTaken();

}  // namespace roicast::testing
