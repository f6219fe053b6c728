#include "server/freed_memory.h"

#include <algorithm>

namespace roicast {

bool FreedMemory::Due(uint64_t resident, uint64_t held, uint64_t recent) {
  const uint64_t beyond = resident - std::min(resident, held);
  least_beyond_ = std::min(least_beyond_, beyond);
  const uint64_t comes_and_goes = recent - std::min(recent, held);
  const bool much = beyond - least_beyond_ >= std::max(kWorthwhile, 2 * comes_and_goes);
  calm_ = much ? calm_ + 1 : 0;
  return calm_ >= kCalm;
}

void FreedMemory::GaveBack(uint64_t resident, uint64_t held) {
  // If little came back, it is in use, and asking again would not help.
  least_beyond_ = resident - std::min(resident, held);
  calm_ = 0;
}

}  // namespace roicast
