#include "tests/testing/counted_memory.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<int64_t> taken{0}, most_taken{0};

}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROICAST_COUNTS_MEMORY false
#else
#define ROICAST_COUNTS_MEMORY true
void* operator new(size_t bytes) {
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) std::abort();
  const auto size = static_cast<int64_t>(malloc_usable_size(memory));
  const int64_t now = taken.fetch_add(size, std::memory_order_relaxed) + size;
  int64_t most = most_taken.load(std::memory_order_relaxed);
  while (now > most && !most_taken.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
  }
  return memory;
}

void operator delete(void* memory) noexcept {
  taken.fetch_sub(static_cast<int64_t>(malloc_usable_size(memory)), std::memory_order_relaxed);
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept { operator delete(memory); }
#endif

namespace roicast::testing {

const bool kCountsMemory = ROICAST_COUNTS_MEMORY;

int64_t MemoryTaken() { return taken.load(); }
int64_t MostMemoryTaken() { return most_taken.load(); }
void ResetMostTaken() { most_taken.store(taken.load()); }

}  // namespace roicast::testing
