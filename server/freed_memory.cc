#include "server/freed_memory.h"

#include <algorithm>

namespace roicast {
namespace {

uint64_t Beyond(uint64_t resident, uint64_t held) { return resident - std::min(resident, held); }

}  // namespace

bool FreedMemory::Due(uint64_t resident, uint64_t held, uint64_t recent) {
  beyond_ = Beyond(resident, held);
  least_ = std::min(least_, beyond_);
  least_since_ = std::min(least_since_, beyond_);
  // Each arena of the allocator keeps its own; together they may have more than was ever held at once.
  if (resident >= budget_ && beyond_ - least_ >= kWorthwhile) return true;
  const uint64_t comes_and_goes = recent - std::min(recent, held);
  const uint64_t much = std::max(kWorthwhile, 2 * comes_and_goes);
  ++since_;
  const bool may_be_freed = beyond_ - least_since_ >= much || (since_ >= patience_ && beyond_ - least_ >= much);
  calm_ = may_be_freed ? calm_ + 1 : 0;
  rest_ = comes_and_goes <= kLittle ? rest_ + 1 : 0;
  return calm_ >= kCalm || (rest_ == kRest && beyond_ - least_ >= kWorthwhileAtRest);
}

void FreedMemory::GaveBack(uint64_t resident, uint64_t held) {
  const uint64_t now = Beyond(resident, held);
  const bool worth = beyond_ - std::min(beyond_, now) >= kWorthwhile;
  patience_ = worth ? kPatience : std::min(2 * patience_, kMostPatience);
  least_since_ = now;
  calm_ = since_ = 0;
}

}  // namespace roicast
