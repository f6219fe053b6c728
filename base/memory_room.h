// Whether a budget has room for what is no prediction, without taking it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/memory_budget.h"

namespace roicast {

// Whether `bytes` more could be held without reaching into what is kept for predictions. Takes no lock.
inline bool HasRoomBesidePredictions(const MemoryBudget& memory, uint64_t bytes) {
  uint64_t held = bytes;
  for (size_t i = 0; i < kMemoryUses; ++i) {
    if (!ServesPredictions(static_cast<MemoryUse>(i))) held += memory.held(static_cast<MemoryUse>(i));
  }
  return held <= memory.bytes() - memory.prediction_reserve() && memory.HasRoomFor(bytes);
}

}  // namespace roicast
